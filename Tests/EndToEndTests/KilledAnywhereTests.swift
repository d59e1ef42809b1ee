import DevstartCore
import Glibc
import TestSupport
import Testing

/// Promise 4 as an enumeration: the supervisor is KILLed at the entry of every system call of an
/// operation, and the next commands find everything.
///
/// A sample by default; every one with `DEVSTART_LONG=1`.
@Suite struct KilledAnywhereTests {
  /// `anchor` gives the supervisor a reason to live before the operation, and shows afterwards
  /// that nothing was lost.
  static let services: JSON = [
    "anchor": .service("lock", "anchor.lock", "setsid"),
    "bot": .service("lock", "bot.lock", "child", with: ["stop": ["timeout": "300ms"]]),
    "api": .service(
      "lock", "api.lock", "double-fork", "{", "ignore", "TERM", "}",
      with: ["dependsOn": ["bot"], "stop": ["timeout": "300ms"]]),
  ]

  enum Operation: String, CaseIterable {
    case start, stop, restart

    /// What is up before it.
    var before: [String] { self == .start ? [] : ["bot", "api"] }
  }

  struct Outcome {
    /// The system call at which it was KILLed; nil where the operation ended before.
    var killed: String?
    /// How many system calls the operation took.
    var count: Int
  }

  /// Starts a supervisor by hand under the tracer, lets it become busy, and waits until it counts.
  func startTraced(_ project: Project, _ number: Int, armed: Bool) throws -> RunningCommand {
    let report = project.path("trace")
    Files.remove(report)
    var words = ["devstart-fixture", "trace-kill", String(number), "--count", report]
    if armed { words.append("--armed") }
    words += ["--", Build.devstart, "supervise", "--manifest", project.manifestPath]
    let socket = project.path("logs/.devstart/control.sock")
    try Files.makeFolder(project.path("logs/.devstart"), mode: 0o700)
    Files.remove(socket)
    let tracer = try project.start(Build.fixture, words)
    guard armed else { return tracer }
    eventually("the supervisor listens") { Files.exists(socket) }
    return tracer
  }

  func arm(_ tracer: RunningCommand, in project: Project) throws {
    tracer.signal(SIGUSR1)
    try waitForFile(project.path("trace")) { $0.contains("armed") }
  }

  /// Performs the operation with a supervisor that is KILLed at one system call of it, and then
  /// demands what the promises say.
  func perform(_ operation: Operation, killedAt number: Int) throws -> Outcome {
    var outcome = Outcome(killed: nil, count: 0)
    try withProject(Self.services) { project in
      let tracer = try startTraced(project, number, armed: true)
      try project.run("start", "anchor", exits: 0)
      for service in operation.before { try project.run("start", service, exits: 0) }
      let anchor = try project.main(of: "anchor")
      try arm(tracer, in: project)
      let command = try project.spawn(operation.rawValue, "api", "bot")
      let result = try command.wait(within: .seconds(60))
      tracer.signal(SIGUSR2)
      try waitForFile(project.path("trace")) { $0.contains("count") || $0.contains("ended") }
      let lines = Files.lines(project.path("trace"))
      outcome.killed = lines.first { $0.hasPrefix("killed") }
      outcome.count = lines.last.flatMap { $0.split(separator: " ").last }.flatMap { Int($0) } ?? 0
      let moment = outcome.killed ?? "not killed"
      if outcome.killed == nil { #expect(result.status == 0, "\(result.output)") }
      #expect(anchor.isAlive, "\(moment)")
      expectWhole(project, after: moment)
      #expect(anchor.isAlive, "\(moment)")
      try expectEnd(project, after: moment)
    }
    return outcome
  }

  /// The next start ends with one of each.
  func expectWhole(_ project: Project, after moment: String) {
    do {
      let start = try project.spawn("start", "--if-running", "keep").wait()
      #expect(start.status == 0, "\(moment): \(start.output)")
      project.waitUntilSettled()
      for service in ["anchor", "bot", "api"] {
        #expect(project.living(service).count == 1, "\(service), \(moment)")
      }
      #expect(project.records("DOUBLE").isEmpty, "\(moment)")
      let keepers = project.processes().filter(\.isKeeper)
      #expect(keepers.count == 3, "\(moment)")
    } catch {
      Issue.record("\(moment): \(error)")
    }
  }

  func expectEnd(_ project: Project, after moment: String) throws {
    let stop = try project.run("stop")
    #expect(stop.status == 0, "\(moment): \(stop.output)")
    #expect(project.survivors.isEmpty, "\(moment): \(project.survivors)")
  }

  /// Every number, or a sample: evenly spread, and random ones.
  func moments(of count: Int, seed: UInt64, even: Int, random: Int) -> [Int] {
    guard !Build.isLong, count > even + random else { return Array(1...max(1, count)) }
    var generator = SeededRandom(seed: seed)
    let spread = (0..<even).map { 1 + $0 * count / even }
    let other = (0..<random).map { _ in Int.random(in: 1...count, using: &generator) }
    return Set(spread + other).sorted()
  }

  @Test(arguments: Operation.allCases)
  func `the supervisor KILLed at any system call of an operation`(operation: Operation) throws {
    let whole = try perform(operation, killedAt: 0)
    #expect(whole.count > 20, "the supervisor did nothing of it")
    let seed = Build.seed(operation.rawValue.count)
    for number in moments(of: whole.count, seed: seed, even: 15, random: 30) {
      _ = try perform(operation, killedAt: number)
    }
  }

  @Test func `the supervisor KILLed at any system call of its own start`() throws {
    var count = 0
    try withProject(Self.services) { project in
      let tracer = try startTraced(project, 0, armed: false)
      eventually("it listens") { Files.exists(project.path("logs/.devstart/control.sock")) }
      tracer.signal(SIGUSR2)
      try waitForFile(project.path("trace")) { $0.contains("count") || $0.contains("ended") }
      let line = Files.lines(project.path("trace")).first
      count = line.flatMap { $0.split(separator: " ").last }.flatMap { Int($0) } ?? 0
    }
    #expect(count > 20)
    for number in moments(of: count, seed: Build.seed(99), even: 20, random: 10) {
      try withProject(Self.services) { project in
        let tracer = try startTraced(project, number, armed: false)
        try waitForFile(project.path("trace")) { $0.contains("killed") || $0.contains("ended") }
        _ = tracer
        let moment = Files.lines(project.path("trace")).first ?? "not killed"
        expectWhole(project, after: moment)
        try expectEnd(project, after: moment)
      }
    }
  }

  /// The take-over is an operation too: a second KILL meets a supervisor that is taking over.
  @Test func `the supervisor KILLed while it takes over`() throws {
    for number in moments(of: 400, seed: Build.seed(7), even: 20, random: 10) {
      try withProject(Self.services) { project in
        try project.run("start", exits: 0)
        let mains = try ["anchor", "bot", "api"].map { try project.main(of: $0) }
        try #require(project.supervisor).kill()
        let tracer = try startTraced(project, number, armed: false)
        let moment = "take-over, system call \(number)"
        expectWhole(project, after: moment)
        #expect(mains.allSatisfy { $0.isAlive }, "\(moment)")
        try expectEnd(project, after: moment)
        tracer.handle.kill()
      }
    }
  }
}
