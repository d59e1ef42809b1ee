import DevstartCore
import Testing

/// Several commands at once.
@Suite struct RaceTests {
  private var driver = FleetDriver()
  private let database = made("db")
  private let api = made("api", needs: [("db", .ready)])

  @Test mutating func `ten starts at once end as one`() {
    let began = driver.now
    for client in 1...10 { driver.start(client, [database], began: began) }
    #expect(driver.taken().filter { $0 == "launch db" } == ["launch db"])
    driver.begin("db")
    driver.ready("db")
    #expect((1...10).allSatisfy { driver.verdict($0) == .done })
    #expect(driver.results(1) == ["db ready"])
    #expect(driver.results(10) == ["db joined"])
  }

  @Test mutating func `what is joined is no conflict, and needs no survey`() {
    let began = driver.now
    for client in 1...3 { driver.start(client, [database], began: began) { $0.conflict = .fail } }
    #expect(driver.refusals.isEmpty)
    #expect(driver.taken() == ["survey", "launch db"])
  }

  @Test mutating func `a launch that began before the command is not joined`() {
    driver.bringUp([database])
    driver.pass(.milliseconds(1))
    driver.start(1, [database])
    #expect(driver.taken() == ["survey", "ask db TERM group"])
  }

  /// When a process began is known to a tick: what somebody was told of already may come before.
  @Test mutating func `a start that may follow the answer does not join, one that cannot does`() {
    let early = driver.now
    driver.pass(.milliseconds(10))
    driver.start(1, [database])
    driver.begin("db")
    let began = driver.now
    driver.start(2, [database], began: began)
    driver.ready("db")
    #expect(driver.results(2) == ["db joined"])
    driver.start(3, [database], began: early)
    #expect(driver.results(3) == ["db joined"])
    // As after the end of the supervisor that had launched it: what it has launched is its own.
    driver.start(1, [database], began: began)
    #expect(driver.results(1) == ["db ready"])
    _ = driver.taken()
    driver.start(4, [database], began: began)
    #expect(driver.taken() == ["survey", "ask db TERM group"])
  }

  @Test mutating func `another environment is not joined`() {
    let began = driver.now
    driver.start(1, [database], began: began)
    driver.start(2, [database], began: began, variant: "other")
    #expect(driver.taken().contains("ask db TERM group"))
    driver.end("db")
    #expect(driver.taken().contains("launch db"))
    driver.begin("db")
    driver.ready("db")
    #expect(driver.verdict(1) == .done)
    #expect(driver.verdict(2) == .done)
  }

  @Test mutating func `two restarts while it stops launch it once`() {
    driver.bringUp([database])
    driver.pass(.seconds(1))
    driver.start(1, [database])
    driver.start(2, [database])
    driver.start(3, [database], variant: "other")
    _ = driver.taken()
    driver.end("db")
    #expect(driver.taken() == ["ask rest of db TERM", "launch db"])
    driver.begin("db")
    driver.ready("db")
    #expect((1...3).allSatisfy { driver.verdict($0) == .done })
  }

  @Test mutating func `a stop cancels what an earlier start has planned`() {
    driver.start(1, [database, api])
    driver.stop(2, [api])
    #expect(driver.verdict(2) == .done)
    driver.begin("db")
    driver.ready("db")
    #expect(driver.results(1) == ["db ready", "api cancelled"])
    #expect(driver.taken().contains("launch api") == false)
  }

  @Test mutating func `a start after a stop wins, though the stop has not come to it`() {
    driver.bringUp([database, api])
    driver.pass(.seconds(1))
    driver.stop(1, [database, api])
    driver.pass(.milliseconds(1))
    driver.start(2, [database])
    driver.end("api")
    driver.end("db")
    driver.begin("db")
    driver.ready("db")
    #expect(driver.verdict(1) == .done)
    #expect(driver.results(2) == ["db ready"])
  }

  @Test mutating func `what an earlier stop will come to is not kept`() {
    driver.bringUp([database, api])
    driver.pass(.seconds(1))
    driver.stop(1, [database, api])
    driver.start(2, [database, api], targets: ["api"])
    driver.end("api")
    driver.end("db")
    driver.begin("db")
    driver.ready("db")
    driver.begin("api")
    driver.ready("api")
    #expect(driver.results(2) == ["db ready", "api ready"])
  }

  @Test mutating func `what an earlier start will replace is not kept, and waits its turn`() {
    driver.bringUp([database, api])
    driver.pass(.seconds(1))
    driver.start(1, [database, api])
    driver.start(2, [database, api], targets: ["api"])
    #expect(driver.taken() == ["survey", "ask api TERM group", "survey"])
    driver.end("api")
    #expect(driver.taken() == ["ask rest of api TERM", "ask db TERM group"])
    driver.end("db")
    driver.begin("db")
    driver.ready("db")
    driver.begin("api")
    driver.ready("api")
    #expect(driver.taken() == ["ask rest of db TERM", "launch db", "launch api"])
    #expect(driver.results(1) == ["db ready", "api ready"])
    #expect(driver.verdict(2) == .done)
  }

