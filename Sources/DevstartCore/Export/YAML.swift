/// JSON values as YAML 1.2 (and 1.1) text: maps and lists in blocks, every string in double
/// quotes, with every character escaped that some reader would take as a line's end or refuse.
enum YAML {
  /// The value's lines, `indent` blanks before each.
  static func lines(_ value: JSON, indent: Int = 0) -> [String] {
    let blanks = String(repeating: " ", count: indent)
    if let members = value.members, !members.isEmpty {
      return members.flatMap { member in
        let key = blanks + key(member.key) + ":"
        guard isBlock(member.value) else { return ["\(key) \(inline(member.value))"] }
        return [key] + lines(member.value, indent: indent + 2)
      }
    }
    if let elements = value.array, isBlock(value) {
      return elements.flatMap { element in
        guard isBlock(element) else { return ["\(blanks)- \(inline(element))"] }
        var lines = lines(element, indent: indent + 2)
        lines[0] = blanks + "- " + lines[0].dropFirst(indent + 2)
        return lines
      }
    }
    return [blanks + inline(value)]
  }

  /// A list of plain values is written in one line.
  private static func isBlock(_ value: JSON) -> Bool {
    switch value.kind {
    case .null, .bool, .integer, .number, .string: false
    case .array(let elements): elements.contains { $0.members != nil || $0.array != nil }
    case .object(let members): !members.isEmpty
    }
  }

  private static func inline(_ value: JSON) -> String {
    switch value.kind {
    case .null, .bool, .integer, .number: String(decoding: value.bytes, as: UTF8.self)
    case .string(let text): quoted(text)
    case .array(let elements): "[" + elements.map(inline).joined(separator: ", ") + "]"
    case .object: "{}"
    }
  }

  /// Words that YAML 1.1 takes for something else than a string.
  private static let notStrings: Set<String> = [
    "y", "n", "yes", "no", "true", "false", "on", "off", "null",
  ]

  static func key(_ text: String) -> String {
    let isPlain =
      text.utf8.first.map { (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) } == true
      && text.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "/"): true
        default: false
        }
      }
    return isPlain && !notStrings.contains(text.lowercased()) ? text : quoted(text)
  }

  static func quoted(_ text: String) -> String {
    "\"" + text.unicodeScalars.map(escaped).joined() + "\""
  }

  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\"": #"\""#
    case "\\": #"\\"#
    case "\n": #"\n"#
    case "\t": #"\t"#
    case "\r": #"\r"#
    case _ where !isPrintable(scalar):
      scalar.value > 0xFFFF
        ? #"\U"# + digits(scalar, count: 8) : #"\u"# + digits(scalar, count: 4)
    case _: String(scalar)
    }
  }

  private static func digits(_ scalar: Unicode.Scalar, count: Int) -> String {
    let digits = String(scalar.value, radix: 16)
    return String(repeating: "0", count: count - digits.count) + digits
  }

  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F...0x9F: false
    // Line and paragraph separators; the byte order mark; what is no character at all.
    case 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF: false
    case let value: value & 0xFFFE != 0xFFFE
    }
  }
}

extension JSON {
  /// An object of these members, without those that are nil or null.
  static func object(_ members: [(String, JSON?)]) -> JSON {
    JSON(
      .object(
        members.compactMap { key, value in
          value.flatMap { $0.isNull ? nil : Member(key: key, value: $0) }
        }))
  }

  /// The same with every `$` of every string doubled; keys stay.
  var withDoubledDollars: JSON {
    switch kind {
    case .null, .bool, .integer, .number: self
    case .string(let text): JSON(text.replacing("$", with: "$$"))
    case .array(let elements): JSON(elements.map(\.withDoubledDollars))
    case .object(let members):
      JSON(.object(members.map { Member(key: $0.key, value: $0.value.withDoubledDollars) }))
    }
  }
}
