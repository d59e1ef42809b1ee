import DevstartCore
import Glibc
import TestSupport
import Testing

/// Promise 4 as an enumeration: the supervisor is KILLed at the entry of every system call of an
/// operation that changes something, and at random ones of all, and the next commands find
/// everything. A sample by default; every one with `DEVSTART_LONG=1`.
@Suite(.waitsForProcesses) struct KilledAnywhereTests {
  /// `anchor` gives the supervisor a reason to live before the operation, and shows afterwards
  /// that nothing was lost, no line of its output either.
  static let services: JSON = [
    "anchor": .service(
      "lock", "anchor.lock", "setsid", "print-lines", "100", "gate", "anchor.gate",
      "print-lines", "200"),
    "bot": .service("lock", "bot.lock", "child", with: ["stop": ["timeout": "300ms"]]),
    "api": .service(
      "lock", "api.lock", "double-fork", "{", "ignore", "TERM", "}",
      with: ["dependsOn": ["bot"], "stop": ["timeout": "300ms"]]),
  ]

  enum Operation: String, CaseIterable {
    case start, stop, restart, sweep

    /// What is up before it.
    var before: [String] {
      switch self {
      case .start, .sweep: []
      case .stop, .restart: ["bot", "api"]
      }
    }

    var words: [String] { [self == .sweep ? "clean" : rawValue, "api", "bot"] }
  }

  /// What somebody started by hand, of both services.
  private func startStrays(_ project: Project) throws -> [RunningCommand] {
    try [
      ["bot", "lock", "bot.lock", "child"],
      ["api", "lock", "api.lock", "double-fork", "{", "ignore", "TERM", "}"],
    ].map { try project.startByHand(Build.fixture, [Build.fixture, "record"] + $0) }
  }

  struct Outcome {
    /// The system call at which it was KILLed; nil where the operation ended before.
    var killed: String?
    /// How many system calls the operation took.
    var count: Int
  }

  /// Which of the counted system calls is the last of the supervisor.
  struct Moment: CustomStringConvertible {
    var number: Int
    /// Counted are those alone that change something.
    var amongChanges = true
    var description: String {
      "system call \(number)\(amongChanges ? " that changes something" : "")"
    }
  }