  @Test mutating func `nothing is launched on what a later start is about to replace`() {
    driver.bringUp([database, api])
    driver.pass(.seconds(1))
    driver.start(1, [database, api], targets: ["api"])
    driver.start(2, [database, api])
    #expect(driver.taken() == ["survey", "ask api TERM group", "survey"])
    driver.end("api")
    #expect(driver.taken() == ["ask rest of api TERM", "ask db TERM group"])
    driver.end("db")
    driver.begin("db")
    driver.ready("db")
    #expect(driver.taken() == ["ask rest of db TERM", "launch db", "launch api"])
  }

  @Test mutating func `nothing is launched on a oneshot that a later start will run again`() {
    let migrate = made("migrate") { $0.isOneshot = true }
    let web = made("web", needs: [("migrate", .completed)])
    let worker = made("worker", needs: [("migrate", .completed), ("db", .ready)])
    driver.start(900, [migrate, web])
    driver.begin("migrate")
    driver.handle(.service("migrate", .mainExited(.code(0))))
    driver.begin("web")
    driver.ready("web")
    driver.pass(.seconds(1))
    driver.start(1, [database, migrate, worker], targets: ["worker"])
    driver.start(2, [migrate, web])
    driver.begin("db")
    driver.ready("db")
    _ = driver.taken()
    // Its descendants end: it is completed, and will not be for long.
    driver.handle(.service("migrate", .treeEmpty))
    #expect(driver.taken() == ["launch migrate"])
    driver.begin("migrate")
    driver.end("migrate", .code(0))
    #expect(driver.taken() == ["launch worker"])
  }

  @Test mutating func `nothing is launched on what a stop is about to end`() {
    driver.bringUp([database, api, made("web", needs: [("api", .ready), ("db", .ready)])])
    driver.pass(.seconds(1))
    driver.start(1, [database, api])
    driver.stop(2, [database])
    #expect(driver.taken() == ["survey", "ask api TERM group", "ask db TERM group"])
    driver.end("api")
    #expect(driver.taken() == ["ask rest of api TERM"])
    driver.end("db")
    #expect(driver.results(1) == ["db cancelled", "api skipped"])
    #expect(driver.taken().contains("launch api") == false)
  }

  @Test mutating func `who was stopped neither waits nor is waited for`() {
    driver.bringUp([database])
    driver.pass(.seconds(1))
    driver.start(1, [database])
    driver.stop(2, [database])
    driver.start(3, [database]) { $0.timeout = .seconds(1) }
    driver.pass(.seconds(1))
    #expect(driver.verdict(3) == .timedOut)
    driver.end("db")
    #expect(driver.results(1) == ["db cancelled"])
    #expect(driver.verdict(2) == .done)
    #expect(driver.fleet.isIdle)
  }

  // MARK: Ctrl-C

  @Test mutating func `a cancel stops what the call launched, and drops the rest`() {
    driver.start(1, [database, api])
    driver.begin("db")
    _ = driver.taken()
    driver.cancel(1)
    #expect(driver.taken() == ["ask db TERM group"])
    #expect(driver.verdict(1) == nil)
    driver.end("db")
    #expect(driver.verdict(1) == .interrupted)
    #expect(driver.results(1) == ["db cancelled", "api cancelled"])
    #expect(driver.fleet.isIdle)
  }

  @Test mutating func `a second cancel kills`() {
    driver.start(1, [database])
    driver.cancel(1)
    driver.cancel(1, isForced: true)
    #expect(driver.taken().last == "kill db")
  }

  @Test mutating func `a cancel leaves what ran before`() {
    driver.bringUp([database])
    driver.pass(.seconds(1))
    driver.start(1, [database, api], targets: ["api"])
    _ = driver.taken()
    driver.cancel(1)
    #expect(driver.taken() == ["ask api TERM group"])
  }

  @Test mutating func `a cancel leaves what another call waits for`() {
    let began = driver.now
    driver.start(1, [database], began: began)
    driver.start(2, [database], began: began)
    _ = driver.taken()
    driver.cancel(1)
    #expect(driver.taken() == [])
    #expect(driver.verdict(1) == .interrupted)
    driver.begin("db")
    driver.ready("db")
    #expect(driver.results(2) == ["db ready"])
  }

  @Test mutating func `a follower launches what a cancelled call had only planned`() {
    let began = driver.now
    driver.start(1, [database, api], began: began)
    driver.start(2, [database, api], began: began)
    driver.cancel(1)
    _ = driver.taken()
    driver.begin("db")
    driver.ready("db")
    #expect(driver.taken() == ["launch api"])
    driver.begin("api")
    driver.ready("api")
    #expect(driver.verdict(2) == .done)
  }

