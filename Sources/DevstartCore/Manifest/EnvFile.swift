/// The content of an environment file: `NAME=value` lines, `export` before them, comments, quotes.
package struct EnvFile: Equatable, Sendable {
  /// What is wrong with one line, counted from 1.
  package struct Problem: Equatable, Sendable {
    package var line: Int
    package var text: String
  }

  /// In the file's order; of a repeated name the last counts.
  package private(set) var variables: [(name: String, value: String)] = []
  package private(set) var problems: [Problem] = []

  /// Never fails as a whole: the lines that make no sense are `problems`.
  package init(_ bytes: [UInt8]) {
    for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated()
    {
      let start = index == 0 && line.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
      guard let text = String(validating: line.dropFirst(start), as: UTF8.self) else {
        problems.append(Problem(line: index + 1, text: "not valid UTF-8"))
        continue
      }
      do {
        if let variable = try Self.variable(text) { variables.append(variable) }
      } catch {
        problems.append(Problem(line: index + 1, text: error.text))
      }
    }
  }

  package static func == (left: EnvFile, right: EnvFile) -> Bool {
    left.problems == right.problems
      && left.variables.elementsEqual(right.variables) { $0 == $1 }
  }

  private struct LineError: Error {
    var text: String
  }

  /// nil for a blank line or a comment.
  private static func variable(
    _ line: String
  ) throws(LineError) -> (name: String, value: String)? {
    var rest = line.trimmingBlanks
    guard !rest.isEmpty, rest.utf8.first != UInt8(ascii: "#") else { return nil }
    if rest.hasPrefix("export "), rest.utf8.contains(UInt8(ascii: "=")) {
      rest = rest.dropFirst(7).trimmingBlanks
    }
    guard let equals = rest.utf8.firstIndex(of: UInt8(ascii: "=")) else {
      throw LineError(text: "no '='; a line is NAME=value")
    }
    let name = rest[..<equals].trimmingBlanks
    guard VariableName.isShellName(name) else {
      throw LineError(text: "'\(name)' is no variable's name: letters, digits and _")
    }
    let value = try value(rest[rest.utf8.index(after: equals)...].trimmingBlanks)
    guard !value.utf8.contains(0) else { throw LineError(text: "a zero byte in the value") }
    return (String(name), value)
  }

  private static func value(_ text: Substring) throws(LineError) -> String {
    switch text.utf8.first {
    case UInt8(ascii: "'"): try quoted(text, by: UInt8(ascii: "'"))
    case UInt8(ascii: "\""): try quoted(text, by: UInt8(ascii: "\""))
    default: withoutComment(text)
    }
  }

  /// An unquoted value ends before a `#` that follows a blank.
  private static func withoutComment(_ text: Substring) -> String {
    var previous = UInt8(ascii: " ")
    for index in text.utf8.indices {
      let byte = text.utf8[index]
      if byte == UInt8(ascii: "#"), previous == 0x20 || previous == 0x09 {
        return String(text[..<index].trimmingBlanks)
      }
      previous = byte
    }
    return String(text)
  }

  /// Single quotes take everything as it is; in double quotes a backslash escapes.
  private static func quoted(_ text: Substring, by quote: UInt8) throws(LineError) -> String {
    var output: [UInt8] = []
    var rest = text.utf8.dropFirst()
    while let byte = rest.popFirst() {
      if byte == quote {
        let after = Substring(rest).trimmingBlanks
        guard after.isEmpty || after.utf8.first == UInt8(ascii: "#") else {
          throw LineError(text: "text after the closing quote")
        }
        return String(decoding: output, as: UTF8.self)
      }
      guard byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\""), let next = rest.popFirst()
      else {
        output.append(byte)
        continue
      }
      switch next {
      case UInt8(ascii: "n"): output.append(0x0A)
      case UInt8(ascii: "t"): output.append(0x09)
      case UInt8(ascii: "r"): output.append(0x0D)
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "$"): output.append(next)
      default: output += [byte, next]
      }
    }
    throw LineError(text: "the quote is never closed")
  }
}

extension StringProtocol where SubSequence == Substring, UTF8View: BidirectionalCollection {
  /// Without the blanks, tabs and carriage returns at both ends.
  var trimmingBlanks: Substring {
    func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
    guard let first = utf8.firstIndex(where: { !isBlank($0) }),
      let last = utf8.lastIndex(where: { !isBlank($0) })
    else { return self[endIndex...] }
    return self[first..<utf8.index(after: last)]
  }
}
