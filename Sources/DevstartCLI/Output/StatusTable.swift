package import DevstartCore

/// The table of `status`.
package struct StatusTable: Sendable {
  private let style: Style
  /// nil where there is no edge.
  private let width: Int?
  /// Drawn again and again: a line for each service, whatever is cut off.
  private let isLive: Bool

  package init(style: Style, width: Int?, isLive: Bool = false) {
    self.style = style
    self.width = width
    self.isLive = isLive
  }

  private static let titles = ["NAME", "STATE", "PID", "UPTIME", "MEM", "CPU"]
  /// Names on the left, figures on the right.
  private static let isFigure = [false, false, true, true, true, true]
  /// The least that the last column is worth.
  private static let leastNotes = 12

  /// One line for each service, below the titles; `unlisted` come last. A reason that is longer
  /// than its column follows in lines of its own, indented, unless the table is live.
  package func lines(of listed: [ServiceStatus], unlisted: [ServiceStatus] = []) -> [String] {
    let services = unlisted.isEmpty ? listed : listed + unlisted
    let rows = services.map(cells)
    var widths = Self.titles.map { TextWidth.columns(of: $0) }
    for row in rows {
      for (column, cell) in row.enumerated() {
        widths[column] = max(widths[column], TextWidth.columns(of: cell))
      }
    }
    if let width {
      // A long name must not push out what the table is for.
      let others = widths.dropFirst().reduce(0, +) + 2 * widths.count
      widths[0] = min(widths[0], max(8, width - others - Self.leastNotes))
    }
    let title = line(Self.titles, widths: widths, notes: "PORTS, NOTES", colour: nil)
    let room = width.map { $0 - widths.reduce(0) { $0 + $1 + 2 } }
    return [style.paint(title, .dim)]
      + zip(services, rows).enumerated().flatMap { index, pair in
        let mark = index < listed.count ? "" : " *"
        let (notes, below) = fitted(self.notes(of: pair.0), mark, room: room)
        let line = line(
          pair.1, widths: widths, notes: notes, colour: colour(of: pair.0.state))
        return [line] + below
      }
  }

  /// What stands in the last column, and what below the row.
  private func fitted(
    _ notes: [String], _ mark: String, room: Int?
  ) -> (notes: String, below: [String]) {
    // Most have none.
    if notes.isEmpty { return (mark, []) }
    let whole = notes.joined(separator: "  ") + mark
    guard !isLive, let room, let width, TextWidth.columns(of: whole) > room, let last = notes.last
    else { return (whole, []) }
    let below = TextWidth.wrapped(last, to: width - 4).map { "    " + $0 }
    return (notes.dropLast().joined(separator: "  ") + mark, below)
  }

  private func line(
    _ cells: [String], widths: [Int], notes: String, colour: Style.Colour?
  ) -> String {
    // Bytes: to append to a text takes five times as long, and these are a thousand cells.
    var text: [UInt8] = []
    text.reserveCapacity(128)
    var columns = 0
    for (column, cell) in cells.enumerated() {
      let fitted = TextWidth.fitted(cell, to: widths[column], atEnd: Self.isFigure[column])
      let painted = column == 1 ? colour.map { style.paint(fitted, $0) } ?? fitted : fitted
      text.append(contentsOf: painted.utf8)
      text.append(UInt8(ascii: " "))
      text.append(UInt8(ascii: " "))
      columns += widths[column] + 2
    }
    if !notes.isEmpty {
      let room = width.map { max(0, $0 - columns) }
      text.append(contentsOf: (room.map { TextWidth.cut(notes, to: $0) } ?? notes).utf8)
    }
    while text.last == UInt8(ascii: " ") { text.removeLast() }
    return String(decoding: text, as: UTF8.self)
  }

  private func cells(of status: ServiceStatus) -> [String] {
    [
      TextWidth.harmless(status.name), status.state.rawValue,
      status.pid.map { String($0) } ?? "-",
      status.pid == nil ? "-" : status.uptimeSeconds.map(Figures.duration) ?? "-",
      status.memoryBytes.map(Figures.bytes) ?? "-",
      status.cpuPercent.map(Figures.percent) ?? "-",
    ]
  }

  /// The ports that it has or would have, and more, the reason last.
  private func notes(of status: ServiceStatus) -> [String] {
    var parts: [String] = []
    if !status.ports.isEmpty {
      parts.append(status.ports.map { ":\($0)" }.joined(separator: " "))
    }
    if status.restarts > 0 {
      parts.append(Figures.count(status.restarts, "restart", "restarts"))
    }
    if let left = status.remainingSeconds { parts.append("\(Figures.duration(left)) left") }
    if let exit = exit(of: status) { parts.append(exit) }
    if let reason = status.reason { parts.append(TextWidth.harmless(reason)) }
    return parts
  }

  /// That a stop took force; how it ended by itself, its reason says.
  private func exit(of status: ServiceStatus) -> String? {
    guard status.pid == nil, status.reason == nil, status.exit == .signal("KILL") else {
      return nil
    }
    return "ended by KILL"
  }

  private func colour(of state: ServiceState) -> Style.Colour {
    switch state {
    case .ready, .completed: .green
    case .failed, .unhealthy: .red
    case .waiting, .starting, .stopping, .backoff: .yellow
    case .stopped: .dim
    }
  }
}