  /// Starts a supervisor by hand under the tracer, lets it become busy, and waits until it counts.
  func startTraced(
    _ project: Project, _ moment: Moment, armed: Bool
  ) throws -> RunningCommand {
    let report = project.path("trace")
    Files.remove(report)
    var words = ["devstart-fixture", "trace-kill", String(moment.number), "--count", report]
    if armed { words.append("--armed") }
    if moment.amongChanges { words.append("--changes") }
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
  func perform(_ operation: Operation, killedAt moment: Moment) throws -> Outcome {
    var outcome = Outcome(killed: nil, count: 0)
    try withProject(Self.services) { project in
      let gate = Gate(project.path("anchor.gate"))
      let tracer = try startTraced(project, moment, armed: true)
      try project.run("start", "anchor", exits: 0)
      let strays = operation == .sweep ? try startStrays(project) : []
      for service in operation.before { try project.run("start", service, exits: 0) }
      let anchor = try project.main(of: "anchor")
      try arm(tracer, in: project)
      let command = try project.spawn(operation.words)
      let result = try command.wait(within: .seconds(60))
      tracer.signal(SIGUSR2)
      try waitForFile(project.path("trace")) { $0.contains("count") || $0.contains("ended") }
      let lines = Files.lines(project.path("trace"))
      outcome.killed = lines.first { $0.hasPrefix("killed") }
      outcome.count = lines.last.flatMap { $0.split(separator: " ").last }.flatMap { Int($0) } ?? 0
      let moment = "\(moment), \(outcome.killed ?? "not killed")"
      // A command asks the next supervisor where one ends under it.
      #expect(result.status == 0, "\(moment): \(result.output)\(project.supervisorLog)")
      #expect(anchor.isAlive, "\(moment)")
      #expect(strays.allSatisfy { !$0.isAlive }, "\(moment)")
      if operation == .sweep {
        #expect((project.living("bot") + project.living("double-fork")).isEmpty, "\(moment)")
      }
      expectWhole(project, after: moment)
      #expect(anchor.isAlive, "\(moment)")
      try expectOutput(project, gate, after: moment)
      try expectEnd(project, after: moment)
    }
    return outcome
  }

  /// The next start ends with one of each.
  func expectWhole(_ project: Project, after moment: String) {
    do {
      let start = try project.run("start", "--if-running", "keep")
      #expect(start.status == 0, "\(moment): \(start.output)\(project.supervisorLog)")
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

  /// Whoever was killed, the anchor's output goes where it went, and all of it.
  func expectOutput(_ project: Project, _ gate: Gate, after moment: String) throws {
    gate.open()
    let path = project.path("logs/dev_anchor.log")
    let expected = ((1...100).map { "line \($0)\n" } + (1...200).map { "line \($0)\n" }).joined()
    try waitForFile(path) { $0.utf8.count >= expected.utf8.count }
    #expect(Files.text(path) == expected, "\(moment)")
  }

  func expectEnd(_ project: Project, after moment: String) throws {
    let stop = try project.run("stop")
    #expect(stop.status == 0, "\(moment): \(stop.output)\(project.supervisorLog)")
    #expect(project.survivors.isEmpty, "\(moment): \(project.survivors)")
  }

  /// Every system call that changes something, or an even sample of them; and random ones of all.
  func moments(changes: Int, all: Int, seed: UInt64, sample: Int, random: Int) -> [Moment] {
    var generator = SeededRandom(seed: seed)
    let count = Build.isLong ? changes : min(changes, sample)
    // The first of each stretch, shifted at random, so that every run tries others.
    let shift =
      Build.isLong ? 0 : Int.random(in: 0..<max(1, changes / max(1, count)), using: &generator)
    let even = (0..<count).map { Moment(number: 1 + shift + $0 * changes / count) }
    return even
      + (0..<(Build.isLong ? 20 * random : random)).map { _ in
        Moment(number: Int.random(in: 1...max(1, all), using: &generator), amongChanges: false)
      }
  }

  @Test(arguments: Operation.allCases)
  func `the supervisor KILLed at any system call of an operation`(operation: Operation) throws {
    let changes = try perform(operation, killedAt: Moment(number: 0)).count
    let all = try perform(operation, killedAt: Moment(number: 0, amongChanges: false)).count
    #expect(changes > 8 && all > changes, "\(changes) of \(all): it did nothing of it")
    print("\(operation): \(changes) system calls that change something, of \(all)")
    let seed = Build.seed(operation.rawValue.count)
    for moment in moments(changes: changes, all: all, seed: seed, sample: 12, random: 4) {
      _ = try perform(operation, killedAt: moment)
    }
  }

  @Test func `the supervisor KILLed at any system call of its own start`() throws {
    var count = 0
    try withProject(Self.services) { project in
      let gate = Gate(project.path("anchor.gate"))
      count = try countFromItsStart(project)
      gate.open()
    }
    #expect(count > 2)
    let seed = Build.seed(99)
    for moment in moments(changes: count, all: 20 * count, seed: seed, sample: 6, random: 2) {
      try withProject(Self.services) { project in
        let gate = Gate(project.path("anchor.gate"))
        let tracer = try startTraced(project, moment, armed: false)
        try waitForFile(project.path("trace")) {
          $0.contains("killed") || $0.contains("ended")
        }
        expectWhole(project, after: "\(moment) of its start")
        try expectOutput(project, gate, after: "\(moment) of its start")
        try expectEnd(project, after: "\(moment) of its start")
        tracer.handle.kill()
      }
    }
  }

  /// How many changes a supervisor makes from its start until it has answered a command.
  private func countFromItsStart(_ project: Project) throws -> Int {
    let tracer = try startTraced(project, Moment(number: 0), armed: false)
    eventually("it listens") { Files.exists(project.path("logs/.devstart/control.sock")) }
    _ = try project.spawn("status").wait()
    tracer.signal(SIGUSR2)
    try waitForFile(project.path("trace")) { $0.contains("count") || $0.contains("ended") }
    let line = Files.lines(project.path("trace")).first
    return line.flatMap { $0.split(separator: " ").last }.flatMap { Int($0) } ?? 0
  }

  /// The take-over is an operation too: a second KILL meets a supervisor that is taking over.
  @Test func `the supervisor KILLed while it takes over`() throws {
    let seed = Build.seed(7)
    var count = 0
    try withProject(Self.services) { project in
      let gate = Gate(project.path("anchor.gate"))
      try project.run("start", exits: 0)
      try #require(project.supervisor).kill()
      count = try countFromItsStart(project)
      gate.open()
      try expectEnd(project, after: "nothing")
    }
    #expect(count > 8)
    print("take-over: \(count) system calls that change something")
    for moment in moments(changes: count, all: 1000, seed: seed, sample: 6, random: 2) {
      try withProject(Self.services) { project in
        let gate = Gate(project.path("anchor.gate"))
        try project.run("start", exits: 0)
        let mains = try ["anchor", "bot", "api"].map { try project.main(of: $0) }
        try #require(project.supervisor).kill()
        let tracer = try startTraced(project, moment, armed: false)
        // A command that comes between its lock and its socket would start another supervisor.
        eventually("it listens, or is dead") {
          Files.exists(project.path("logs/.devstart/control.sock"))
            || Files.lines(project.path("trace")).contains { $0.hasPrefix("killed") }
        }
        expectWhole(project, after: "taking over, \(moment)")
        #expect(mains.allSatisfy { $0.isAlive }, "taking over, \(moment)")
        try expectOutput(project, gate, after: "taking over, \(moment)")
        try expectEnd(project, after: "taking over, \(moment)")
        tracer.handle.kill()
      }
    }
  }
}
