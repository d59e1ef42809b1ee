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
    #expect(lines.map(\.kind) == [.wait])
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
    #expect(board.liveLines(at: at(1), rows: 20, columns: 80).live == ["· b  was not running"])
  }

  @Test func `a terminal shows every service in the manifest's order`() {
    var board = board(["mtproto", "bot"])
    board.take(progress("bot", .starting, "port 8000 to listen"), at: at(100))
    let lines = board.liveLines(at: at(1300), rows: 23, columns: 80)
    #expect(lines.above.isEmpty)
    #expect(lines.live.count == 2)
    #expect(lines.live[0] == "  mtproto")
    #expect(lines.live[1].hasSuffix("bot      starting, waiting for port 8000 to listen (1.2 s)"))
  }

  @Test func `more services than rows show those that are under way`() {
    var board = board((1...50).map { "s\($0)" })
    for number in 1...50 { board.take(progress("s\(number)", .starting), at: at(0)) }
    for number in 1...45 { board.take(progress("s\(number)", .ready), at: at(100)) }
    let first = board.liveLines(at: at(200), rows: 4, columns: 80)
    #expect(first.above.count == 45)
    #expect(first.live.count == 4)
    #expect(first.live.last == "  … and 2 more")
    let second = board.liveLines(at: at(300), rows: 4, columns: 80)
    #expect(second.above.isEmpty)
    #expect(second.live.count == 4)
    for number in 46...50 { board.take(progress("s\(number)", .ready), at: at(400)) }
    let last = board.liveLines(at: at(400), rows: 4, columns: 80)
    #expect((last.above + last.live).count == 5)
  }

  @Test func `what only waits says how it is, not how long it took`() {
    var board = board(["db", "bot"], goal: .isUp)
    board.take(progress("db", .starting), at: at(0))
    board.take(progress("db", .ready), at: at(100))
    var bot = ServiceOutcome(service: "bot", result: .ready)
    bot.seconds = 0.11
    bot.pid = 7
    var db = ServiceOutcome(service: "db", result: .ready)
    db.pid = 4720
    board.finish([db, bot], at: at(110))
    #expect(
      board.plainLines(at: at(110)).map(\.text)
        == ["✓ db   is ready  pid 4720", "✓ bot  is ready  pid 7"])
    let stopped = ServiceOutcome(service: "bot", result: .stopped)
    #expect(OutcomeWording.text(of: stopped, onlyWaited: true) == "is stopped")
  }

  @Test func `failures are told apart from what goes to standard output`() {
    var board = board(["db", "bot"])
    var failed = ServiceOutcome(service: "bot", result: .failed)
    failed.spared = [
      ReportedProcess(
        pid: 7, service: "bot", user: "anna", command: "adb", reason: "spare adb", startedAt: 0,
        memoryBytes: 0)
    ]
    board.finish([ServiceOutcome(service: "db", result: .ready), failed], at: at(1))
    #expect(board.plainLines(at: at(1)).map(\.kind) == [.result, .failure, .failure])
  }

  @Test func `what has ended or is ready neither turns nor counts on`() {
    let names = ["a", "b", "c", "d"]
    var board = board(names)
    for name in names { board.take(progress(name, .starting), at: at(0)) }
    board.take(progress("a", .failed), at: at(10))
    board.take(progress("b", .stopped), at: at(10))
    board.take(progress("c", .completed), at: at(10))
    #expect(board.isWaiting)
    board.take(progress("d", .failed), at: at(10))
    #expect(!board.isWaiting)
    for moment in [500, 900] {
      #expect(
        board.liveLines(at: at(moment), rows: 23, columns: 80).live
          == ["✗ a  failed", "  b  stopped", "  c  completed", "✗ d  failed"])
    }
  }

  @Test func `waits read as sentences`() {
    var board = board(["bot"], checked: false)
    board.take(progress("bot", .waiting, "slow to be ready"), at: at(0))
    let waiting = board.liveLines(at: at(200), rows: 23, columns: 80).live
    #expect(waiting[0].hasSuffix("bot  waiting for slow to be ready (0.2 s)"))
    board.take(progress("bot", .starting, "0.20 s to pass"), at: at(200))
    let starting = board.liveLines(at: at(300), rows: 23, columns: 80).live
    #expect(starting[0].hasSuffix("bot  starting, 0.20 s to pass (0.1 s)"))
    board.take(progress("bot", .stopping, "its processes to end on TERM"), at: at(300))
    let stopping = board.liveLines(at: at(300), rows: 23, columns: 80).live
    #expect(stopping[0].hasSuffix("stopping, waiting for its processes to end on TERM (0.0 s)"))
  }

  @Test func `the last lines on a terminal are wrapped, not cut`() {
    var board = board(["bot"])
    var failed = ServiceOutcome(service: "bot", result: .failed)
    failed.reason =
      "ended by itself with 0 after 36 ms, before it was ready (if it put itself into the "
      + "background, keep it in the foreground; if it is a task, set \"oneshot\": true)"
    board.finish([failed], at: at(40))
    let lines = board.finalLines(columns: 80)
    #expect(
      lines == [
        "✗ bot  failed after 0.00 s: ended by itself with 0 after 36 ms, before it was",
        "    ready (if it put itself into the background, keep it in the foreground; if",
        "    it is a task, set \"oneshot\": true)",
      ])
    #expect(board.finalLines(columns: 80).isEmpty)
  }

  @Test func `a replacement is told`() {
    var outcome = ServiceOutcome(service: "bot", result: .ready)
    outcome.seconds = 0.21
    outcome.pid = 4720
    outcome.replaced = 4711
    #expect(OutcomeWording.text(of: outcome) == "ready in 0.21 s  pid 4720 (replaced pid 4711)")
    var board = board(["bot"])
    var earlier = progress("bot", .ready)
    earlier.pid = 4711
    board.take(earlier, at: at(0))
    board.take(progress("bot", .starting), at: at(100))
    board.take(progress("bot", .ready), at: at(210))
    #expect(
      board.plainLines(at: at(210)).map(\.text)
        == ["✓ bot  ready in 0.21 s  pid 4720 (replaced pid 4711)"])
  }

  @Test func `what runs already is said in one way`() {
    var kept = ServiceOutcome(service: "bot", result: .kept)
    kept.pid = 9
    #expect(OutcomeWording.text(of: kept) == "runs already  pid 9  (left as it is)")
    kept.reason = "alive, not checked"
    kept.launch = "l1"
    #expect(OutcomeWording.text(of: kept) == "runs already  pid 9  (left as it is)")
    kept.launch = nil
    kept.reason = "already runs outside devstart (pid 9)"
    #expect(OutcomeWording.text(of: kept) == "already runs outside devstart (pid 9)")
  }
}
