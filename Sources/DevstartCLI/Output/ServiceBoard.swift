package import DevstartCore

/// What a request does to each of its services, as it goes on: pure, so that a test needs neither
/// a terminal nor time.
package struct ServiceBoard: Sendable {
  /// Where the services are to get.
  package enum Goal: Sendable {
    case up, stopped
    /// The same, of a request that only waits for it.
    case isUp, isStopped

    var onlyWaits: Bool {
      switch self {
      case .isUp, .isStopped: true
      case .up, .stopped: false
      }
    }
  }

  private struct Row: Sendable {
    var name: String
    /// The latest that was heard, and since when that wait goes on.
    var progress: Progress?
    /// Main of the launch that was up when the request came.
    var earlier: Int32?
    var waitsSince: Instant
    /// When a long wait is said again.
    var saysWaitAt: Instant?
    var waitsSaid = 0
    var outcome: ServiceOutcome?
    var isPrinted = false
  }

  private var rows: [Row]
  private let goal: Goal
  private let beganAt: Instant
  private let style: Style
  private var nameWidth: Int
  /// Services whose readiness nobody checks.
  private let unchecked: Set<String>
  private let oneshots: Set<String>
  /// Services that are ready once a time has passed.
  private let delayed: Set<String>

  /// A wait as long as this is said where lines are not drawn again, then again, ever more rarely.
  private static let silences: [Duration] = [.seconds(1), .seconds(10), .seconds(30), .seconds(60)]
  private static let spinner = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"]

  package init(services: [Service], goal: Goal, at now: Instant, style: Style) {
    rows = services.map { Row(name: $0.name, waitsSince: now) }
    self.goal = goal
    beganAt = now
    self.style = style
    nameWidth = services.map { TextWidth.columns(of: $0.name) }.max() ?? 0
    oneshots = Set(services.filter(\.isOneshot).map(\.name))
    unchecked = Set(
      services.filter {
        if case .delay(_, chosen: false) = $0.readiness.check { true } else { false }
      }.map(\.name))
    delayed = Set(
      services.filter {
        if case .delay = $0.readiness.check { !$0.isOneshot } else { false }
      }.map(\.name))
  }

  /// A service got further.
  package mutating func take(_ progress: Progress, at now: Instant) {
    let index = row(of: progress.service, at: now)
    let before = rows[index].progress
    guard rows[index].outcome == nil else { return }
    rows[index].progress = progress
    if before == nil, [.ready, .unhealthy, .stopping].contains(progress.state) {
      rows[index].earlier = progress.pid
    }
    if before?.waitingFor != progress.waitingFor || before?.state != progress.state {
      rows[index].waitsSince = now
      rows[index].waitsSaid = 0
      rows[index].saysWaitAt = progress.waitingFor == nil ? nil : now + Self.silences[0]
    }
    // The state of an earlier launch is no end: something has to have happened before.
    if before != nil, let result = result(of: progress) {
      var outcome = ServiceOutcome(service: progress.service, result: result)
      outcome.pid = progress.pid
      if rows[index].earlier != progress.pid { outcome.replaced = rows[index].earlier }
      outcome.seconds = (now - beganAt).seconds
      if result == .ready, unchecked.contains(progress.service) {
        outcome.reason = "alive, not checked"
      }
      rows[index].outcome = outcome
      rows[index].saysWaitAt = nil
    }
  }

  /// The answer: what it says counts.
  package mutating func finish(_ outcomes: [ServiceOutcome], at now: Instant) {
    for outcome in outcomes { rows[row(of: outcome.service, at: now)].outcome = outcome }
    // What the answer does not mention had no part in the request.
    let mentioned = Set(outcomes.map(\.service))
    rows.removeAll { !mentioned.contains($0.name) && !$0.isPrinted }
    if !rows.contains(where: \.isPrinted) {
      nameWidth = rows.map { TextWidth.columns(of: $0.name) }.max() ?? 0
    }
  }

  private mutating func row(of name: String, at now: Instant) -> Int {
    if let index = rows.firstIndex(where: { $0.name == name }) { return index }
    rows.append(Row(name: name, waitsSince: now))
    return rows.count - 1
  }

  /// What is final before the answer comes. How a stop went, the answer alone can tell.
  private func result(of progress: Progress) -> ServiceOutcome.Result? {
    switch goal {
    case .stopped, .isStopped: return nil
    case .up, .isUp: break
    }
    switch progress.state {
    case .ready: return .ready
    // Anything else that ends by itself was to stay: the answer says why it is a failure.
    case .completed: return oneshots.contains(progress.service) ? .completed : nil
    case .stopped, .waiting, .starting, .unhealthy, .stopping, .backoff, .failed: return nil
    }
  }
}

// MARK: Lines

extension ServiceBoard {
  /// A line where lines are not drawn again.
  package struct PlainLine: Equatable, Sendable {
    package enum Kind: Sendable {
      /// Something goes on, and takes long.
      case wait
      /// It got where it should, or did not.
      case result, failure
    }

    package var text: String
    package var kind: Kind
  }

