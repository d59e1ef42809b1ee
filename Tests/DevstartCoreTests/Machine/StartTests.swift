import DevstartCore
import Testing

@Suite struct StartTests {
  private var driver = FleetDriver()
  private let database = made("db")
  private let api = made("api", needs: [("db", .ready)])
  private let web = made("web", needs: [("api", .ready)])

  // MARK: Order

  @Test mutating func `what is depended on is launched first`() {
    driver.start(1, [database, api, web])
    #expect(driver.taken() == ["survey", "launch db"])
    driver.begin("db")
    #expect(driver.taken() == [])
    driver.ready("db")
    #expect(driver.taken() == ["launch api"])
    driver.begin("api")
    driver.ready("api")
    #expect(driver.taken() == ["launch web"])
    #expect(driver.verdict(1) == nil)
    driver.begin("web")
    driver.ready("web")
    #expect(driver.verdict(1) == .done)
    #expect(driver.results(1) == ["db ready", "api ready", "web ready"])
  }

  @Test mutating func `what does not depend on each other is launched at once`() {
    driver.start(1, [made("a"), made("b"), made("c", needs: [("a", .ready)])])
    #expect(driver.taken() == ["survey", "launch a", "launch b"])
  }

  @Test mutating func `started is enough where it is asked for`() {
    driver.start(1, [database, made("api", needs: [("db", .started)])])
    #expect(driver.taken() == ["survey", "launch db"])
    driver.begin("db")
    #expect(driver.taken() == ["launch api"])
  }

  @Test mutating func `completed waits for the end`() {
    let migration = made("migration") { $0.isOneshot = true }
    driver.start(1, [migration, made("api", needs: [("migration", .completed)])])
    driver.begin("migration")
    #expect(driver.taken() == ["survey", "launch migration"])
    driver.handle(.service("migration", .mainExited(.code(0))))
    #expect(driver.taken() == ["launch api"])
    driver.begin("api")
    driver.ready("api")
    #expect(driver.results(1) == ["migration completed", "api ready"])
  }

  @Test mutating func `a failed dependency names the chain`() {
    driver.start(1, [database, api, web])
    driver.begin("db")
    driver.end("db", .code(1))
    #expect(driver.verdict(1) == .failed)
    #expect(driver.results(1) == ["db failed", "api skipped", "web skipped"])
    #expect(driver.reason(1, "web") == "needs api: needs db: exited 1, before it was ready")
    #expect(driver.ending("web")?.kind == .failed)
  }

  // MARK: What runs already

  @Test mutating func `what is named is replaced, once the old one is gone`() {
    driver.bringUp([database])
    driver.pass(.seconds(1))
    driver.start(1, [database])
    #expect(driver.taken() == ["survey", "ask db TERM group"])
    driver.end("db")
    #expect(driver.taken() == ["ask rest of db TERM", "launch db"])
  }

  @Test mutating func `a restart of both stops the dependant first`() {
    driver.bringUp([database, api])
    driver.pass(.seconds(1))
    driver.start(1, [database, api])
    #expect(driver.taken() == ["survey", "ask api TERM group"])
    driver.end("api")
    #expect(driver.taken() == ["ask rest of api TERM", "ask db TERM group"])
    driver.end("db")
    #expect(driver.taken() == ["ask rest of db TERM", "launch db"])
  }

  @Test mutating func `a dependency that is up is kept`() {
    driver.bringUp([database])
    driver.pass(.seconds(1))
    driver.start(1, [database, api], targets: ["api"])
    #expect(driver.taken() == ["survey", "launch api"])
    driver.begin("api")
    driver.ready("api")
    #expect(driver.results(1) == ["db kept", "api ready"])
  }

  @Test mutating func `a dependency that ended with 0 is launched again, a oneshot is not`() {
    let migration = made("migration") { $0.isOneshot = true }
    driver.bringUp([database, migration])
    driver.end("db", .code(0))
    _ = driver.taken()
    let needs = made("api", needs: [("db", .ready), ("migration", .completed)])
    driver.start(1, [database, migration, needs], targets: ["api"])
    #expect(driver.taken() == ["survey", "launch db"])
  }

