import DevstartCore
import Glibc
import TestSupport
import Testing

/// A newer build takes the place of an older supervisor without anybody noticing.
@Suite(.waitsForProcesses) struct HandoverTests {
  /// A request as a later version would send it: one JSON object on a line.
  static func status(protocolVersion: Int, executable: String) -> JSON {
    [
      "jsonrpc": "2.0", "id": 1, "method": "status",
      "params": [
        "greeting": [
          "protocol": JSON(protocolVersion), "version": "99.0.0", "executable": JSON(executable),
        ]
      ],
    ]
  }

  /// Has the supervisor execute a copy of the program, as a newer one does.
  private func handOver(_ project: Project, copy: String = "devstart-newer") throws {
    let supervisor = try #require(project.supervisor)
    let newer = "\(project.base)/bin/\(copy)"
    try Files.copy(Build.devstart, to: newer)
    let client = try ControlSocket(project.path("logs/.devstart/control.sock"))
    let version = DevstartCore.protocolVersion + 1
    client.send(Self.status(protocolVersion: version, executable: newer).bytes + [10])
    eventually("the supervisor is the newer program") { supervisor.process.executable == newer }
  }

  @Test func `a newer protocol makes the supervisor execute the newer program`() throws {
    try withProject(["bot": .service("lock", "bot.lock", "setsid")]) { project in
      try project.run("start", exits: 0)
      let (bot, supervisor) = (try project.main(of: "bot"), try #require(project.supervisor))
      let keeper = try project.keeper(of: bot)
      let waiting = try project.spawn("wait", "bot", "--for", "stopped")
      eventually("it waits") {
        waiting.process.descriptors.values.contains { $0.hasPrefix("socket:") }
      }
      try handOver(project)
      #expect(supervisor.isAlive && project.supervisor?.pid == supervisor.pid)
      #expect(bot.isAlive && keeper.isAlive && keeper.process.parent == supervisor.pid)
      try project.run("start", "--if-running", "keep", exits: 0)
      #expect(bot.isAlive && project.records("bot").count == 1)
      #expect(waiting.isAlive)
      try project.run("stop", exits: 0)
      #expect(try waiting.wait().status == 0)
      #expect(project.survivors.isEmpty && project.records("DOUBLE").isEmpty)
    }
  }

  /// What waiting clients have asked for goes with them, their environments too: more than a
  /// program's arguments and environment may be together (execve(2)).
  @Test func `a handover in the middle of a start, and another, lose no request`() throws {
    try withProject { project in
      let gates = ["db", "api"].map { Gate("\(project.base)/gate-\($0)") }
      try project.write([
        "db": .service(
          "print", "db", "lock", "db.lock", "gate", gates[0].path, "print", "open",
          with: ["ready": ["log": "open"]]),
        "api": .service(
          "print", "api", "lock", "api.lock", "gate", gates[1].path, "print", "open",
          with: ["ready": ["log": "open"], "dependsOn": ["db"]]),
      ])
      let large = String(repeating: "x", count: 100_000)
      let environment = Dictionary(
        uniqueKeysWithValues: (0..<12).map { ("LARGE\($0)", "\($0)\(large)") })
      // Both are there before the launch, and so join it.
      let together = Gate("\(project.base)/together")
      let starts = try (0..<2).map { _ in
        try project.spawn(["start"], environment: environment) { $0.gate = together.path }
      }
      together.open()
      try project.waitForRecord("at-gate", count: 1)
      let supervisor = try #require(project.supervisor)
      for (index, gate) in gates.enumerated() {
        eventually("both wait") {
          supervisor.process.descriptors.values.filter { $0.hasPrefix("socket:") }.count >= 4
        }
        try handOver(project, copy: "devstart-newer\(index)")
        #expect(supervisor.isAlive && starts.allSatisfy(\.isAlive), "\(project.supervisorLog)")
        gate.open()
        if index == 0 { try project.waitForRecord("at-gate", count: 2) }
      }
      for start in starts {
        let result = try start.wait()
        #expect(result.status == 0, "\(result.output)\(project.supervisorLog)")
      }
      for (name, record) in [("db", project.records("db")), ("api", project.records("api"))] {
        #expect(record.count == 1, "\(name) was started anew")
        let kept = record.first.map { LinuxProcess(pid: $0.pid).environment } ?? []
        #expect(kept.contains("LARGE11=11\(large)"), "\(name) has not all of its environment")
        #expect(!kept.contains { $0.hasPrefix("DEVSTART_HANDOVER") }, "\(name)")
      }
      #expect(project.records("DOUBLE").isEmpty && project.supervisor?.pid == supervisor.pid)
      try project.run("stop", exits: 0)
      #expect(project.survivors.isEmpty)
    }
  }

  /// Ctrl-C and the newer program come at once, and either may be heard first.
  @Test func `a handover loses no Ctrl-C`() throws {
    try withProject { project in
      let gate = Gate("\(project.base)/gate")
      try project.write([
        "bot": .service("gate", gate.path, "print", "open", with: ["ready": ["log": "open"]]),
        "other": .service("sleep"),
      ])
      try project.run("start", "other", exits: 0)
      let supervisor = try #require(project.supervisor)
      for round in 0..<6 {
        let client = try ControlSocket(project.path("logs/.devstart/control.sock"))
        let start = try project.spawn("start", "bot")
        try project.waitForRecord("at-gate", count: round + 1)
        supervisor.signal(SIGSTOP)
        start.signal(SIGINT)
        eventually("it has said so") { start.stderrSoFar.contains("stopping") }
        let newer = "\(project.base)/bin/devstart-newer\(round)"
        try Files.copy(Build.devstart, to: newer)
        let version = DevstartCore.protocolVersion + 1
        client.send(Self.status(protocolVersion: version, executable: newer).bytes + [10])
        supervisor.signal(SIGCONT)
        let result = try start.wait()
        #expect(result.status == 130 && project.living("bot").isEmpty, "\(result.output)")
      }
      try project.run("stop", exits: 0)
      #expect(project.survivors.isEmpty)
    }
  }

  /// A request that had arrived by half, and answers that nobody had read yet, are not cut.
  @Test func `a handover loses no part of a line, either way`() throws {
    try withProject(["bot": .service("sleep")]) { project in
      try project.run("start", exits: 0)
      let path = project.path("logs/.devstart/control.sock")
      let request =
        Self.status(
          protocolVersion: DevstartCore.protocolVersion, executable: "é"
        ).bytes + [10]
      // Within the character, which has two bytes.
      let half = try #require(request.firstIndex(of: 0xC3)) + 1
      let (slow, deaf) = (try ControlSocket(path), try ControlSocket(path))
      slow.send(Array(request[..<half]))
      // More than a socket's buffer holds (net.core.wmem_default).
      let count = 4000
      for _ in 0..<count { deaf.send(request) }
      try handOver(project)
      slow.send(Array(request[half...]))
      let isAnswer: (String?) -> Bool = { line in
        line?.contains("\"name\":\"bot\"") == true && line?.last == "}"
      }
      #expect(isAnswer(slow.readLine()))
      #expect((0..<count).allSatisfy { _ in isAnswer(deaf.readLine()) })
      try project.run("stop", exits: 0)
    }
  }

  /// One waits for its time, the other for a change of its files; what both are made of is in no
  /// file.
  @Test func `a handover launches again what was to be launched again`() throws {
    let script = "[ -e fixed ] || exit 3; [ \"$SECRET\" = s3cret ] && exec \"$0\" record $1 sleep"
    let command = { (name: String, keys: JSON) -> JSON in
      .command(["/bin/sh", "-c", script, Build.fixture, name], with: keys)
    }
    try withProject { project in
      try project.write([
        "waits": command("waits", ["restart": ["policy": "on-failure", "backoff": "1500ms"]]),
        "watches": command("watches", ["watch": ["paths": ["fixed"], "debounce": "0s"]]),
        "other": .service("sleep"),
      ])
      try project.run("start", "other", exits: 0)
      let supervisor = try #require(project.supervisor)
      let starts = try ["waits", "watches"].map {
        try project.spawn(["start", $0], environment: ["SECRET": "s3cret"])
      }
      for state in ["backoff", "when its files change"] { try project.waitForStatus(state) }
      try handOver(project)
      try project.run("status", exits: 3)
      try Files.write("", to: project.path("fixed"))
      for kind in ["waits", "watches"] { try project.waitForRecord(kind) }
      for start in starts { _ = try start.wait() }
      #expect(project.supervisor?.pid == supervisor.pid)
      try project.run("stop", exits: 0)
    }
  }

  @Test(arguments: ["/no/such/program", "/etc/passwd", "relative", ""])
  func `a program that is none is not executed`(executable: String) throws {
    try withProject(["bot": .service("sleep")]) { project in
      try project.run("start", exits: 0)
      let (bot, supervisor) = (try project.main(of: "bot"), try #require(project.supervisor))
      let client = try ControlSocket(project.path("logs/.devstart/control.sock"))
      client.send(
        Self.status(protocolVersion: DevstartCore.protocolVersion + 1, executable: executable).bytes
          + [10])
      #expect(client.readLine() != nil, "an answer, or at least the end of the connection")
      #expect(supervisor.isAlive && bot.isAlive)
      try project.run("stop", exits: 0)
    }
  }

  @Test(arguments: [
    "\n", "{\n", "null\n", "[1,2]\n", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"explode\"}\n",
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"start\",\"params\":{}}\n", "GET / HTTP/1.1\r\n\r\n",
    "\u{0}\u{1}\u{2}\n", "half a line",
  ])
  func `a client that talks nonsense harms nobody`(text: String) throws {
    try withProject(["bot": .service("sleep")]) { project in
      try project.run("start", exits: 0)
      let (bot, supervisor) = (try project.main(of: "bot"), try #require(project.supervisor))
      let client = try ControlSocket(project.path("logs/.devstart/control.sock"))
      client.send(Array(text.utf8))
      try project.run("status", exits: 0)
      #expect(bot.isAlive && supervisor.isAlive)
      try project.run("stop", exits: 0)
    }
  }

  @Test func `a client that never reads or never writes holds nobody up`() throws {
    try withProject(["bot": .service("sleep")]) { project in
      try project.run("start", exits: 0)
      let path = project.path("logs/.devstart/control.sock")
      let silent = try (0..<50).map { _ in try ControlSocket(path) }
      let deaf = try ControlSocket(path)
      let watch = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"watch\",\"params\":{}}\n"
      deaf.send(Array(watch.utf8))
      for _ in 0..<3 { try project.run("restart", exits: 0) }
      try project.run("stop", exits: 0)
      _ = silent.count
    }
  }
}
