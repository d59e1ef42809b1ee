import DevstartCore
import Glibc
import TestSupport
import Testing

/// Commands and supervisors that meet at the wrong moment.
@Suite(.serialized, .waitsForProcesses) struct SupervisorRaceTests {
  static let services: JSON = [
    "db": .service("lock", "db.lock", "child", with: ["category": "back"]),
    "api": .service(
      "lock", "api.lock", "setsid", with: ["dependsOn": ["db"], "category": ["back", "front"]]),
    "web": .service(
      "lock", "web.lock", "double-fork", with: ["dependsOn": ["api"], "category": "front"]),
  ]

  /// What `status` says is what there is, and nothing is there but that.
  private func expectConsistent(_ project: Project, _ context: Comment) throws {
    let supervised = try #require(try project.status()["services"]?.array, context)
    for service in supervised {
      let name = service["name"]?.string ?? ""
      let living = project.living(name)
      #expect(living.count <= 1, context)
      #expect(service["pid"]?.integer == living.first.map { Int($0.pid) }, context)
      let isUp = service["state"]?.string == "ready"
      #expect(isUp == !living.isEmpty, "\(context): \(service)")
      let pidFile = Files.text(project.pidFile(name))
      #expect(pidFile == living.first.map { "\($0.pid)\n" }, context)
    }
    let up = supervised.filter { $0["state"]?.string == "ready" }.count
    let keepers = project.processes().filter(\.isKeeper)
    #expect(keepers.count == up, "\(context): \(keepers.map(\.summary))")
    #expect(project.processes().filter(\.isSupervisor).count <= 1, context)
    #expect(project.records("DOUBLE").isEmpty, context)
  }

  @Test func `fifty commands at once on targets that overlap`() throws {
    let seed = Build.seed(50)
    for round in 0..<(Build.isLong ? 20 : 1) {
      var random = SeededRandom(seed: seed &+ UInt64(round))
      try withProject(Self.services) { project in
        let verbs = ["start", "start", "stop", "restart", "status", "clean"]
        let targets = ["all", "back", "front", "db", "api"]
        let gate = Gate("\(project.base)/gate")
        let commands = try (0..<50).map { _ in
          let words = [verbs, targets].map { $0.randomElement(using: &random) ?? "" }
          return (words, try project.spawn(words) { $0.gate = gate.path })
        }
        gate.open()
        for (words, command) in commands {
          let result = try command.wait(within: .seconds(60))
          let expected: [Int32] = words[0] == "status" ? [0, 3] : [0, 1]
          #expect(expected.contains(result.status), "seed \(seed), \(words): \(result.output)")
        }
        try expectConsistent(project, "seed \(seed)")
        try project.run("start", exits: 0)
        for name in ["db", "api", "web"] { project.expectExactlyOne(name) }
        try expectConsistent(project, "seed \(seed), after a start")
        try project.run("stop", exits: 0)
        #expect(project.survivors.isEmpty, "seed \(seed)")
      }
    }
  }