  @Test mutating func `keep leaves what runs alone`() {
    driver.bringUp([database])
    driver.pass(.seconds(1))
    driver.start(1, [database]) { $0.conflict = .keep }
    #expect(driver.taken() == [])
    #expect(driver.results(1) == ["db kept"])
  }

  @Test mutating func `fail refuses and touches nothing`() {
    driver.bringUp([database])
    driver.pass(.seconds(1))
    driver.start(1, [database, made("b")]) { $0.conflict = .fail }
    #expect(driver.taken() == [])
    #expect(driver.refusals[ClientID(1)]?.verdict == .refused)
    #expect(driver.fleet.isAtRest)
  }

  @Test mutating func `a start while it stops is launched after the stop`() {
    driver.bringUp([database])
    driver.stop(1, [database])
    driver.start(2, [database])
    _ = driver.taken()
    driver.end("db")
    #expect(driver.taken().contains("launch db"))
    #expect(driver.verdict(1) == .done)
    driver.begin("db")
    driver.ready("db")
    #expect(driver.results(2) == ["db ready"])
  }

  // MARK: Strays and ports

  @Test mutating func `nothing is launched while its strays are alive`() {
    driver.strays = [madeStray(7, of: "api")]
    driver.start(1, [database, made("api")])
    #expect(driver.taken() == ["survey", "end strays of api: 7", "launch db"])
    driver.strays = []
    driver.handle(.straysEnded(ClientID(1), service: "api", SweepReport()))
    #expect(driver.taken() == ["survey", "launch api"])
  }

  @Test mutating func `what has come for a stray meanwhile is ended before the launch`() {
    driver.strays = [madeStray(7, of: "api")]
    driver.start(1, [made("api")])
    driver.strays = [madeStray(8, of: "api"), madeStray(9, of: "db")]
    driver.handle(.straysEnded(ClientID(1), service: "api", SweepReport()))
    #expect(driver.taken() == ["survey", "end strays of api: 7", "survey", "end strays of api: 8"])
    driver.strays = []
    driver.handle(.straysEnded(ClientID(1), service: "api", SweepReport()))
    #expect(driver.taken() == ["survey", "launch api"])
  }

  @Test mutating func `strays are looked for again once those of all services are ended`() {
    driver.strays = [madeStray(7, of: "api"), madeStray(8, of: "db")]
    driver.start(1, [made("api"), database])
    _ = driver.taken()
    driver.strays = [madeStray(8, of: "db")]
    driver.handle(.straysEnded(ClientID(1), service: "api", SweepReport()))
    #expect(driver.taken() == [])
    driver.strays = []
    driver.handle(.straysEnded(ClientID(1), service: "db", SweepReport()))
    #expect(driver.taken() == ["survey", "launch api", "launch db"])
  }

  @Test mutating func `strays that come back as often as they are ended fail the start`() {
    driver.strays = [madeStray(7, of: "api", parent: 50)]
    driver.start(1, [made("api"), database])
    driver.begin("db")
    driver.ready("db")
    for _ in 0..<3 { driver.handle(.straysEnded(ClientID(1), service: "api", SweepReport())) }
    #expect(driver.results(1) == ["api failed", "db ready"])
    #expect(driver.reason(1, "api")?.contains("came back") == true)
    #expect(driver.reason(1, "api")?.contains("its parent is pid 50") == true)
    #expect(driver.replies[ClientID(1)]?.sweep.failed.map(\.pid) == [7])
    #expect(driver.taken().contains("launch api") == false)
  }

  @Test mutating func `a start that was cancelled looks for no more strays`() {
    driver.strays = [madeStray(7, of: "api")]
    driver.start(1, [made("api"), database])
    driver.begin("db")
    driver.cancel(1)
    _ = driver.taken()
    driver.handle(.straysEnded(ClientID(1), service: "api", SweepReport()))
    #expect(driver.taken() == [])
    driver.end("db")
    #expect(driver.results(1) == ["api cancelled", "db cancelled"])
    #expect(driver.fleet.isIdle)
  }

  @Test mutating func `strays that outlive KILL fail the start`() {
    driver.strays = [madeStray(7, of: "api")]
    driver.start(1, [made("api")])
    var report = SweepReport()
    report.failed = [.init(pid: 7, reason: "alive 5 s after KILL")]
    driver.handle(.straysEnded(ClientID(1), service: "api", report))
    #expect(driver.results(1) == ["api failed"])
    #expect(driver.reason(1, "api")?.contains("pid 7 (alive 5 s after KILL)") == true)
    #expect(driver.taken().contains("launch api") == false)
    #expect(driver.ending("api")?.kind == .failed)
  }

