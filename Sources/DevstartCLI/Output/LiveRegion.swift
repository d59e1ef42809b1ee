/// The lines at the cursor that are drawn again in their place (ECMA-48: CUU, EL, ED).
package struct LiveRegion: Sendable {
  /// How many columns each line took that was drawn.
  private var drawn: [Int] = []

  package init() {}

  /// What brings `live` in the place of what was drawn before, with `above` as lines that stay,
  /// over them. Every line is cut to the terminal's width: one that wraps would be two.
  package mutating func redraw(live: [String], above: [String] = [], columns: Int) -> String {
    let live = live.map { Self.cut($0, to: columns - 1) }
    let rows = rows(in: columns)
    var text = rows > 0 ? "\u{1B}[\(rows)A\r" : ""
    for line in above + live { text += line + "\u{1B}[K\n" }
    if above.count + live.count < rows { text += "\u{1B}[J" }
    drawn = live.map { TextWidth.columns(of: Self.visible($0)) }
    return text
  }

  /// What removes everything that was drawn.
  package mutating func erase(columns: Int) -> String {
    defer { drawn = [] }
    let rows = rows(in: columns)
    return rows > 0 ? "\u{1B}[\(rows)A\r\u{1B}[J" : ""
  }

  /// How many rows of the terminal they take: in one that has become narrower since they were
  /// drawn, they are wrapped by now.
  private func rows(in columns: Int) -> Int {
    drawn.reduce(0) { $0 + max(1, ($1 + columns - 1) / max(1, columns)) }
  }

  /// Leaves what was drawn where it is: the next drawing begins below it.
  package mutating func leave() { drawn = [] }

  /// Cuts a line that may hold colours.
  static func cut(_ line: String, to width: Int) -> String {
    guard line.utf8.contains(0x1B) else { return TextWidth.cut(line, to: width) }
    guard TextWidth.columns(of: visible(line)) > width else { return line }
    return cutPainted(line, to: width) + "\u{1B}[0m"
  }

  /// A line without its colours.
  private static func visible(_ line: String) -> String {
    guard line.utf8.contains(0x1B) else { return line }
    var visible = String.UnicodeScalarView()
    var isEscape = false
    for scalar in line.unicodeScalars {
      if scalar.value == 0x1B { isEscape = true }
      if !isEscape { visible.append(scalar) }
      if scalar == "m" { isEscape = false }
    }
    return String(visible)
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
