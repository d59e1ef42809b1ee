package import DevstartCore

/// The table of `status`.
package struct StatusTable: Sendable {
  private let style: Style
  /// nil where there is no edge.
  private let width: Int?

  package init(style: Style, width: Int?) {
    self.style = style
    self.width = width
  }

  private static let titles = ["NAME", "STATE", "PID", "UPTIME", "MEM", "CPU"]
  /// Names on the left, figures on the right.
  private static let isFigure = [false, false, true, true, true, true]
  /// The least that the last column is worth.
  private static let leastNotes = 12

  /// One line for each service, below the titles; `unlisted` come last.
  package func lines(of listed: [ServiceStatus], unlisted: [ServiceStatus] = []) -> [String] {
    let services = listed + unlisted
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
    return [style.paint(title, .dim)]
      + zip(services, rows).enumerated().map { index, pair in
        let mark = index < listed.count ? "" : " *"
        return line(
          pair.1, widths: widths, notes: notes(of: pair.0) + mark, colour: colour(of: pair.0.state))
      }
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

  /// The reason, and the ports that it has or would have.
  private func notes(of status: ServiceStatus) -> String {
    var parts: [String] = []
    if !status.ports.isEmpty {
      parts.append(status.ports.map { ":\($0)" }.joined(separator: " "))
    }
    if status.restarts > 0 {
      parts.append(Figures.count(status.restarts, "restart", "restarts"))
    }
    if let exit = exit(of: status) { parts.append(exit) }
    if let reason = status.reason { parts.append(TextWidth.harmless(reason)) }
    return parts.count > 1 ? parts.joined(separator: "  ") : parts.first ?? ""
  }

  /// How it ended, where its reason does not say it.
  private func exit(of status: ServiceStatus) -> String? {
    guard status.pid == nil, status.reason == nil else { return nil }
    switch status.exit {
    case .code(let code): return code == 0 ? nil : "exit code \(code)"
    case .signal(let name): return "ended by \(name)"
    case .unknown: return "ended, nobody saw how"
    case nil: return nil
    }
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
