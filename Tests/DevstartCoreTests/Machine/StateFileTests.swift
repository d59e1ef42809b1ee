import DevstartCore
import Testing

@Suite struct StateFileTests {
  private let world = ProcessWorld(bootID: "boot", pidNamespace: 4_026_531_836)
  private var driver = FleetDriver()

  private func readBack(_ state: StateFile, world: ProcessWorld? = nil) throws -> StateFile {
    var state = state
    let content = state.contentToWrite()
    return try StateFile(parsing: try #require(content), world: world ?? self.world)
  }

  @Test func `endpoint, counters and causes of restarts are read back`() throws {
    var state = StateFile(world: world)
    state.health = HealthEndpoint(port: 9090)
    state.counters.straysFound = 3
    state.counters.straysEnded = [.terminate: 2, .kill: 1]
    state.counters.takeOvers = 4
    var entry = StateFile.Entry()
    entry.isOneshot = true
    entry.restarts.count = 3
    entry.restarts.causes = [.memory: 1, .filesChanged: 2]
    entry.restarts.lastExit = .signal("KILL")
    state.entries["a"] = entry
    let back = try readBack(state)
    #expect(back.health == state.health && back.counters == state.counters)
    #expect(back.entries == state.entries)
    let later = try readBack(state, world: ProcessWorld(bootID: "next", pidNamespace: 1))
    #expect(later.counters == state.counters && later.entries["a"]?.restarts.count == 0)
  }

  @Test func `an end that was told without its launch is not told again`() throws {
    var state = StateFile(world: world)
    var entry = StateFile.Entry()
    entry.kind = .completed
    entry.exit = .code(0)
    entry.isOneshot = true
    state.entries["task"] = entry
    let isKnown = !state.learn(end: .code(0), of: "x", service: "task")
    let isNew = state.learn(end: .code(1), of: "y", service: "task")
    #expect(isKnown && isNew)
    #expect(state.entries["task"]?.isOneshot == true && state.entries["task"]?.kind == .failed)
  }

  @Test mutating func `what cannot be seen is read back`() throws {
    driver.bringUp([made("up"), made("crashed"), made("stopped"), made("stopping")])
    driver.end("crashed", .code(3))
    driver.stop(1, [made("stopped")])
    driver.end("stopped")
    driver.stop(2, [made("stopping")])
    var state = StateFile(world: world)
    state.update(from: driver.fleet)
    state.leases = [
      StateFile.Lease(holder: ProcessIdentity(pid: 9, startTicks: 8), launches: ["x"])
    ]
    let back = try readBack(state)
    #expect(back.entries == state.entries)
    #expect(back.leases == state.leases)
    #expect(back.entries["up"]?.ready?.launch == driver.life("up").launch?.id)
    #expect(back.entries["crashed"]?.kind == .failed)
    #expect(back.entries["crashed"]?.exit == .code(3))
    #expect(back.entries["crashed"]?.reason == "exited 3")
    #expect(back.entries["stopped"]?.kind == .stopped)
    #expect(back.entries["stopping"]?.stopping?.launch == driver.life("stopping").launch?.id)
    #expect(back.entries["stopping"]?.stopping?.cause == .asked)
  }

  @Test mutating func `another boot tells only how services ended`() throws {
    driver.bringUp([made("up"), made("crashed"), made("stopping")])
    driver.end("crashed", .code(3))
    driver.stop(1, [made("stopping")])
    var state = StateFile(world: world)
    state.update(from: driver.fleet)
    state.leases = [
      StateFile.Lease(holder: ProcessIdentity(pid: 9, startTicks: 8), launches: ["x"])
    ]
    for other in [
      ProcessWorld(bootID: "next", pidNamespace: world.pidNamespace),
      ProcessWorld(bootID: world.bootID, pidNamespace: 1),
    ] {
      let back = try readBack(state, world: other)
      #expect(back.entries["crashed"]?.exit == .code(3))
      #expect(back.entries["up"]?.ready == nil)
      #expect(back.entries["stopping"]?.stopping == nil)
      #expect(back.leases.isEmpty)
    }
  }

  @Test mutating func `nothing new is not written again, unless the file was deleted`() {
    driver.bringUp([made("up")])
    var state = StateFile(world: world)
    state.update(from: driver.fleet)
    #expect(state.contentToWrite() != nil)
    #expect(state.contentToWrite() == nil)
    state.forgetWritten()
    #expect(state.contentToWrite() != nil)
  }

  @Test func `half a file is an error`() {
    for text in ["", "{", "[]x", #"{"services": {"a": {"kind": "lost"}}}"#] {
      #expect(throws: (any Error).self, "\(text)") {
        try StateFile(parsing: Array(text.utf8), world: world)
      }
    }
  }

  // MARK: Counters

