/// The lines at the cursor that are drawn again in their place (ECMA-48: CUU, EL, ED).
package struct LiveRegion: Sendable {
  private var drawn = 0

  package init() {}

  /// What brings `live` in the place of what was drawn before, with `above` as lines that stay,
  /// over them. Every line is cut to the terminal's width: one that wraps would be two.
  package mutating func redraw(live: [String], above: [String] = [], columns: Int) -> String {
    var text = drawn > 0 ? "\u{1B}[\(drawn)A\r" : ""
    for line in above { text += line + "\u{1B}[K\n" }
    for line in live { text += Self.cut(line, to: columns - 1) + "\u{1B}[K\n" }
    if above.count + live.count < drawn { text += "\u{1B}[J" }
    drawn = live.count
    return text
  }

  /// What removes everything that was drawn.
  package mutating func erase() -> String {
    defer { drawn = 0 }
    return drawn > 0 ? "\u{1B}[\(drawn)A\r\u{1B}[J" : ""
  }

  /// Leaves what was drawn where it is: the next drawing begins below it.
  package mutating func leave() { drawn = 0 }

  /// Cuts a line that may hold colours.
  static func cut(_ line: String, to width: Int) -> String {
    guard line.utf8.contains(0x1B) else { return TextWidth.cut(line, to: width) }
    var visible = ""
    var colours = false
    var isEscape = false
    for scalar in line.unicodeScalars {
      if scalar.value == 0x1B { isEscape = true }
      if !isEscape { visible.unicodeScalars.append(scalar) }
      if isEscape, scalar == "m" {
        isEscape = false
        colours = true
      }
    }
    guard TextWidth.columns(of: visible) > width else { return line }
    return cutPainted(line, to: width) + (colours ? "\u{1B}[0m" : "")
  }

  private static func cutPainted(_ line: String, to width: Int) -> String {
    var result = ""
    var room = width - 1
    var isEscape = false
    for scalar in line.unicodeScalars {
      if scalar.value == 0x1B { isEscape = true }
      if !isEscape {
        room -= TextWidth.columns(of: String(scalar))
        if room < 0 { return result + "…" }
      }
      result.unicodeScalars.append(scalar)
      if isEscape, scalar == "m" { isEscape = false }
    }
    return result
  }
}