  @Test func `twenty supervisors race for the lock, and one has it`() throws {
    try withProject(Self.services) { project in
      let gate = Gate("\(project.base)/gate")
      let racers = try (0..<20).map { _ in
        try project.spawn(["supervise", "--manifest", project.manifestPath]) {
          $0.gate = gate.path
        }
      }
      gate.open()
      try project.run("start", exits: 0)
      // Who has no lock gives up after its patience.
      eventually("one is left", within: .seconds(20)) { racers.filter(\.isAlive).count <= 1 }
      let left = LinuxProcess.all().filter {
        $0.isSupervisor && $0.arguments.contains(project.manifestPath)
      }
      #expect(left.map(\.pid) == [project.supervisor?.pid].compactMap(\.self))
      for racer in racers where !racer.isAlive { #expect(try racer.wait().status == 1) }
      for name in ["db", "api", "web"] { project.expectExactlyOne(name) }
      try project.run("stop", exits: 0)
      #expect(project.survivors.isEmpty)
    }
  }

  /// Between its being ready and its starter's coming others may ask it, and leave.
  @Test func `a supervisor waits for who started it, not for whoever comes first`() throws {
    try withProject(["bot": .service("sleep")]) { project in
      let pipe = "\(project.base)/pipe"
      mkfifo(pipe, 0o600)
      let starter = open(pipe, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
      let supervise = "exec '\(Build.devstart)' supervise --manifest '\(project.manifestPath)'"
      let supervisor = try project.start(
        "/bin/sh", ["sh", "-c", "\(supervise) 3>'\(pipe)'"],
        environment: ["DEVSTART_READY_FD": "3"])
      var said: [UInt8] = []
      eventually("it is ready") {
        var block = [UInt8](repeating: 0, count: 64)
        said += block[..<max(0, read(starter, &block, block.count))]
        return said == Array("ready\n".utf8)
      }
      for _ in 0..<3 {
        let found = try project.status()["supervisor"]?["pid"]?.integer
        #expect(found == Int(supervisor.process.pid))
      }
      close(starter)
      #expect(try supervisor.wait().status == 0, "it ends when nobody has asked for anything")
    }
  }

  @Test func `a start finds its supervisor although the logs are deleted meanwhile`() throws {
    try withProject(["bot": .service("sleep")]) { project in
      let control = project.path("logs/.devstart")
      try Files.makeFolder(control, mode: 0o700)
      // As another command that starts a supervisor.
      let folder = open(control, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      #expect(flock(folder, LOCK_EX) == 0)
      let start = try project.spawn("start")
      eventually("it waits for the other command (proc_locks(5))") {
        Files.lines("/proc/locks").contains {
          $0.contains("->") && $0.contains(" \(start.pid) ")
        }
      }
      Files.remove(project.path("logs"))
      close(folder)
      let result = try start.wait()
      #expect(result.status == 0, "\(result.output)")
      project.expectExactlyOne("bot")
      try project.run("stop", exits: 0)
      #expect(project.survivors.isEmpty)
    }
  }

  // MARK: A supervisor that ends

  /// A supervisor is held at one change that it makes while it stops the last service and ends by
  /// itself; two starts come just then, and the supervisor goes on. Returns at which call it was
  /// held, and how many there are.
  private func start(whileHeldAt number: Int) throws -> (held: String?, count: Int) {
    var outcome: (held: String?, count: Int) = (nil, 0)
    try withProject(["bot": .service("lock", "bot.lock")]) { project in
      let report = project.path("trace")
      try Files.makeFolder(project.path("logs/.devstart"), mode: 0o700)
      let tracer = try project.start(
        Build.fixture,
        [
          "devstart-fixture", "trace-kill", String(number), "--count", report, "--armed",
          "--changes", "--hold", "--", Build.devstart, "supervise", "--manifest",
          project.manifestPath,
        ])
      let socket = project.path("logs/.devstart/control.sock")
      eventually("it listens") { Files.exists(socket) }
      try project.run("start", exits: 0)
      tracer.signal(SIGUSR1)
      try waitForFile(report) { $0.contains("armed") }
      let stop = try project.spawn("stop")
      try waitForFile(report) { $0.contains("held") || $0.contains("ended") }
      let lines = Files.lines(report)
      outcome.held = lines.first { $0.hasPrefix("held") }
      outcome.count = lines.last.flatMap { $0.split(separator: " ").last }.flatMap { Int($0) } ?? 0
      let moment = "\(outcome.held ?? "ended")"
      let supervisor = project.supervisor
      let starts = try (0..<2).map { _ in try project.spawn("start") }
      if outcome.held != nil {
        eventually("they have come, \(moment)") {
          // Where one starts another supervisor, who comes after it waits for that.
          starts.contains { !$0.process.children.isEmpty }
            || starts.allSatisfy { start in
              let waits = start.process.descriptors.values.contains { $0.hasPrefix("socket:") }
              return waits || !start.isAlive
            }
        }
        tracer.signal(SIGUSR1)
      }
      for start in starts {
        let result = try start.wait()
        #expect(result.status == 0, "\(moment): \(result.output)\(project.supervisorLog)")
        let isToldOfAnEnd = result.stderr.contains("asking a new one")
        #expect(!isToldOfAnEnd || supervisor?.isAlive != true, "\(moment): \(result.output)")
      }
      #expect(try stop.wait().status == 0, "\(moment)")
      project.expectExactlyOne("bot")
      #expect(project.records("DOUBLE").isEmpty, "\(moment)")
      try project.run("stop", exits: 0)
      #expect(project.survivors.isEmpty, "\(moment)")
    }
    return outcome
  }

  @Test func `a start that comes at any moment of a supervisor's end is done`() throws {
    let count = try start(whileHeldAt: 0).count
    #expect(count > 8, "it did nothing of it")
    // The last ones are its own end; all of them are tried, of what is before a sample.
    let numbers = Array(1...max(1, count)).filter { Build.isLong || $0 > count - 8 || $0 % 4 == 0 }
    for number in numbers {
      let (held, count) = try start(whileHeldAt: number)
      #expect(held != nil || number > count, "\(number) of \(count)")
    }
  }
}