  @Test mutating func `keep leaves what runs outside alone`() {
    driver.strays = [madeStray(7, of: "db")]
    driver.start(1, [database, api]) { $0.conflict = .keep }
    #expect(driver.taken() == ["survey", "launch api"])
    driver.begin("api")
    driver.ready("api")
    #expect(driver.results(1) == ["db kept", "api ready"])
    #expect(driver.replies[ClientID(1)]?.services.first?.pid == 7)
  }

  @Test mutating func `what somebody is ending is not kept`() {
    driver.strays = [madeStray(7, of: "db")]
    driver.handle(.clean(ClientID(1), CleanRequest(services: [database])))
    driver.start(2, [database]) { $0.conflict = .keep }
    driver.strays = []
    driver.handle(.straysEnded(ClientID(2), service: "db", SweepReport()))
    #expect(driver.taken().contains("launch db") == false)
    driver.handle(.straysEnded(ClientID(1), service: "db", SweepReport()))
    #expect(driver.taken().contains("launch db"))
  }

  @Test mutating func `fail refuses what runs outside`() {
    driver.strays = [madeStray(7, of: "db")]
    driver.start(1, [database]) { $0.conflict = .fail }
    #expect(driver.taken() == ["survey"])
    #expect(driver.refusals[ClientID(1)]?.verdict == .refused)
  }

  @Test mutating func `a port that a stranger holds refuses the start`() {
    driver.holders = [PortHolder(service: "db", port: 8000, user: "you")]
    driver.start(1, [database])
    #expect(driver.refusals[ClientID(1)]?.verdict == .failed)
    #expect(driver.taken() == ["survey"])
  }

  @Test mutating func `a port of what is replaced is no stranger's`() {
    driver.bringUp([database])
    driver.pass(.seconds(1))
    var holder = PortHolder(service: "db", port: 8000, user: "me")
    holder.memberOf = "db"
    driver.holders = [holder]
    driver.start(1, [database])
    #expect(driver.refusals.isEmpty)
  }

  @Test mutating func `a dry run says what would be done, and does nothing`() {
    driver.bringUp([database])
    driver.pass(.seconds(1))
    driver.start(1, [database, api]) { $0.isDryRun = true }
    #expect(driver.taken() == ["survey"])
    #expect(driver.results(1) == ["db wouldReplace", "api wouldStart"])
    #expect(driver.life("api") == .down(.never))
  }

  // MARK: How long it waits

  @Test mutating func `no wait answers once all are launched`() {
    driver.start(1, [database, made("b")]) { $0.waits = false }
    driver.begin("db")
    #expect(driver.verdict(1) == nil)
    driver.begin("b")
    #expect(driver.results(1) == ["db started", "b started"])
  }

  @Test mutating func `at the timeout what was only planned is dropped`() {
    driver.start(1, [database, api]) { $0.timeout = .seconds(1) }
    driver.begin("db")
    driver.pass(.seconds(1))
    #expect(driver.verdict(1) == .timedOut)
    #expect(driver.results(1) == ["db timedOut", "api timedOut"])
    #expect(driver.reason(1, "api") == "db to be ready")
    #expect(driver.life("api").planned == nil)
    driver.ready("db")
    #expect(driver.life("db").launch != nil)
    #expect(driver.taken().contains("launch api") == false)
  }

  @Test mutating func `an old launch that survives fails the start, with its survivors`() {
    driver.bringUp([database])
    driver.pass(.seconds(1))
    driver.start(1, [database, api])
    driver.pass(.seconds(10))
    driver.pass(.seconds(5))
    #expect(driver.verdict(1) == nil)
    let survivor = ReportedProcess(
      pid: 7, service: "db", user: "me", command: "db", reason: "outlived KILL", startedAt: 0,
      memoryBytes: 0)
    driver.handle(.service("db", .survived([survivor])))
    #expect(driver.results(1) == ["db failed", "api skipped"])
    #expect(driver.reason(1, "db")?.contains("pid 7") == true)
  }
}
