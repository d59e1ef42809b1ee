import DevstartCore
import Testing

/// What was being ended when the supervisor was KILLed is ended for the same reason.
@Suite struct EndingTakenOverTests {
  private let world = ProcessWorld(bootID: "boot", pidNamespace: 1)
  private var driver = FleetDriver()

  private static let causes: [Stopping.Cause] = [
    .asked, .mainEnded(after: .seconds(2), wasReady: true),
    .notReady(.probe(.listening([80])), after: .seconds(30), found: "refused"),
    .notReady(.log("up"), after: .seconds(1), found: nil),
    .notReady(.notify, after: .zero, found: nil),
    .notReady(.delay(.seconds(1), chosen: true), after: .seconds(2), found: nil),
    .notLaunched("no such file"), .unhealthy("no heartbeat"), .filesChanged("a/b.py"),
    .exceeded(.runtime(limit: .seconds(9))),
    .exceeded(.memory(2 << 30, limit: 1 << 30, largest: 7)),
    .exceeded(.memory(2, limit: 1, largest: nil)),
    .exceeded(.cpu(99.5, limit: 50.25, over: .milliseconds(20_001))),
  ]

  @Test(arguments: causes)
  func `every reason is read back`(cause: Stopping.Cause) throws {
    let json = try JSON.parse(cause.json.indentedBytes)
    #expect(try Stopping.Cause(json: json) == cause)
  }

  @Test(arguments: ["{}", "[]", #"{"exceeded": {}}"#, #"{"mainEnded": {"after": 1}}"#])
  func `what is no reason is an error`(text: String) throws {
    let json = try JSON.parse(Array(text.utf8))
    #expect(throws: MessageError.self) { try Stopping.Cause(json: json) }
  }

  private let service = made("a") { service in
    service.liveness = Liveness(check: .notify)
    service.restart.policy = .onFailure
    service.restart.backoff = .zero
    service.hooks.restarted = .shell("tell")
  }

  /// `a` is being ended, as it has said that it is unhealthy; what is on disk of that.
  private mutating func written() throws -> StateFile {
    driver.bringUp([service])
    let launch = driver.life("a").launch?.id ?? ""
    driver.handle(.launch(launch, of: "a", .notified(.livenessFailed)))
    return try onDisk()
  }

  private func onDisk() throws -> StateFile {
    var state = StateFile(world: world)
    state.update(from: driver.fleet)
    let content = state.contentToWrite()
    return try StateFile(parsing: try #require(content), world: world)
  }

  /// The launch as a later supervisor takes it over, and the first thing that it is told.
  private func taken(
    over state: StateFile, exit: DevstartCore.ExitStatus? = nil
  ) throws -> (machine: ServiceMachine, news: ServiceEvent?) {
    let launch = try #require(driver.life("a").launch)
    let known = state.entries["a"]
    let life = ServiceLife(takingOver: launch, exit: exit, known: known, at: driver.now)
    return (
      ServiceMachine(name: "a", life: life),
      StateFile.Entry.news(of: life, exit: exit, known: known)
    )
  }

  @Test(arguments: [nil, DevstartCore.ExitStatus.signal("TERM")])
  mutating func `what was unhealthy is ended as such, and launched again`(
    exit: DevstartCore.ExitStatus?
  ) throws {
    let state = try written()
    let (taken, news) = try taken(over: state, exit: exit)
    var machine = taken
    let first = machine.handle(try #require(news), at: driver.now)
    #expect(
      first == [
        .note, .continueKeeper, exit == nil ? .ask(.terminate, .group) : .askRest(.terminate),
      ])
    if exit == nil { _ = machine.handle(.mainExited(.code(0)), at: driver.now) }
    let last = machine.handle(.treeEmpty, at: driver.now)
    #expect(last.relaunched?.hasSuffix(".2") == true)
    #expect(machine.life.launch?.restartedBecause?.contains("WATCHDOG=trigger") == true)
  }

  @Test mutating func `what a person has had stopped meanwhile is not launched again`() throws {
    _ = try written()
    driver.stop(1, [service])
    let (taken, news) = try taken(over: try onDisk())
    #expect(news == .goOnEnding(.asked, exit: nil))
    var machine = taken
    _ = machine.handle(try #require(news), at: driver.now)
    _ = machine.handle(.mainExited(.signal("TERM")), at: driver.now)
    #expect(machine.handle(.treeEmpty, at: driver.now).relaunched == nil)
    #expect(machine.life.ending?.reason == .asked)
  }

  @Test mutating func `that nothing is to follow is noted before anything is done about it`() {
    var a = ServiceDriver()
    a.bringUp(service)
    a.tell(.notified(.livenessFailed))
    #expect(a.tell(.stop(timeout: nil, isForced: true)) == [.note, .kill])
    #expect(a.tell(.stop(timeout: nil, isForced: true)) == [])
  }

  @Test mutating func `an end that nobody saw is told with its reason, and what did not follow`()
    throws
  {
    var state = try written()
    let launch = try #require(driver.life("a").launch?.id)
    let isNew = state.learn(end: .signal("TERM"), of: launch, service: "a")
    let ending = try #require(state.entries["a"]?.ending)
    #expect(isNew && ending.kind == .failed && ending.exit == .signal("TERM"))
    let words = Words.ending(ending)
    #expect(words.contains("WATCHDOG=trigger") && words.contains("start it"))
  }

  @Test mutating func `a stop that nobody saw end is a stop`() throws {
    driver.bringUp([service])
    let launch = try #require(driver.life("a").launch?.id)
    driver.stop(1, [service])
    var state = try onDisk()
    let isNew = state.learn(end: .signal("TERM"), of: launch, service: "a")
    let ending = try #require(state.entries["a"]?.ending)
    #expect(isNew && ending.kind == .stopped && ending.reason == .asked)
  }
}
