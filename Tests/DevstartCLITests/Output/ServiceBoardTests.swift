import DevstartCLI
import DevstartCore
import Testing

@Suite struct ServiceBoardTests {
  private let start = Instant(nanoseconds: 1_000_000_000)

  private func service(_ name: String, checked: Bool = true) -> Service {
    Service(
      name: name, command: .arguments(["x"]), workingDirectory: "/", match: [],
      readiness: .byDefault(ports: checked ? [80] : []))
  }

  private func board(
    _ names: [String], checked: Bool = true, goal: ServiceBoard.Goal = .up
  ) -> ServiceBoard {
    ServiceBoard(
      services: names.map { service($0, checked: checked) }, goal: goal, at: start,
      style: Style(isColoured: false))
  }

  private func progress(
    _ name: String, _ state: ServiceState, _ waitingFor: String? = nil
  ) -> Progress {
    Progress(service: name, state: state, pid: 4720, waitingFor: waitingFor)
  }

  private func at(_ milliseconds: Int) -> Instant { start + .milliseconds(milliseconds) }

  @Test func `a pipe gets one line when a service is ready`() {
    var board = board(["bot"])
    board.take(progress("bot", .starting, "port 80 to listen"), at: at(10))
    #expect(board.plainLines(at: at(20)).isEmpty)
    board.take(progress("bot", .ready), at: at(210))
    #expect(board.plainLines(at: at(211)).map(\.text) == ["✓ bot  ready in 0.21 s  pid 4720"])
    #expect(board.plainLines(at: at(212)).isEmpty)
    board.finish([ServiceOutcome(service: "bot", result: .ready)], at: at(220))
    #expect(board.plainLines(at: at(221)).isEmpty)
  }

  @Test func `the state of an earlier launch is no end`() {
    var board = board(["bot"])
    board.take(progress("bot", .ready), at: at(1))
    #expect(board.plainLines(at: at(2)).isEmpty)
    board.take(progress("bot", .stopping), at: at(3))
    board.take(progress("bot", .stopped), at: at(4))
    board.take(progress("bot", .starting), at: at(5))
    #expect(board.plainLines(at: at(6)).isEmpty)
    board.take(progress("bot", .ready), at: at(7))
    #expect(board.plainLines(at: at(8)).count == 1)
  }

  @Test func `readiness that nobody checked is said to be so`() {
    var board = board(["bot"], checked: false)
    board.take(progress("bot", .starting), at: at(0))
    board.take(progress("bot", .ready), at: at(200))
    #expect(
      board.plainLines(at: at(200)).map(\.text)
        == ["✓ bot  ready in 0.20 s  pid 4720  (alive, not checked)"])
  }

  @Test func `a wait of a second is said once, then ever more rarely`() {
    var board = board(["bot"])
    board.take(progress("bot", .starting, "port 8000 to listen"), at: at(0))
    #expect(board.nextPlainMoment == at(1000))
    #expect(board.plainLines(at: at(999)).isEmpty)
    let lines = board.plainLines(at: at(1200))
    #expect(lines.map(\.text) == ["bot: waiting for port 8000 to listen (1.2 s)"])
    #expect(lines.map(\.isWait) == [true])
    #expect(board.plainLines(at: at(1300)).isEmpty)
    #expect(board.nextPlainMoment == at(11_200))
    #expect(board.plainLines(at: at(11_200)).count == 1)
    #expect(board.nextPlainMoment == at(41_200))
    board.take(progress("bot", .ready), at: at(12_000))
    #expect(board.nextPlainMoment == nil)
  }

  @Test func `the same wait told twice goes on, another one begins`() {
    var board = board(["bot"])
    board.take(progress("bot", .starting, "a"), at: at(0))
    board.take(progress("bot", .starting, "a"), at: at(900))
    #expect(board.nextPlainMoment == at(1000))
    board.take(progress("bot", .starting, "b"), at: at(950))
    #expect(board.nextPlainMoment == at(1950))
  }

  @Test func `the answer's lines have reasons, survivors and what was spared`() {
    var board = board(["db", "bot"])
    var failed = ServiceOutcome(service: "bot", result: .failed)
    failed.seconds = 0.4
    failed.reason = "exited with code 3\u{1B}[2J"
    failed.survivors = [
      ReportedProcess(
        pid: 7, service: "bot", user: "anna", command: "node server.js", reason: "stopped by STOP",
        startedAt: 0, memoryBytes: 0)
    ]
    var kept = ServiceOutcome(service: "db", result: .kept)
    kept.pid = 9
    board.finish([kept, failed], at: at(400))
    #expect(
      board.plainLines(at: at(400)).map(\.text) == [
        "· db   runs already  pid 9  (left as it is)",
        "✗ bot  failed after 0.40 s: exited with code 3 [2J",
        "    still alive: pid 7 of anna (node server.js): stopped by STOP",
      ])
  }

  @Test func `how a stop went is told by its answer alone`() {
    var board = board(["bot"], goal: .stopped)
    board.take(progress("bot", .stopping), at: at(0))
    board.take(progress("bot", .stopped), at: at(5))
    #expect(board.plainLines(at: at(5)).isEmpty)
    var outcome = ServiceOutcome(service: "bot", result: .stopped)
    outcome.signal = .kill
    outcome.seconds = 10.04
    board.finish([outcome], at: at(6))
    #expect(board.plainLines(at: at(6)).map(\.text) == ["✓ bot  stopped in 10.0 s, it took KILL"])
  }

  @Test func `services that had no part in the request leave no line`() {
    var board = board(["a", "b"], goal: .stopped)
    board.finish([ServiceOutcome(service: "b", result: .notRunning)], at: at(1))
    #expect(board.liveLines(at: at(1), rows: 20).live == ["· b  was not running"])
  }

  @Test func `a terminal shows every service in the manifest's order`() {
    var board = board(["mtproto", "bot"])
    board.take(progress("bot", .starting, "port 8000 to listen"), at: at(100))
    let lines = board.liveLines(at: at(1300), rows: 23)
    #expect(lines.above.isEmpty)
    #expect(lines.live.count == 2)
    #expect(lines.live[0] == "  mtproto")
    #expect(lines.live[1].hasSuffix("bot      starting: waiting for port 8000 to listen (1.2 s)"))
  }

  @Test func `more services than rows show those that are under way`() {
    var board = board((1...50).map { "s\($0)" })
    for number in 1...50 { board.take(progress("s\(number)", .starting), at: at(0)) }
    for number in 1...45 { board.take(progress("s\(number)", .ready), at: at(100)) }
    let first = board.liveLines(at: at(200), rows: 4)
    #expect(first.above.count == 45)
    #expect(first.live.count == 4)
    #expect(first.live.last == "  … and 2 more")
    let second = board.liveLines(at: at(300), rows: 4)
    #expect(second.above.isEmpty)
    #expect(second.live.count == 4)
    for number in 46...50 { board.take(progress("s\(number)", .ready), at: at(400)) }
    let last = board.liveLines(at: at(400), rows: 4)
    #expect((last.above + last.live).count == 5)
  }
}
