import DevstartCore
import Testing

@Suite struct StopTests {
  private var driver = FleetDriver()
  private let database = made("db")
  private let api = made("api", needs: [("db", .ready)])

  private func survivor(_ pid: Int32) -> ReportedProcess {
    ReportedProcess(
      pid: pid, service: "db", user: "me", command: "db", reason: "outlived KILL", startedAt: 0,
      memoryBytes: 0)
  }

  @Test mutating func `dependants are stopped first`() {
    driver.bringUp([database, api])
    driver.stop(1, [database, api])
    #expect(driver.taken() == ["ask api TERM group"])
    driver.handle(.service("api", .mainExited(.signal("TERM"))))
    #expect(driver.taken() == ["ask rest of api TERM"])
    driver.handle(.service("api", .treeEmpty))
    #expect(driver.taken() == ["ask db TERM group"])
    driver.end("db")
    #expect(driver.results(1) == ["db stopped", "api stopped"])
    #expect(driver.verdict(1) == .done)
  }

  @Test mutating func `what does not depend on each other is stopped at once`() {
    driver.bringUp([made("a"), made("b")])
    driver.stop(1, [made("a"), made("b")])
    #expect(driver.taken() == ["ask a TERM group", "ask b TERM group"])
  }

  @Test mutating func `a dependant that is not named stays up and is warned of`() {
    driver.bringUp([database, api])
    driver.stop(1, [database])
    driver.end("db")
    #expect(driver.verdict(1) == .done)
    #expect(
      driver.replies[ClientID(1)]?.warnings
        == ["api depends on what was stopped, and is still up"])
  }

  @Test mutating func `what does not run is not stopped, and its strays are looked for`() {
    driver.stop(1, [database])
    #expect(driver.taken() == ["survey"])
    #expect(driver.results(1) == ["db notRunning"])
  }

  @Test mutating func `force kills at once`() {
    driver.bringUp([database])
    driver.stop(1, [database]) { $0.isForced = true }
    #expect(driver.taken() == ["kill db"])
    driver.end("db", .signal("KILL"))
    #expect(driver.replies[ClientID(1)]?.services.first?.signal == .kill)
  }

  @Test mutating func `the command's timeout wins over the service's`() {
    driver.bringUp([database])
    driver.stop(1, [database]) { $0.timeout = .seconds(1) }
    driver.pass(.seconds(1))
    #expect(driver.taken() == ["ask db TERM group", "kill db"])
  }

  @Test mutating func `what outlives KILL fails the stop and is named`() {
    driver.bringUp([database])
    driver.stop(1, [database]) { $0.isForced = true }
    driver.pass(.seconds(5))
    driver.handle(.service("db", .survived([survivor(7)])))
    #expect(driver.verdict(1) == .failed)
    #expect(driver.results(1) == ["db failed"])
    #expect(driver.replies[ClientID(1)]?.services.first?.survivors.map(\.pid) == [7])
  }

  @Test mutating func `what outlived KILL is alive also when another call kills it again`() {
    driver.surveys = false
    driver.bringUp([])
    driver.start(900, [database])
    driver.handle(.surveyed(ClientID(900), Survey()))
    driver.begin("db")
    driver.ready("db")
    driver.stop(1, [database]) { $0.isForced = true }
    driver.pass(.seconds(5))
    driver.handle(.service("db", .survived([survivor(7)])))
    driver.stop(2, [database])
    driver.handle(.surveyed(ClientID(1), Survey()))
    #expect(driver.verdict(1) == .failed)
  }

  @Test mutating func `a start beside a stop does not hide what outlived KILL`() {
    driver.bringUp([database])
    driver.pass(.seconds(1))
    driver.stop(1, [database]) { $0.isForced = true }
    driver.start(2, [database])
    driver.pass(.seconds(5))
    driver.handle(.service("db", .survived([survivor(7)])))
    #expect(driver.verdict(1) == .failed)
    #expect(driver.verdict(2) == .failed)
  }

  @Test mutating func `facts of the stop are reported`() {
    driver.bringUp([database])
    let launch = driver.life("db").launch?.id
    driver.stop(1, [database])
    driver.pass(.milliseconds(250))
    driver.handle(.service("db", .spared([survivor(8)])))
    driver.end("db")
    let outcome = driver.replies[ClientID(1)]?.services.first
    #expect(outcome?.launch == launch)
    #expect(outcome?.seconds == 0.25)
    #expect(outcome?.signal == .terminate)
    #expect(outcome?.spared.map(\.pid) == [8])
  }

  @Test mutating func `all means also what the manifest has no more`() {
    driver.bringUp([database, made("old")])
    driver.stop(1, [database]) { $0.includesUnlisted = true }
    driver.end("db")
    driver.end("old")
    #expect(driver.results(1) == ["db stopped", "old stopped"])
    #expect(driver.fleet.isIdle)
  }

  // MARK: Strays

  @Test mutating func `strays are swept again until there are none`() {
    driver.strays = [madeStray(7, of: "db")]
    driver.stop(1, [database])
    #expect(driver.taken() == ["survey", "end strays of db: 7"])
    driver.strays = [madeStray(8, of: "db")]
    driver.handle(.straysEnded(ClientID(1), service: "db", SweepReport()))
    #expect(driver.taken() == ["survey", "end strays of db: 8"])
    driver.strays = []
    driver.handle(.straysEnded(ClientID(1), service: "db", SweepReport()))
    #expect(driver.taken() == ["survey"])
    #expect(driver.verdict(1) == .done)
  }

  @Test mutating func `strays that come back as often as they are ended fail the stop`() {
    driver.strays = [madeStray(7, of: "db")]
    driver.stop(1, [database])
    for _ in 0..<3 { driver.handle(.straysEnded(ClientID(1), service: "db", SweepReport())) }
    #expect(driver.verdict(1) == .failed)
    #expect(driver.replies[ClientID(1)]?.sweep.failed.map(\.pid) == [7])
    #expect(driver.taken().filter { $0 == "survey" }.count == 4)
  }

  @Test mutating func `strays that are fewer each time are swept until none is left`() {
    for count in (0...5).reversed() {
      driver.strays = (0..<count).map { madeStray(Int32(7 + $0), of: "db") }
      if count == 5 {
        driver.stop(1, [database])
      } else {
        driver.handle(.straysEnded(ClientID(1), service: "db", SweepReport()))
      }
    }
    #expect(driver.verdict(1) == .done)
    #expect(driver.taken().filter { $0 == "survey" }.count == 6)
  }

  @Test mutating func `a stray that outlives KILL fails the stop`() {
    driver.strays = [madeStray(7, of: "db")]
    driver.stop(1, [database])
    var report = SweepReport()
    report.failed = [.init(pid: 7, reason: "alive 5 s after KILL")]
    driver.handle(.straysEnded(ClientID(1), service: "db", report))
    #expect(driver.verdict(1) == .failed)
  }

  @Test mutating func `a stop whose client is gone goes on without a reply`() {
    driver.bringUp([database])
    driver.stop(1, [database])
    driver.handle(.disconnected(ClientID(1)))
    driver.end("db")
    #expect(driver.replies.isEmpty)
    #expect(driver.fleet.isIdle)
  }

  // MARK: Cleaning

  @Test mutating func `clean ends strays and leaves the launch`() {
    driver.bringUp([database])
    driver.strays = [madeStray(7, of: "db")]
    driver.handle(.clean(ClientID(1), CleanRequest(services: [database])))
    #expect(driver.taken() == ["survey", "end strays of db: 7"])
    driver.strays = []
    driver.handle(.straysEnded(ClientID(1), service: "db", SweepReport()))
    #expect(driver.verdict(1) == .done)
    #expect(driver.life("db").launch != nil)
  }

  @Test mutating func `clean in a dry run ends nothing`() {
    driver.strays = [madeStray(7, of: "db")]
    var request = CleanRequest(services: [database])
    request.isDryRun = true
    driver.handle(.clean(ClientID(1), request))
    #expect(driver.taken() == ["survey"])
    #expect(driver.verdict(1) == .done)
  }

  @Test mutating func `clean by force kills, and fails where strays come back`() {
    driver.strays = [madeStray(7, of: "db")]
    var request = CleanRequest(services: [database])
    request.isForced = true
    driver.handle(.clean(ClientID(1), request))
    #expect(driver.taken() == ["survey", "end strays of db: 7 by KILL"])
    for _ in 0..<3 { driver.handle(.straysEnded(ClientID(1), service: "db", SweepReport())) }
    #expect(driver.verdict(1) == .failed)
  }

  // MARK: Waiting

  @Test mutating func `a wait for ready ends when all are`() {
    driver.start(1, [database, made("b")])
    driver.wait(2, ["db", "b"], .ready)
    driver.begin("db")
    driver.ready("db")
    #expect(driver.verdict(2) == nil)
    driver.begin("b")
    driver.ready("b")
    #expect(driver.results(2) == ["db ready", "b ready"])
  }

  @Test mutating func `a wait for ready ends with the first that fails`() {
    driver.start(1, [database, made("b")])
    driver.wait(2, ["db", "b"], .ready)
    driver.begin("db")
    driver.end("db", .code(1))
    #expect(driver.verdict(2) == .notUp)
    #expect(driver.results(2) == ["db failed", "b timedOut"])
  }

  @Test mutating func `a wait for stopped ends when all are`() {
    driver.bringUp([database])
    driver.wait(2, ["db"], .stopped)
    #expect(driver.verdict(2) == nil)
    driver.end("db", .code(1))
    #expect(driver.verdict(2) == .done)
  }

  @Test mutating func `a wait has its timeout`() {
    driver.start(1, [database])
    driver.wait(2, ["db"], .ready, timeout: .seconds(1))
    driver.pass(.seconds(1))
    #expect(driver.verdict(2) == .timedOut)
  }

  /// `a` was launched when it needed `b`, and `b` since the manifest says the opposite; both need
  /// `c`, and `d` needs them.
  private mutating func bringUpCycle() -> [Service] {
    let others = [made("c"), made("d", needs: [("a", .ready)])]
    let before = [
      others[0], made("b"), made("a", needs: [("b", .ready), ("c", .ready)]), others[1],
    ]
    driver.bringUp(before)
    driver.pass(.seconds(1))
    let after = made("b", needs: [("a", .ready), ("c", .ready)])
    driver.start(1, [others[0], made("a"), after], targets: ["b"])
    driver.end("b")
    driver.begin("b")
    driver.ready("b")
    #expect(driver.results(1) == ["c kept", "a kept", "b ready"])
    _ = driver.taken()
    return [others[0], made("a", needs: [("c", .ready)]), after, others[1]]
  }

  @Test mutating func `of what depends on each other since an edit none waits`() {
    let services = bringUpCycle()
    driver.stop(2, services)
    #expect(asked() == ["d"])
    driver.end("d")
    #expect(asked() == ["a", "b"])
    driver.end("a")
    #expect(asked() == [])
    driver.end("b")
    #expect(asked() == ["c"])
    driver.end("c")
    #expect(driver.verdict(2) == .done)
  }

  @Test mutating func `what depends on each other since an edit is started anew`() {
    let services = bringUpCycle()
    driver.start(2, services)
    #expect(asked() == ["d"])
    driver.end("d")
    #expect(asked() == ["a", "b"])
    driver.end("a")
    driver.end("b")
    #expect(asked() == ["c"])
    driver.end("c")
    for name in ["c", "a", "b", "d"] {
      driver.begin(name)
      driver.ready(name)
    }
    #expect(driver.verdict(2) == .done)
  }

  /// Who was asked to end since the last call.
  private mutating func asked() -> [String] {
    driver.taken().filter { $0.hasPrefix("ask ") && $0.hasSuffix(" group") }
      .map { String($0.split(separator: " ")[1]) }
  }
}
