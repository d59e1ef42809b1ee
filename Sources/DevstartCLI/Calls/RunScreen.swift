import DevstartControl
import DevstartCore
import DevstartPlatform

/// What `run` sees and shows while its services are up: their logs, and how they change.
final class RunScreen: CallDelegate {
  private let request: StartRequest
  private let lease: Request
  private let client: ControlClient
  private let output: Output
  private let follower: LogFollower
  private let manager: ServiceManager
  /// As it was told last.
  private var states: [String: ServiceState] = [:]
  private var nextBeat: Instant?
  /// Whether the supervisor's next word is an answer that the service manager waits for.
  private var isAsked = false
  /// The one that ends the run.
  private(set) var signal: Signal?
  private var haveEnded = false

  init(
    request: StartRequest, reply: OperationReply, client: ControlClient, output: Output,
    follower: LogFollower, manager: ServiceManager
  ) {
    self.request = request
    lease = .lease(launches: reply.launched.compactMap(\.launch))
    self.client = client
    self.output = output
    self.follower = follower
    self.manager = manager
    for outcome in reply.services {
      states[outcome.service] = outcome.result == .completed ? .completed : .ready
    }
  }

  /// Until the targets have ended, a signal came, or nobody reads the output any more.
  func hold() throws(CommandFailure) {
    manager.say([.ready, .status(statusText)])
    nextBeat = manager.interval.map { _ in Clock.now() }
    do {
      try client.hold([lease, .watch], delegate: self) { isOver }
    } catch {
      throw CallWording.failure(of: error)
    }
    if output.loss == .readerGone { output.problem("nobody reads the output any more") }
  }

  /// A target that is down for good has failed.
  var hasFailed: Bool { request.targets.contains { states[$0] == .failed } }

  /// A full disk is no reason to end what runs.
  private var isOver: Bool { signal != nil || haveEnded || output.loss == .readerGone }

  // MARK: CallDelegate

  /// Who has put it into the background, and gets no signal from a terminal that is lost, wants
  /// it to stay.
  private var readers: [OutputReader] { output.reader.isTerminal ? [] : [output.reader] }

  var others: [any Waitable] { [follower.watch] + readers }

  func othersAreReady() {
    follower.attend()
    if !readers.isEmpty { output.lookForReader() }
  }

  var wakesAt: Instant? { follower.hasMore ? Clock.now() : nextBeat }

  func woke() {
    if follower.hasMore { follower.show() }
    if let nextBeat, nextBeat <= Clock.now() { beat() }
  }

  /// The supervisor's answer is the proof that it lives.
  private func beat() {
    guard let interval = manager.interval else { return }
    nextBeat = Clock.now() + interval
    isAsked = true
    client.watchAgain()
  }

  func received(_ progress: Progress) {}

  func received(_ status: StatusReply) {
    if isAsked { manager.say([.heartbeat]) }
    isAsked = false
    let before = statusText
    for service in request.services {
      // What the supervisor does not know runs no more.
      let now =
        status.services.first { $0.name == service.name } ?? ServiceStatus(name: service.name)
      let last = states.updateValue(now.state, forKey: service.name)
      if last != now.state { tell(now) }
    }
    if statusText != before { manager.say([.status(statusText)]) }
    haveEnded = request.targets.allSatisfy { name in
      request.services.first { $0.name == name }.map(hasEnded) ?? true
    }
  }

  func received(_ signal: Signal) -> CallDirective {
    if signal != .windowChange { self.signal = self.signal ?? signal }
    return .carryOn
  }

  func noted(_ event: CallEvent) { output.problem(CallWording.text(of: event), .yellow) }

  // MARK: What it means

  private func hasEnded(_ service: Service) -> Bool {
    switch states[service.name] {
    case .stopped, nil: true
    // It is launched again when its files change.
    case .failed, .completed: service.watch.map { $0.signal != nil } ?? true
    case .waiting, .starting, .ready, .unhealthy, .stopping, .backoff: false
    }
  }

  private func tell(_ status: ServiceStatus) {
    let reason = status.reason.map { ": " + TextWidth.harmless($0) } ?? ""
    switch status.state {
    case .failed, .stopped, .completed, .backoff:
      // What it wrote at last stands before the news of its end.
      follower.showEnd(of: status.name)
    case .unhealthy, .ready, .waiting, .starting, .stopping: break
    }
    switch status.state {
    case .failed: output.problem("'\(status.name)' failed\(reason)")
    case .stopped, .completed, .unhealthy, .backoff:
      output.problem("'\(status.name)' is \(Self.word(of: status.state))\(reason)", .yellow)
    case .ready: output.problem("'\(status.name)' is ready", .green)
    case .waiting, .starting, .stopping: break
    }
  }

  private static func word(of state: ServiceState) -> String {
    state == .backoff ? "to be launched again" : state.rawValue
  }

  private var statusText: String {
    let up = request.services.count { [.ready, .completed].contains(states[$0.name]) }
    return "\(up) of \(Figures.count(request.services.count, "service", "services")) up"
  }
}
