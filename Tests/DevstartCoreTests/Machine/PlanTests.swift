import DevstartCore
import Testing

/// A launch that is planned and never begins: whoever counts on it is told so, and nobody is let
/// down by a plan that is nobody's.
@Suite struct PlanTests {
  private var driver = FleetDriver()
  private let database = made("db")
  private let api = made("api", needs: [("db", .ready)])

  @Test mutating func `a start after a stop does not join what the stop has dropped`() {
    driver.bringUp([database, api])
    driver.pass(.seconds(1))
    driver.start(1, [database])
    driver.stop(2, [database, api])
    // It is down before the stop comes to it, which waits for what depends on it.
    driver.end("db")
    #expect(driver.results(1) == ["db cancelled"])
    driver.surveys = false
    driver.start(3, [database, api], targets: ["api"])
    driver.end("api")
    driver.handle(.surveyed(ClientID(2), Survey()))
    #expect(driver.verdict(2) == .done)
    _ = driver.taken()
    driver.handle(.surveyed(ClientID(3), Survey()))
    #expect(driver.taken() == ["launch db"])
    driver.begin("db")
    driver.ready("db")
    driver.begin("api")
    driver.ready("api")
    #expect(driver.results(3) == ["db ready", "api ready"])
  }

  @Test mutating func `a stop leaves what was planned since, though its maker was cancelled`() {
    driver.bringUp([database, api])
    driver.pass(.seconds(1))
    driver.stop(1, [database, api])
    driver.pass(.milliseconds(1))
    driver.start(2, [database])
    driver.surveys = false
    driver.start(3, [database, made("web")])
    driver.cancel(2)
    driver.end("api")
    driver.end("db")
    driver.handle(.surveyed(ClientID(3), Survey()))
    #expect(driver.taken().contains("launch db"))
  }

  @Test mutating func `who was stopped does not launch what a cancelled start has planned since`() {
    let began = driver.now
    driver.start(1, [database], began: began)
    driver.start(2, [database, made("web")], began: began)
    driver.begin("db")
    driver.stop(3, [database])
    driver.pass(.milliseconds(1))
    driver.start(4, [database])
    driver.cancel(4)
    _ = driver.taken()
    driver.end("db")
    #expect(driver.taken().contains("launch db") == false)
    #expect(driver.results(1) == ["db cancelled"])
    #expect(driver.results(3) == ["db stopped"])
    #expect(driver.results(4) == ["db cancelled"])
    driver.begin("web")
    driver.ready("web")
    #expect(driver.results(2) == ["db cancelled", "web ready"])
  }

  @Test mutating func `a stop of all drops what is only planned, also what is not listed`() {
    driver.strays = [madeStray(7, of: "old")]
    driver.start(1, [made("old")])
    driver.surveys = false
    driver.start(2, [made("older")])
    driver.surveys = true
    driver.stop(3, [database]) { $0.includesUnlisted = true }
    #expect(driver.results(1) == ["old cancelled"])
    _ = driver.taken()
    driver.strays = []
    driver.handle(.straysEnded(ClientID(1), service: "old", SweepReport()))
    driver.handle(.straysEnded(ClientID(3), service: "old", SweepReport()))
    driver.handle(.surveyed(ClientID(2), Survey()))
    #expect(driver.results(2) == ["older cancelled"])
    #expect(driver.results(3) == ["db notRunning", "old notRunning", "older notRunning"])
    #expect(driver.taken().contains { $0.hasPrefix("launch") } == false)
  }

  // MARK: What outlives KILL

  /// `db` runs; the first start waits for another service too, and the second replaces its plan.
  private mutating func planTwice(strays: [Stray] = []) {
    driver.bringUp([database])
    driver.pass(.seconds(1))
    driver.strays = strays
    driver.start(1, [database, made("slow")])
    driver.strays = []
    driver.start(2, [database], variant: "other")
  }

  private mutating func finishSlowly() {
    driver.end("db")
    driver.begin("slow")
    driver.ready("slow")
  }

  @Test mutating func `who waited for what outlived KILL is told so, though it has ended since`() {
    planTwice()
    driver.pass(.seconds(10))
    driver.pass(.seconds(5))
    driver.handle(.service("db", .survived([])))
    #expect(driver.results(2) == ["db failed"])
    finishSlowly()
    #expect(driver.results(1) == ["db failed", "slow ready"])
    #expect(driver.reason(1, "db") == driver.reason(2, "db"))
  }

  @Test mutating func `who waited for strays that outlived KILL is told so`() {
    planTwice(strays: [madeStray(7, of: "db")])
    var report = SweepReport()
    report.failed = [.init(pid: 7, reason: "alive 5 s after KILL")]
    driver.handle(.straysEnded(ClientID(1), service: "db", report))
    #expect(driver.results(2) == ["db failed"])
    finishSlowly()
    #expect(driver.results(1) == ["db failed", "slow ready"])
    #expect(driver.reason(1, "db") == driver.reason(2, "db"))
  }
}
