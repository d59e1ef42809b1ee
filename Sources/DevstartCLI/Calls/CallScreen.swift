import DevstartControl
import DevstartCore
import DevstartPlatform

/// Shows a request on its way, and says what signals mean to it.
final class CallScreen: CallDelegate {
  /// What Ctrl-C does.
  enum Interruption {
    /// Stops what the call launched; a second one kills it.
    case cancels
    /// The same for every signal: what the call launched is not to outlive it.
    case cancelsAlways
    /// Kills what is being stopped by this request.
    case kills(StopRequest)
    /// Just leaves: what was begun goes on.
    case leaves
  }

  private let output: Output
  private let interruption: Interruption
  private var board: ServiceBoard
  private var region = LiveRegion()
  private var interruptions = 0
  private let follower: LogFollower?
  /// The first signal that came.
  private(set) var signal: Signal?
  var wasInterrupted: Bool { signal != nil }
  /// When the live lines were drawn last, and whether something changed since.
  private var drawnAt = Instant(nanoseconds: 0)
  private var isDirty = false

  /// More often, nobody can read it; a hundred services that start at once report at once.
  private static let leastPause = Duration.milliseconds(33)
  /// A wheel that turns shows that it goes on.
  private static let turn = Duration.milliseconds(100)

  init(
    output: Output, services: [Service], goal: ServiceBoard.Goal, interruption: Interruption,
    follower: LogFollower? = nil
  ) {
    self.output = output
    self.interruption = interruption
    self.follower = follower
    board = ServiceBoard(
      services: services, goal: goal, at: Clock.now(), style: output.style)
  }

  // MARK: CallDelegate

  var wakesAt: Instant? {
    if let follower, follower.hasMore { return Clock.now() }
    guard output.isLive else { return board.nextPlainMoment }
    if isDirty { return drawnAt + Self.leastPause }
    return board.isWaiting ? drawnAt + Self.turn : nil
  }

  func woke() {
    if let follower, follower.hasMore { follower.show() }
    show()
  }

  func received(_ progress: Progress) {
    let now = Clock.now()
    board.take(progress, at: now)
    isDirty = true
    if !output.isLive || now >= drawnAt + Self.leastPause { show() }
  }

  func received(_ status: StatusReply) {}

  func received(_ signal: Signal) -> CallDirective {
    if signal == .windowChange {
      show()
      return .carryOn
    }
    self.signal = self.signal ?? signal
    switch interruption {
    case .leaves: return .leave
    // A lost terminal stops nothing.
    case .cancels where signal == .hangUp: return .leave
    case .kills(var request):
      say("killing what is left")
      request.isForced = true
      return .send(.stop(request))
    case .cancels, .cancelsAlways: break
    }
    interruptions += 1
    say(
      interruptions == 1
        ? "stopping what was started; Ctrl-C again kills" : "killing what was started")
    return .send(.cancel(isForced: interruptions > 1))
  }

  var others: [any Waitable] { follower.map { [$0.watch] } ?? [] }

  func othersAreReady() { follower?.attend() }

  func noted(_ event: CallEvent) { say(CallWording.text(of: event)) }

  // MARK: Showing

  /// The answer has come: every service's last line.
  func finish(_ outcomes: [ServiceOutcome]) {
    board.finish(outcomes, at: Clock.now())
    guard output.isLive else { return show() }
    let columns = output.size.columns
    let lines = board.finalLines(columns: columns)
    output.bytes(region.redraw(live: [], above: lines, columns: columns).utf8)
    output.flush()
  }

  /// Nothing more is drawn here.
  func leave() { region.leave() }

  /// A line on standard error, above what is drawn.
  private func say(_ text: String) {
    output.bytes(region.erase(columns: output.size.columns).utf8)
    output.problem(text, .yellow)
    show()
  }

  private func show() {
    let now = Clock.now()
    drawnAt = now
    isDirty = false
    if output.isLive {
      let size = output.size
      let (above, live) = board.liveLines(
        at: now, rows: max(2, size.rows - 1), columns: size.columns)
      output.bytes(region.redraw(live: live, above: above, columns: size.columns).utf8)
      output.flush()
    } else if output.isJSON {
      for line in board.plainLines(at: now) where line.kind == .wait {
        output.problem(line.text, .yellow)
      }
    } else {
      for line in board.plainLines(at: now) {
        switch line.kind {
        case .wait: output.line("  " + line.text)
        case .result: output.line(line.text)
        // Where standard output is a file, people still see what went wrong.
        case .failure: output.located(line.text)
        }
      }
      output.flush()
    }
  }
}