  @Test mutating func `a follower launches what a call that timed out had only planned`() {
    let began = driver.now
    driver.start(1, [database, api], began: began) { $0.timeout = .seconds(1) }
    driver.start(2, [database, api], began: began)
    driver.pass(.seconds(1))
    #expect(driver.verdict(1) == .timedOut)
    driver.begin("db")
    driver.ready("db")
    #expect(driver.taken().contains("launch api"))
  }

  @Test mutating func `a follower waits for the strays that a cancelled call was ending`() {
    driver.strays = [madeStray(7, of: "db")]
    let began = driver.now
    driver.start(1, [database], began: began)
    driver.strays = []
    driver.start(2, [database], began: began)
    driver.cancel(1)
    #expect(driver.taken().contains("launch db") == false)
    driver.handle(.straysEnded(ClientID(1), service: "db", SweepReport()))
    #expect(driver.taken() == ["launch db"])
  }

  @Test mutating func `a follower fails with the strays that a cancelled call could not end`() {
    driver.strays = [madeStray(7, of: "db")]
    let began = driver.now
    driver.start(1, [database], began: began)
    driver.strays = []
    driver.start(2, [database], began: began)
    driver.cancel(1)
    var report = SweepReport()
    report.failed = [.init(pid: 7, reason: "alive 5 s after KILL")]
    driver.handle(.straysEnded(ClientID(1), service: "db", report))
    #expect(driver.results(2) == ["db failed"])
    #expect(driver.taken().contains("launch db") == false)
  }

  @Test mutating func `a cancel ends although something outlives KILL`() {
    driver.start(1, [database])
    driver.begin("db")
    driver.cancel(1, isForced: true)
    driver.pass(.seconds(5))
    driver.handle(.service("db", .survived([])))
    #expect(driver.verdict(1) == .interrupted)
  }

  // MARK: Connections

  @Test mutating func `a lost connection stops nothing and gets no reply`() {
    driver.start(1, [database, api])
    driver.handle(.disconnected(ClientID(1)))
    driver.begin("db")
    driver.ready("db")
    driver.begin("api")
    driver.ready("api")
    #expect(driver.replies.isEmpty)
    #expect(driver.fleet.isAtRest)
    #expect(driver.life("api").launch != nil)
  }

  @Test mutating func `a lease ends with its connection`() {
    driver.start(1, [database]) { $0.isLease = true }
    driver.begin("db")
    driver.ready("db")
    #expect(driver.fleet.leasedLaunches()[ClientID(1)]?.count == 1)
    _ = driver.taken()
    driver.handle(.disconnected(ClientID(1)))
    #expect(driver.taken() == ["ask db TERM group"])
  }

  @Test mutating func `a lease that is lost while it starts stops what it launched`() {
    driver.start(1, [database, api]) { $0.isLease = true }
    driver.begin("db")
    _ = driver.taken()
    driver.handle(.disconnected(ClientID(1)))
    #expect(driver.taken() == ["ask db TERM group"])
    driver.end("db")
    #expect(driver.fleet.isIdle)
    #expect(driver.replies.isEmpty)
  }

  @Test mutating func `a lease can be renewed by another connection`() {
    driver.bringUp([database])
    let launch = driver.life("db").launch?.id ?? ""
    driver.handle(.lease(ClientID(5), launches: [launch]))
    #expect(driver.fleet.leasedLaunches() == [ClientID(5): [launch]])
    driver.handle(.disconnected(ClientID(5)))
    #expect(driver.taken() == ["ask db TERM group"])
  }

  @Test mutating func `a lease that was replaced ends nothing`() {
    driver.start(1, [database]) { $0.isLease = true }
    driver.begin("db")
    driver.ready("db")
    driver.pass(.seconds(1))
    driver.start(2, [database])
    driver.end("db")
    driver.begin("db")
    driver.ready("db")
    _ = driver.taken()
    driver.handle(.disconnected(ClientID(1)))
    #expect(driver.taken() == [])
  }

  /// Whoever waits for it too has it stopped, in its maker's place; rather who wants it to last.
  @Test(arguments: [true, false])
  mutating func `what a cancelled call has launched is another's that waits for it`(isLease: Bool) {
    let began = driver.now
    driver.start(1, [database], began: began) { $0.isLease = true }
    driver.start(2, [database], began: began) { $0.isLease = true }
    driver.start(3, [database], began: began) { $0.isLease = isLease }
    driver.begin("db")
    driver.handle(.disconnected(ClientID(1)))
    driver.ready("db")
    let heir = isLease ? 2 : 3
    #expect(driver.results(heir) == ["db ready"] && driver.results(5 - heir) == ["db joined"])
    _ = driver.taken()
    for client in [2, 3] { driver.handle(.disconnected(ClientID(client))) }
    #expect(driver.taken() == (isLease ? ["ask db TERM group"] : []))
  }
}
