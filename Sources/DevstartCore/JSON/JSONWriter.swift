extension JSON {
  /// The value as UTF-8 on one line, without blanks.
  package var bytes: [UInt8] {
    var output: [UInt8] = []
    write(into: &output, indentation: nil)
    return output
  }

  /// The value as text for people: two blanks a level.
  package var indentedText: String {
    String(decoding: indentedBytes, as: UTF8.self)
  }

  /// The same as UTF-8.
  package var indentedBytes: [UInt8] {
    var output: [UInt8] = []
    write(into: &output, indentation: 0)
    return output
  }

  private func write(into output: inout [UInt8], indentation: Int?) {
    switch kind {
    case .null: output.append(contentsOf: "null".utf8)
    case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
    case .integer(let value): Self.write(value, into: &output)
    // JSON has no word for what is not finite (RFC 8259, section 6).
    case .number(let value):
      output.append(contentsOf: (value.isFinite ? value.description : "null").utf8)
    case .string(let value): Self.write(value, into: &output)
    case .array(let values):
      Self.writeList(values, brackets: ("[", "]"), into: &output, indentation: indentation) {
        $0.write(into: &$1, indentation: $2)
      }
    case .object(let members):
      Self.writeList(members, brackets: ("{", "}"), into: &output, indentation: indentation) {
        Self.write($0.key, into: &$1)
        $1.append(contentsOf: ($2 == nil ? ":" : ": ").utf8)
        $0.value.write(into: &$1, indentation: $2)
      }
    }
  }

  private static func writeList<Element>(
    _ elements: [Element], brackets: (String, String), into output: inout [UInt8],
    indentation: Int?, element write: (Element, inout [UInt8], Int?) -> Void
  ) {
    output.append(contentsOf: brackets.0.utf8)
    let inner = elements.isEmpty ? nil : indentation.map { $0 + 2 }
    for (position, element) in elements.enumerated() {
      if position > 0 { output.append(UInt8(ascii: ",")) }
      breakLine(into: &output, indentation: inner)
      write(element, &output, inner)
    }
    breakLine(into: &output, indentation: elements.isEmpty ? nil : indentation)
    output.append(contentsOf: brackets.1.utf8)
  }

  private static func breakLine(into output: inout [UInt8], indentation: Int?) {
    guard let indentation else { return }
    output.append(UInt8(ascii: "\n"))
    output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: indentation))
  }

  private static func write(_ number: Int, into output: inout [UInt8]) {
    if number < 0 { output.append(UInt8(ascii: "-")) }
    var rest = number.magnitude
    let start = output.count
    repeat {
      output.append(UInt8(ascii: "0") + UInt8(rest % 10))
      rest /= 10
    } while rest > 0
    output[start...].reverse()
  }

  private static func write(_ text: String, into output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    defer { output.append(UInt8(ascii: "\"")) }
    // Most texts need no escape: take their bytes as they are.
    let isPlain = text.utf8.allSatisfy { byte in
      byte >= 0x20 && byte != 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }
    if isPlain { return output.append(contentsOf: text.utf8) }
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): output.append(contentsOf: #"\""#.utf8)
      case UInt8(ascii: "\\"): output.append(contentsOf: #"\\"#.utf8)
      case 0x0A: output.append(contentsOf: #"\n"#.utf8)
      case 0x0D: output.append(contentsOf: #"\r"#.utf8)
      case 0x09: output.append(contentsOf: #"\t"#.utf8)
      case 0..<0x20, 0x7F:
        let digits = String(byte, radix: 16)
        output.append(contentsOf: (byte < 0x10 ? "\\u000" : "\\u00").utf8)
        output.append(contentsOf: digits.utf8)
      default: output.append(byte)
      }
    }
  }
}
