/// `${VAR}`, `${VAR:-default}` and `$$` in strings. A `$` before anything else stays: shells
/// read `$x`.
extension ManifestDecoder {
  mutating func expanded(_ raw: String, at position: Position) -> String? {
    var text = raw
    let isPlain = text.withUTF8 { bytes in
      !bytes.contains { $0 == UInt8(ascii: "$") || $0 == 0 }
    }
    if isPlain { return text }
    guard !text.utf8.contains(0) else {
      problems.add(.zeroByte, at: position)
      return nil
    }
    return expandVariables(in: text, at: position)
  }

  private mutating func expandVariables(in text: String, at position: Position) -> String? {
    let dollar = UInt8(ascii: "$")
    var output: [UInt8] = []
    var rest = Array(text.utf8)[...]
    var isSound = true
    while let byte = rest.popFirst() {
      guard byte == dollar, let next = rest.first else {
        output.append(byte)
        continue
      }
      if next == dollar {
        output.append(dollar)
        rest.removeFirst()
      } else if next == UInt8(ascii: "{") {
        guard let end = rest.firstIndex(of: UInt8(ascii: "}")) else {
          problems.add(.unclosedVariable, at: position)
          return nil
        }
        let inside = String(decoding: rest[(rest.startIndex + 1)..<end], as: UTF8.self)
        rest = rest[(end + 1)...]
        if let value = value(of: inside, at: position) {
          output.append(contentsOf: value.utf8)
        } else {
          isSound = false
        }
      } else {
        output.append(dollar)
      }
    }
    return isSound ? String(decoding: output, as: UTF8.self) : nil
  }

  /// `inside` is what stands between the braces. As in shells, `:-` replaces an empty value too.
  private mutating func value(of inside: String, at position: Position) -> String? {
    let name = inside.prefix { $0 != ":" }
    let operation = inside[name.endIndex...]
    guard VariableName.isShellName(name), operation.isEmpty || operation.hasPrefix(":-"),
      // A default ends at the first brace, so it can hold no variable itself.
      !operation.utf8.contains(UInt8(ascii: "{"))
    else {
      problems.add(.strangeVariable(inside), at: position)
      return nil
    }
    let value = source.environment(String(name))
    if value?.isEmpty == false { borrowedVariables.insert(String(name)) }
    if operation.isEmpty {
      if value == nil { problems.add(.unsetVariable(String(name)), at: position) }
      return value
    }
    if let value, !value.isEmpty { return value }
    return String(operation.dropFirst(2))
  }
}

/// What environment variables may be called.
enum VariableName {
  /// Letters, digits and `_`, no digit first: what shells take.
  static func isShellName(_ name: some StringProtocol) -> Bool {
    guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
    return name.utf8.allSatisfy {
      (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
        || $0 == UInt8(ascii: "_")
    }
  }

  /// What environ(7) can hold: anything without `=` and zero bytes.
  static func isPossible(_ name: String) -> Bool {
    !name.isEmpty && !name.utf8.contains { $0 == UInt8(ascii: "=") || $0 == 0 }
  }
}
