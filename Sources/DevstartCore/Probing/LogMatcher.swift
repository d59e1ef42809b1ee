/// Looks for a regular expression in what a service writes, as it is written, in whatever pieces.
/// It is matched against each line by itself, and against the last one even before it ends: a
/// prompt has no newline. (So `$` may match where a write ended in the middle of a line.)
///
/// A line is what a person would see of it: without colours and other escape sequences (ECMA-48,
/// section 5.4), without the CR of a CRLF; a CR in the middle begins it anew, as a progress bar
/// does. Bytes that are no UTF-8 stand as U+FFFD. Of a long line the first 2 kB are matched.
package struct LogMatcher {
  /// What is kept and matched of a line, in bytes. Regular expressions backtrack: for some the time
  /// grows with the square of this, to 0.1 s for `(\w+ )+ready`.
  package static let longestLine = 2048

  private let regex: Regex<AnyRegexOutput>
  private var escapes = EscapeFilter()
  /// The line so far, at most `longestLine` of it.
  private var line: [UInt8] = []
  /// Nothing was added to the line since it was matched.
  private var isTried = true
  /// A CR was the last byte: an LF makes one line end of both.
  private var isReturned = false

  /// nil where the text is no regular expression.
  package init?(_ pattern: String) {
    guard let regex = Pattern.compiled(pattern) else { return nil }
    self.regex = Pattern.compiled(Self.withoutLead(pattern)) ?? regex
  }

  /// The pattern without a `.*` or `.*?` that begins it: a match may begin anywhere, so it says
  /// nothing, and to try it from everywhere takes a hundred times as long.
  private static func withoutLead(_ pattern: String) -> String {
    guard pattern.hasPrefix(".*") else { return pattern }
    let rest = pattern.dropFirst(pattern.hasPrefix(".*?") ? 3 : 2)
    // Not where it is possessive or repeated.
    return rest.first.map { "*+?{".contains($0) } == true ? pattern : String(rest)
  }

  /// Takes what was written next; true once it has matched, and no more is to be taken then.
  package mutating func take(_ bytes: [UInt8]) -> Bool {
    for byte in bytes where escapes.isText(byte) {
      if byte == UInt8(ascii: "\n") {
        if endLine() { return true }
        continue
      }
      if isReturned, endLine() { return true }
      if byte == UInt8(ascii: "\r") {
        isReturned = true
      } else if line.count < Self.longestLine {
        line.append(byte)
        isTried = false
      }
    }
    return !isTried && matches()
  }

  private mutating func endLine() -> Bool {
    // An empty line is a line too.
    let isMatch = (!isTried || line.isEmpty) && matches()
    line.removeAll(keepingCapacity: true)
    isTried = true
    isReturned = false
    return isMatch
  }

  private mutating func matches() -> Bool {
    isTried = true
    return String(decoding: line, as: UTF8.self).firstMatch(of: regex) != nil
  }
}

/// Tells text from the escape sequences in it, byte by byte.
private struct EscapeFilter {
  private enum State {
    case text
    /// After ESC, and after the intermediate bytes that may follow it.
    case escape
    /// Within a control sequence: `ESC [ … letter`.
    case control
    /// Within a control string, such as a title: up to BEL or `ESC \`.
    case string
  }

  private var state = State.text

  /// Whether the byte is part of the text.
  mutating func isText(_ byte: UInt8) -> Bool {
    if state == .text, byte != 0x1B { return true }
    switch byte {
    case 0x1B: state = .escape
    case 0x07 where state == .string: state = .text
    // A line's end is never swallowed, whatever was not closed before it.
    case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
      state = .text
      return true
    case _: advance(byte)
    }
    return false
  }

  private mutating func advance(_ byte: UInt8) {
    switch (state, byte) {
    case (.escape, UInt8(ascii: "[")): state = .control
    case (.escape, UInt8(ascii: "]")), (.escape, UInt8(ascii: "P")), (.escape, UInt8(ascii: "X")),
      (.escape, UInt8(ascii: "^")), (.escape, UInt8(ascii: "_")):
      state = .string
    case (.escape, 0x20...0x2F), (.control, 0x20...0x3F), (.string, _): break
    case (.escape, _), (.control, _), (.text, _): state = .text
    }
  }
}
