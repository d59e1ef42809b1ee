import DevstartCore
import Foundation
import Glibc
import TestSupport
import Testing

@Suite(.waitsForProcesses) struct StatusTests {
  static let serviceKeys = [
    "name", "categories", "state", "pid", "startedAt", "uptimeSeconds", "readySeconds", "restarts",
    "exit", "reason", "processes", "memoryBytes", "cpuPercent", "ports", "pidFile", "log",
  ]

  @Test func `status --json has the design's keys while a service runs`() throws {
    let port = Ports.free()
    let services: JSON = [
      "bot": .service(
        "child", "listen", String(port), ports: [port], with: ["category": ["b", "a"]])
    ]
    try withProject(services, top: ["name": "analyticbot"]) { project in
      try project.run("start", exits: 0)
      let status = try project.json("status", exits: 0)
      #expect(status.keys == ["project", "manifest", "supervisor", "services"])
      #expect(status["project"]?.string == "analyticbot")
      #expect(status["manifest"]?.string == project.manifestPath)
      #expect(status["supervisor"]?.keys == ["pid"])
      let supervisor = status["supervisor"]?["pid"]?.integer
      #expect(supervisor == project.supervisor.map { Int($0.pid) })
      let bot = try #require(status["services"]?[named: "bot"])
      #expect(bot.keys == Self.serviceKeys)
      #expect(bot["categories"]?.strings == ["b", "a"])
      #expect(bot["state"]?.string == "ready")
      #expect(bot["pid"]?.integer == project.living("bot").first.map { Int($0.pid) })
      let startedAt = try #require(bot["startedAt"]?.string)
      #expect(startedAt.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
      #expect(try #require(bot["uptimeSeconds"]?.double) > 0)
      #expect(try #require(bot["readySeconds"]?.double) >= 0)
      #expect(bot["restarts"]?.integer == 0)
      #expect(bot["exit"]?.isNull == true && bot["reason"]?.isNull == true)
      #expect(bot["processes"]?.integer == 2)
      #expect(try #require(bot["memoryBytes"]?.integer) > 4096)
      #expect(try #require(bot["cpuPercent"]?.double) >= 0)
      #expect(bot["ports"]?.array?.map(\.integer) == [port])
      #expect(bot["pidFile"]?.string == "logs/dev_bot.pid")
      #expect(bot["log"]?.string == "logs/dev_bot.log")
      try project.run("stop", exits: 0)
    }
  }

  @Test func `status --json has nulls where nothing runs, and starts no supervisor`() throws {
    try withProject(["bot": .service("sleep")]) { project in
      let status = try project.json("status", exits: 3)
      #expect(status["project"]?.string == "project")
      #expect(status["supervisor"]?.isNull == true)
      let bot = try #require(status["services"]?[named: "bot"])
      #expect(bot.keys == Self.serviceKeys)
      #expect(bot["state"]?.string == "stopped")
      for key in [
        "pid", "startedAt", "uptimeSeconds", "readySeconds", "exit", "processes", "memoryBytes",
        "cpuPercent",
      ] {
        #expect(bot[key]?.isNull == true, "\(key)")
      }
      #expect(project.supervisor == nil)
      #expect(project.processes().map(\.summary) == [])
    }
  }

  @Test func `an exit is told by its code or its signal, with a reason`() throws {
    let services: JSON = [
      "fails": .service("exit", "7", "--after-ms", "100"), "dies": .service("sleep"),
    ]
    try withProject(services) { project in
      try project.run("start", "dies", exits: 0)
      try project.main(of: "dies").signal(9)
      _ = try project.run("start", "fails")
      try eventually("both have failed") {
        try project.state(of: "fails") == "failed" && project.state(of: "dies") == "failed"
      }
      let status = try project.json("status", exits: 3)["services"]
      #expect(status?[named: "fails"]?["exit"] == ["code": 7])
      #expect(status?[named: "dies"]?["exit"] == ["signal": "KILL"])
      #expect(status?[named: "fails"]?["reason"]?.string?.contains("7") == true)
      try project.run("stop", exits: 0)
    }
  }

  @Test func `a service that was asleep is counted anew once it has run`() throws {
    try withProject { project in
      let gate = Gate("\(project.base)/gate")
      try project.write(["bot": .service("gate", gate.path, "child", "sleep")])
      try project.run("start", exits: 0)
      func bot() throws -> JSON? {
        try project.json("status", exits: 0)["services"]?[named: "bot"]
      }
      let asleep = try bot()
      #expect(asleep?["processes"]?.integer == 1)
      let again = try bot()
      #expect(again?["processes"]?.integer == 1)
      #expect(try #require(again?["memoryBytes"]?.integer) > 4096)
      gate.open()
      try eventually("its child counts") { try bot()?["processes"]?.integer == 2 }
      try project.run("stop", exits: 0)
    }
  }

  @Test func `status asks where the manifest has its logs, whoever is where they are by default`()
    throws
  {
    try withProject(["bot": .service("sleep")]) { project in
      try project.run("start", exits: 0)
      let text = try #require(Files.text(project.manifestPath))
      try project.write(["bot": .service("sleep")], top: ["logs": "elsewhere"])
      let elsewhere = try project.json("status", exits: 3)
      #expect(elsewhere["supervisor"]?.isNull == true)
      #expect(elsewhere["services"]?[named: "bot"]?["state"]?.string == "stopped")
      try Files.write(text, to: project.manifestPath)
      let here = try project.json("status", exits: 0)
      #expect(here["supervisor"]?["pid"]?.integer == project.supervisor.map { Int($0.pid) })
      try project.run("stop", exits: 0)
    }
  }