  /// In a pipe: what is final and was not said yet, and the waits that grew long.
  package mutating func plainLines(at now: Instant) -> [PlainLine] {
    var lines: [PlainLine] = []
    for index in rows.indices {
      if let outcome = rows[index].outcome {
        guard !rows[index].isPrinted else { continue }
        rows[index].isPrinted = true
        let isBad = OutcomeWording.mark(of: outcome) == .bad
        lines += self.lines(of: outcome, width: nil).map {
          PlainLine(text: $0, kind: isBad ? .failure : .result)
        }
      } else if let moment = rows[index].saysWaitAt, moment <= now {
        lines.append(PlainLine(text: waitLine(rows[index], at: now), kind: .wait))
        rows[index].waitsSaid = min(rows[index].waitsSaid + 1, Self.silences.count - 1)
        rows[index].saysWaitAt = now + Self.silences[rows[index].waitsSaid]
      }
    }
    return lines
  }

  /// When `plainLines` has something new although nothing happened.
  package var nextPlainMoment: Instant? { rows.compactMap(\.saysWaitAt).min() }

  /// Whether something is shown that grows with time.
  package var isWaiting: Bool { rows.contains(where: isUnderWay) }

  /// Something is going on with it, and not just its end or readiness told.
  private func isUnderWay(_ row: Row) -> Bool {
    guard row.outcome == nil, let state = row.progress?.state else { return false }
    switch state {
    case .waiting, .starting, .stopping, .backoff, .unhealthy: return true
    case .stopped, .ready, .failed, .completed: return false
    }
  }

  /// On a terminal: every service; where they are more than `rows`, what is final is given once,
  /// as `above`, wrapped to `columns`, and those that are under way as far as there is room.
  package mutating func liveLines(
    at now: Instant, rows most: Int, columns: Int
  ) -> (above: [String], live: [String]) {
    var above: [String] = []
    let all = rows.filter { !$0.isPrinted }.flatMap { self.liveLines(of: $0, at: now) }
    if all.count <= most { return ([], all) }
    for index in rows.indices where !rows[index].isPrinted {
      guard let outcome = rows[index].outcome else { continue }
      rows[index].isPrinted = true
      above += lines(of: outcome, width: columns - 1)
    }
    let active = rows.filter { $0.outcome == nil }
    let busy = active.filter { $0.progress != nil } + active.filter { $0.progress == nil }
    var live = busy.prefix(max(1, most - 1)).flatMap { liveLines(of: $0, at: now) }
    if busy.count > live.count { live.append("  … and \(busy.count - live.count) more") }
    return (above, live)
  }

  /// What stays on a terminal: the services' last lines, whole.
  package mutating func finalLines(columns: Int) -> [String] {
    var lines: [String] = []
    for index in rows.indices where !rows[index].isPrinted {
      guard let outcome = rows[index].outcome else { continue }
      rows[index].isPrinted = true
      lines += self.lines(of: outcome, width: columns - 1)
    }
    return lines
  }

  private func liveLines(of row: Row, at now: Instant) -> [String] {
    if let outcome = row.outcome { return lines(of: outcome, width: nil) }
    return [mark(of: row, at: now) + " " + liveText(of: row, at: now)]
  }

  private func mark(of row: Row, at now: Instant) -> String {
    if isUnderWay(row) {
      let tenths = Int(max(0, (now - beganAt).seconds) * 10)
      return style.paint(Self.spinner[tenths % Self.spinner.count], .yellow)
    }
    return row.progress?.state == .failed ? style.paint("✗", .red) : " "
  }

  private func liveText(of row: Row, at now: Instant) -> String {
    let name = TextWidth.padded(row.name, to: nameWidth)
    guard let progress = row.progress else { return style.paint(name, .dim) }
    guard isUnderWay(row) else { return "\(name)  \(progress.state.rawValue)" }
    let time = Figures.growing((now - row.waitsSince).seconds)
    let awaited = self.awaited(progress)
    let text =
      progress.state == .waiting && awaited != nil
      ? awaited ?? "" : progress.state.rawValue + (awaited.map { ", " + $0 } ?? "")
    return "\(name)  \(text) (\(time))"
  }

  /// `waiting for port 8000 to listen`, `0.20 s to pass`.
  private func awaited(_ progress: Progress) -> String? {
    progress.waitingFor.map { text in
      let isTime = progress.state == .starting && delayed.contains(progress.service)
      return (isTime ? "" : "waiting for ") + TextWidth.harmless(text)
    }
  }

  /// `bot: waiting for port 8000 to listen (1.2 s)`.
  private func waitLine(_ row: Row, at now: Instant) -> String {
    let time = Figures.growing((now - row.waitsSince).seconds)
    return "\(row.name): \(row.progress.flatMap(awaited) ?? "") (\(time))"
  }

  /// A service's last lines; with a `width`, in lines of so many columns.
  private func lines(of outcome: ServiceOutcome, width: Int?) -> [String] {
    let mark = OutcomeWording.mark(of: outcome)
    let name = TextWidth.padded(outcome.service, to: nameWidth)
    let head = "\(style.paint(mark.symbol, mark.colour)) \(style.paint(name, .bold))  "
    let text = OutcomeWording.text(of: outcome, onlyWaited: goal.onlyWaits)
    let details = OutcomeWording.details(of: outcome)
    guard let width else { return [head + text] + details.map { "    " + $0 } }
    let wrapped = TextWidth.wrapped(
      text, first: width - 4 - TextWidth.columns(of: name), others: width - 4)
    return [head + (wrapped.first ?? "")] + wrapped.dropFirst().map { "    " + $0 }
      + details.flatMap { detail in
        let lines = TextWidth.wrapped(detail, first: width - 4, others: width - 6)
        return lines.prefix(1).map { "    " + $0 } + lines.dropFirst().map { "      " + $0 }
      }
  }
}
