/// As much of a terminal as the live lines use: lines, a cursor, and three escape sequences.
struct FakeTerminal {
  private(set) var columns: Int
  private(set) var lines: [String] = [""]
  private var row = 0
  private var column = 0

  init(columns: Int) { self.columns = columns }

  mutating func write(_ text: String) {
    var rest = text.unicodeScalars[...]
    while let scalar = rest.popFirst() {
      switch scalar {
      case "\u{1B}":
        let digits = rest.dropFirst().prefix { ("0"..."9").contains($0) || $0 == ";" }
        rest = rest.dropFirst(1 + digits.count)
        obey(rest.popFirst() ?? "m", Int(String(String.UnicodeScalarView(digits))) ?? 0)
      case "\r": column = 0
      case "\n":
        row += 1
        column = 0
        while lines.count <= row { lines.append("") }
      default: put(scalar)
      }
    }
  }

  /// Becomes narrower: lines are wrapped, as most terminals do; the cursor is in the last one.
  mutating func narrow(to columns: Int) {
    self.columns = columns
    lines = lines.flatMap { line in
      stride(from: 0, to: max(1, line.count), by: columns).map {
        String(line.dropFirst($0).prefix(columns))
      }
    }
    row = lines.count - 1
  }

  private mutating func obey(_ command: Unicode.Scalar, _ count: Int) {
    switch command {
    case "A": row = max(0, row - max(1, count))
    case "K": lines[row] = String(lines[row].prefix(column))
    case "J":
      lines[row] = String(lines[row].prefix(column))
      lines.removeLast(lines.count - row - 1)
    default: break  // Colours.
    }
  }

  private mutating func put(_ scalar: Unicode.Scalar) {
    if column == columns {
      row += 1
      column = 0
      while lines.count <= row { lines.append("") }
    }
    var line = Array(lines[row])
    while line.count <= column { line.append(" ") }
    line[column] = Character(scalar)
    lines[row] = String(line)
    column += 1
  }
}
