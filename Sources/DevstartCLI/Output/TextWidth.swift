/// How much room texts take on a terminal: good enough for names, paths and reasons.
package enum TextWidth {
  /// Columns. Colours are no part of the text.
  package static func columns(of text: String) -> Int {
    if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
    return text.unicodeScalars.reduce(0) { $0 + columns(of: $1) }
  }

  /// The text cut to so many columns, with `…` where something is missing.
  package static func cut(_ text: String, to width: Int) -> String {
    guard columns(of: text) > width else { return text }
    guard width > 1 else { return width == 1 ? "…" : "" }
    var cut = String.UnicodeScalarView()
    var room = width - 1
    for scalar in text.unicodeScalars {
      room -= columns(of: scalar)
      if room < 0 { break }
      cut.append(scalar)
    }
    return String(cut) + "…"
  }

  /// The text in lines of at most so many columns, broken at blanks. A word that is longer has a
  /// line of its own, whole: half a path is none.
  package static func wrapped(_ text: String, first: Int, others: Int) -> [String] {
    guard columns(of: text) > first else { return [text] }
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
      let longer = line.isEmpty ? String(word) : line + " " + word
      if line.isEmpty || columns(of: longer) <= (lines.isEmpty ? first : others) {
        line = longer
      } else {
        while line.hasSuffix(" ") { line.removeLast() }
        lines.append(line)
        line = String(word)
      }
    }
    return lines + [line]
  }

  /// The same, with lines of equal width; one line where there is no edge.
  package static func wrapped(_ text: String, to width: Int?) -> [String] {
    width.map { wrapped(text, first: $0, others: $0) } ?? [text]
  }

  /// The text cut to so many columns, or with blanks after it, or before it.
  package static func fitted(_ text: String, to width: Int, atEnd: Bool) -> String {
    let missing = width - columns(of: text)
    if missing == 0 { return text }
    if missing < 0 { return fitted(cut(text, to: width), to: width, atEnd: atEnd) }
    let blanks = String(repeating: " ", count: missing)
    return atEnd ? blanks + text : text + blanks
  }

  /// The text with blanks after it.
  package static func padded(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - columns(of: text)))
  }

  /// The text with blanks before it.
  package static func aligned(_ text: String, to width: Int) -> String {
    String(repeating: " ", count: max(0, width - columns(of: text))) + text
  }

  /// On one line, without what a terminal would obey: texts come from processes of all kinds.
  package static func harmless(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { result.append(isControl(scalar) ? " " : scalar) }
    return String(result)
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
  }

  private static func columns(of scalar: Unicode.Scalar) -> Int {
    switch scalar.value {
    // Marks that combine with the letter before, joiners and variation selectors.
    case 0x300...0x36F, 0x200B...0x200F, 0x20D0...0x20FF, 0xFE00...0xFE0F: 0
    // Hangul, CJK, full-width forms and pictures (UAX #11: Wide).
    case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
      0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF,
      0x20000...0x3FFFD:
      2
    case _: 1
    }
  }
}