  private static let counters = [
    "restarts", "exited", "detected", "resolved", "found", "TERM", "takeOvers",
  ]

  /// A file in which these have happened that often, and all others once.
  private func counted(_ number: Int, of keys: [String] = counters) -> [UInt8] {
    func value(_ key: String) -> String { "\"\(key)\": \(keys.contains(key) ? number : 1)" }
    let text = """
      {"boot": "boot", "pidNamespace": "4026531836",
       "services": {"a": {"kind": "failed", "launch": "1", \(value("restarts")),
         "recent": [\(Int.max), \(Int.min)], "causes": {\(value("exited"))}}},
       "counters": {\(value("detected")), \(value("resolved")), \(value("found")),
         "ended": {\(value("TERM"))}, \(value("takeOvers"))}}
      """
    return Array(text.utf8)
  }

  @Test(arguments: counters)
  func `a counter that nothing can have counted makes no sense`(_ key: String) {
    for number in [Int.max, Int(Int32.max) + 1, -1] {
      #expect(throws: MessageError.self, "\(number)") {
        try StateFile(parsing: counted(number, of: [key]), world: world)
      }
    }
  }

  @Test func `every counter is read, and can be raised`() throws {
    let most = Int(Int32.max)
    let state = try StateFile(parsing: counted(most), world: world)
    #expect(state.counters.conflictsDetected == most && state.counters.conflictsResolved == most)
    #expect(state.counters.straysFound == most && state.counters.straysEnded[.terminate] == most)
    #expect(state.counters.takeOvers == most)
    let entry = try #require(state.entries["a"])
    let service = made("a") {
      $0.restart.policy = .always
      $0.restart.backoff = .zero
    }
    var machine = ServiceMachine(
      name: "a",
      life: ServiceLife(takingOver: launch(service), exit: nil, known: entry, at: driver.now),
      restarts: entry.restarts)
    _ = machine.handle(.mainExited(.code(1)), at: driver.now)
    let effects = machine.handle(.treeEmpty, at: driver.now)
    #expect(effects.contains { if case .relaunch = $0 { true } else { false } })
    #expect(machine.restarts.count == most + 1 && machine.restarts.causes[.exited] == most + 1)
  }

  // MARK: Taking over

  private func launch(_ service: Service, main: Bool = true) -> Launch {
    let caller = Caller(
      identity: ProcessIdentity(pid: 1, startTicks: 1), environment: [], umask: 0, limits: [])
    var launch = Launch(
      specification: LaunchSpecification(
        project: "p", launch: "1", service: service, caller: caller), began: driver.now)
    if main { launch.main = ProcessIdentity(pid: 7, startTicks: 1) }
    return launch
  }

  @Test func `what was ready is ready after a take-over`() {
    var known = StateFile.Entry()
    known.ready = .init(launch: "1", after: .seconds(2))
    let life = ServiceLife(
      takingOver: launch(made("a")), exit: nil, known: known, at: driver.now)
    guard case .ready(let launch, _) = life else {
      Issue.record("\(life)")
      return
    }
    #expect(launch.readyAfter == .seconds(2))
  }

  @Test func `another launch's readiness counts for nothing`() {
    var known = StateFile.Entry()
    known.ready = .init(launch: "0", after: .seconds(2))
    let launch = launch(made("a"))
    #expect(
      ServiceLife(takingOver: launch, exit: nil, known: known, at: driver.now)
        == .starting(
          launch, Startup(nextProbe: driver.now, deadline: driver.now + .seconds(30))))
  }

  @Test func `a oneshot has no deadline after a take-over, and is finished where it ended`() {
    let task = made("a") { $0.isOneshot = true }
    for main in [true, false] {
      let launch = launch(task, main: main)
      #expect(
        ServiceLife(takingOver: launch, exit: nil, known: nil, at: driver.now)
          == .starting(launch, Startup(deadline: nil)))
    }
    #expect(
      ServiceLife(takingOver: launch(task), exit: .code(0), known: nil, at: driver.now)
        == .finished(launch(task)))
  }

  @Test mutating func `an end that comes before a launch was ready is told`() throws {
    driver.start(1, [made("task") { $0.isOneshot = true }, made("slow")])
    driver.begin("task")
    driver.begin("slow")
    var state = StateFile(world: world)
    state.update(from: driver.fleet)
    for (name, kind) in [("task", Ending.Kind.completed), ("slow", .failed)] {
      let launch = try #require(driver.life(name).launch?.id)
      var back = try readBack(state)
      let exit = ExitStatus.code(kind == .failed ? 1 : 0)
      let isNew = back.learn(end: exit, of: launch, service: name)
      let isNewAgain = back.learn(end: exit, of: launch, service: name)
      #expect(isNew && !isNewAgain)
      #expect(back.entries[name]?.kind == kind && back.entries[name]?.exit == exit)
    }
  }
}