  @Test func `every command prints one JSON object and nothing else`() throws {
    try withProject(["bot": .service("sleep")]) { project in
      let start = try project.json("start", "bot", exits: 0)
      #expect(start["services"]?[named: "bot"]?["result"]?.string == "ready")
      #expect(start["services"]?[named: "bot"]?["pid"]?.integer != nil)
      for key in ["found", "ended", "failed", "freedBytes"] {
        #expect(start["strays"]?.keys.contains(key) == true, "\(key)")
      }
      for words in [["check"], ["version"], ["schema"], ["clean"], ["restart"], ["wait"], ["stop"]]
      {
        let result = try project.spawn(words + ["--json"]).wait()
        #expect(result.status == 0, "\(words) \(result.output)")
        let json = try? JSON.parse(Array(result.stdout.utf8))
        #expect(json?.members != nil, "\(words) «\(result.stdout)»")
      }
      let failure = try project.run("start", "nobody", "--json", exits: 2)
      #expect(failure.output.contains("nobody"))
      if !failure.stdout.isEmpty {
        #expect((try? JSON.parse(Array(failure.stdout.utf8)))?.members != nil)
      }
    }
  }

  @Test func `devstart alone shows the status and what to do next`() throws {
    try withProject(["bot": .service("sleep")]) { project in
      let alone = try project.run()
      #expect(alone.stdout.contains("bot") && alone.stdout.contains("devstart start"))
      #expect(project.records.isEmpty)
    }
    try withProject { project in
      let alone = try project.run()
      #expect(alone.output.contains("start") && alone.output.contains("stop"))
    }
  }

  @Test(arguments: ["status --watch", "logs -f"])
  func `who only looks leaves with the terminal, and holds no supervisor`(words: String) throws {
    try withProject(["bot": .command(["/bin/sh", "-c", "echo up; exec sleep 600"])]) { project in
      try project.run("start", exits: 0)
      let supervisor = try #require(project.supervisor)
      let terminal = try PseudoTerminal()
      let script = "exec '\(Build.devstart)' \(words) > \(terminal.path)"
      let command = try project.start("/bin/sh", ["sh", "-c", script])
      try terminal.waitForOutput()
      terminal.lose()
      _ = try command.wait(within: .seconds(20))
      try project.run("stop", exits: 0)
      #expect(supervisor.hasEnded())
    }
  }

  @Test func `status --watch waits for a supervisor that is stopped, says so once and looks on`()
    throws
  {
    try withProject(["bot": .service("sleep")]) { project in
      try project.run("start", exits: 0)
      let supervisor = try #require(project.supervisor)
      supervisor.signal(SIGSTOP)
      let watch = try project.spawn("status", "--watch")
      func tables() -> Int { watch.stdoutSoFar.components(separatedBy: "waiting for it").count - 1 }
      eventually("what can be seen without it") { tables() == 1 }
      #expect(!hasHappened(within: .milliseconds(2500)) { tables() > 1 })
      #expect(watch.stderrSoFar.components(separatedBy: "is stopped").count == 2)
      try project.main(of: "bot").kill()
      eventually("a change that is seen without it") { tables() > 1 }
      supervisor.signal(SIGCONT)
      eventually("its own word") {
        let latest = watch.stdoutSoFar.components(separatedBy: "\n\n").dropLast().last
        return latest.map { $0.contains("failed") && !$0.contains("waiting for it") } ?? false
      }
      watch.signal(SIGINT)
      #expect(try watch.wait().status == 130)
      try project.run("stop", exits: 0)
    }
  }

  @Test(arguments: ["logs/.devstart/control.sock", "elsewhere.sock"])
  func `a supervisor that takes nobody in any more is said to be deaf`(name: String) throws {
    try withProject(["bot": .service("sleep")]) { project in
      let socket = project.path(name)
      try Files.makeFolder(project.path("logs/.devstart"), mode: 0o700)
      try Files.write("1 1\nsocket \(socket)\n", to: project.path("logs/.devstart/supervisor.lock"))
      let deaf = try DeafListener(socket)
      let queue = try (0...8).map { _ in try ControlSocket(socket) }
      let status = try project.run("status", exits: 3)
      #expect(status.stderr.contains("does not hear") && status.stdout.contains("stopped"))
      let watch = try project.spawn("status", "--watch")
      eventually("what can be seen without it") { watch.stdoutSoFar.contains("waiting for it") }
      watch.signal(SIGINT)
      #expect(try watch.wait().status == 130)
      #expect(watch.stderrSoFar.components(separatedBy: "does not hear").count == 2)
      withExtendedLifetime((deaf, queue)) {}
    }
  }

  @Test func `status --watch tells each change`() throws {
    try withProject(["bot": .service("sleep")]) { project in
      try project.run("start", exits: 0)
      let watch = try project.spawn("status", "--watch")
      eventually("the first state") { watch.stdoutSoFar.contains("ready") }
      try project.run("stop", exits: 0)
      eventually("the second state") { watch.stdoutSoFar.contains("stopped") }
      watch.signal(2)
      _ = try watch.wait()
    }
  }
}
