import DevstartControl
import DevstartCore
import DevstartPlatform
import TestSupport
import Testing

/// A command's side of the conversation.
@Suite struct ControlClientTests {
  /// Asks again as soon as it may, as `run` does for a watchdog; and is the supervisor, which
  /// answers only then.
  private final class Beating: CallDelegate {
    let client: ControlClient
    let answer: () -> Void
    private(set) var hasBeaten = false
    private(set) var statuses = 0
    /// Later than that the answer was missed.
    private let limit = Clock.now() + .seconds(5)

    init(_ client: ControlClient, answer: @escaping () -> Void) {
      self.client = client
      self.answer = answer
    }

    var wakesAt: Instant? { hasBeaten ? limit : Clock.now() }
    var leaves: Bool { Clock.now() >= limit }

    func woke() {
      guard !hasBeaten else { return }
      hasBeaten = true
      client.watchAgain()
      answer()
    }

    func received(_ progress: Progress) {}
    func received(_ status: StatusReply) { statuses += 1 }
    func received(_ signal: Signal) -> CallDirective { .carryOn }
    func noted(_ event: CallEvent) {}
  }

  @Test func `who asks again while an answer is awaited still gets that`() throws {
    let project = try Project()
    defer { Files.remove(project.base) }
    let logs = project.path("logs")
    let folder = try ControlFolder.make(inLogs: logs)
    var listener = try ControlListener.listen(in: folder, project: "p", runtimeFolder: nil)
    let client = ControlClient(
      address: SupervisorAddress(manifestPath: "", logs: logs, environment: []),
      startsSupervisor: false, takesSignals: false)
    #expect(try client.isReachable())
    guard let accepted = listener.accept(orSay: []) else {
      Issue.record("nobody has connected")
      return
    }
    let server = ServerConnection(SocketStream(accepted))
    let delegate = Beating(client) {
      server.queue(Envelope.result(id: 1, OperationReply(verdict: .done).json).line)
      server.queue(Envelope.status(StatusReply(supervisor: nil, services: [])).line)
      #expect(server.flush())
    }
    var hasSeen = false
    try client.hold([.lease(launches: []), .watch], delegate: delegate) {
      hasSeen = delegate.statuses > 0
      return hasSeen
    }
    #expect(delegate.hasBeaten && hasSeen)
  }
}
