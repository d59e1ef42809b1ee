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

  @Test func `a newer protocol makes the supervisor execute the newer program`() throws {
    try withProject(["bot": .service("lock", "bot.lock", "setsid")]) { project in
      try project.run("start", exits: 0)
      let (bot, supervisor) = (try project.main(of: "bot"), try #require(project.supervisor))
      let keeper = try project.keeper(of: bot)
      let newer = "\(project.base)/bin/devstart-newer"
      try Files.copy(Build.devstart, to: newer)
      let waiting = try project.spawn("wait", "bot", "--for", "stopped")
      eventually("it waits") {
        waiting.process.descriptors.values.contains { $0.hasPrefix("socket:") }
      }
      let client = try ControlSocket(project.path("logs/.devstart/control.sock"))
      client.send(
        Self.status(protocolVersion: DevstartCore.protocolVersion + 1, executable: newer).bytes + [
          10
        ])
      eventually("the supervisor is the newer program") {
        supervisor.process.executable == newer
      }
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
