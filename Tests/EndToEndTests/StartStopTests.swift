import DevstartCore
import TestSupport
import Testing

@Suite(.waitsForProcesses) struct StartStopTests {
  @Test func `start launches, status tells, stop ends`() throws {
    try withProject(["bot": .service("child")]) { project in
      let start = try project.run("start", "bot", exits: 0)
      #expect(start.stdout.contains("bot"))
      #expect(start.stderr == "")
      project.expectExactlyOne("bot")
      let bot = try project.service("bot")
      #expect(bot["state"]?.string == "ready")
      #expect(bot["pid"]?.integer == project.living("bot").first.map { Int($0.pid) })
      let status = try project.run("status", exits: 0)
      #expect(status.stdout.contains("bot") && status.stdout.contains("ready"))
      let stop = try project.run("stop", "bot", exits: 0)
      #expect(stop.stdout.contains("bot"))
      #expect(project.survivors.isEmpty)
      try #expect(project.state(of: "bot") == "stopped")
      try project.run("status", exits: 3)
    }
  }

  @Test func `a target alone is a start of it`() throws {
    try withProject(["bot": .service("sleep"), "api": .service("sleep")]) { project in
      try project.run("bot", exits: 0)
      project.expectExactlyOne("bot")
      #expect(project.living("api").isEmpty)
      try project.run("all", exits: 0)
      project.expectExactlyOne("api")
      try project.run("stop", exits: 0)
    }
  }

  @Test func `a category is a target`() throws {
    let services: JSON = [
      "one": .service("sleep", with: ["category": "workers"]),
      "two": .service("sleep", with: ["category": ["workers", "night"]]),
      "api": .service("sleep"),
    ]
    try withProject(services) { project in
      try project.run("workers", exits: 0)
      #expect(project.living("one").count == 1 && project.living("two").count == 1)
      #expect(project.living("api").isEmpty)
      try project.run("stop", "night", exits: 0)
      #expect(project.living("one").count == 1 && project.living("two").isEmpty)
      try project.run("stop", "workers", exits: 0)
    }
  }

  @Test func `no target means all, without what does not start by itself`() throws {
    let services: JSON = [
      "bot": .service("sleep", with: ["category": "x"]),
      "debug": .service("sleep", with: ["category": "x", "autostart": false]),
    ]
    try withProject(services) { project in
      for words in [["start"], ["start", "all"], ["start", "x"]] {
        #expect(try project.spawn(words).wait().status == 0)
        project.waitUntilSettled()
        #expect(project.living("bot").count == 1 && project.living("debug").isEmpty)
      }
      // Listed, but not counted.
      let status = try project.json("status", exits: 0)
      #expect(status["services"]?[named: "debug"]?["state"]?.string == "stopped")
      try project.run("start", "debug", exits: 0)
      project.expectExactlyOne("debug")
      try project.run("stop", exits: 0)
      #expect(project.survivors.isEmpty)
    }
  }

  @Test func `what is named is replaced, and the old one is gone before the new one begins`() throws
  {
    try withProject(["bot": .service("lock", "only-one", "child")]) { project in
      try project.run("start", "bot", exits: 0)
      let first = try project.main(of: "bot")
      try project.run("start", "bot", exits: 0)
      let second = try project.main(of: "bot")
      #expect(first.pid != second.pid && !first.isAlive)
      try project.run("restart", "bot", exits: 0)
      #expect(!second.isAlive)
      project.expectExactlyOne("bot")
      #expect(project.records("DOUBLE").isEmpty)
      try project.run("stop", "bot", exits: 0)
    }
  }

  @Test func `restart starts what did not run, and stop of nothing is done at once`() throws {
    try withProject(["bot": .service("sleep")]) { project in
      try project.run("stop", "bot", exits: 0)
      try project.run("stop", exits: 0)
      try project.run("restart", "bot", exits: 0)
      project.expectExactlyOne("bot")
      try project.run("stop", exits: 0)
    }
  }

  @Test func `a restart that follows a start at once joins nothing`() throws {
    try withProject(["bot": .service("sleep")]) { project in
      let script = "'\(Build.devstart)' start && '\(Build.devstart)' restart"
      for _ in 0..<5 {
        let both = try project.start("/bin/sh", ["sh", "-c", script]).wait()
        #expect(both.status == 0 && both.stdout.contains("replaced"), "\(both.output)")
        try project.run("stop", exits: 0)
      }
    }
  }

  @Test func `the PID file is what scripts expect`() throws {
    try withProject(["bot": .service("sleep")]) { project in
      try project.run("start", "bot", exits: 0)
      let main = try project.main(of: "bot")
      #expect(Files.text(project.pidFile("bot")) == "\(main.pid)\n")
      #expect(Files.mode(project.pidFile("bot")) == 0o644)
      let kill = try project.start("/bin/sh", ["sh", "-c", "kill -TERM $(cat logs/dev_bot.pid)"])
      #expect(try kill.wait().status == 0)
      #expect(main.hasEnded())
      try project.run("wait", "bot", "--for", "stopped", exits: 0)
      let bot = try project.service("bot")
      #expect(bot["state"]?.string == "stopped")
      #expect(bot["exit"]?["signal"]?.string == "TERM")
    }
  }

  @Test func `no PID file outlives its process`() throws {
    try withProject(["bot": .service("sleep")]) { project in
      try project.run("start", "bot", exits: 0)
      try project.run("stop", "bot", exits: 0)
      #expect(!Files.exists(project.pidFile("bot")))
    }
  }

  @Test func `--no-wait returns before the service is ready`() throws {
    let port = Ports.free()
    try withProject { project in
      let gate = Gate("\(project.base)/gate")
      try project.write(
        ["bot": .service("gate", gate.path, "listen", String(port), ports: [port])])
      try project.run("start", "bot", "--no-wait", exits: 0)
      try #expect(project.state(of: "bot") == "starting")
      try project.run("status", exits: 3)
      let wait = try project.spawn("wait", "bot", "--for", "ready")
      gate.open()
      #expect(try wait.wait().status == 0)
      try #expect(project.state(of: "bot") == "ready")
      try project.run("stop", exits: 0)
    }
  }

  @Test func `--dry-run touches nothing`() throws {
    try withProject(["bot": .service("sleep"), "api": .service("sleep")]) { project in
      let plan = try project.run("start", "all", "--dry-run", exits: 0)
      #expect(plan.stdout.contains("bot") && plan.stdout.contains("api"))
      #expect(project.records.isEmpty)
      try project.run("start", "bot", exits: 0)
      let before = try project.main(of: "bot")
      try project.run("start", "all", "--dry-run", exits: 0)
      #expect(before.isAlive && project.living("api").isEmpty)
      try project.run("stop", exits: 0)
    }
  }

  @Test func `a list of processes says who the supervisor and the keepers are`() throws {
    try withProject(["bot": .service("sleep")]) { project in
      try project.run("start", exits: 0)
      #expect(try #require(project.supervisor).process.commandName == "devstart")
      let keeper = try project.keeper(of: project.main(of: "bot"))
      #expect(keeper.process.commandName == "devstart-keeper")
      try project.run("stop", exits: 0)
    }
  }

  @Test func `the supervisor ends by itself when nothing runs`() throws {
    try withProject(["bot": .service("sleep")]) { project in
      try project.run("start", "bot", exits: 0)
      let supervisor = try #require(project.supervisor)
      try project.run("stop", "bot", exits: 0)
      #expect(supervisor.hasEnded(within: .seconds(5)))
    }
  }

  @Test func `a oneshot is completed, and a service that ends by itself is not up`() throws {
    let services: JSON = [
      "migrate": .service("exit", "0", with: ["oneshot": true]),
      "bot": .service("exit", "0", "--after-ms", "200"),
    ]
    try withProject(services) { project in
      try project.run("start", "migrate", exits: 0)
      try #expect(project.state(of: "migrate") == "completed")
      try project.run("start", "bot", exits: 0)
      let bot = project.records("bot").last.flatMap { ProcessHandle(pid: $0.pid) }
      #expect(bot?.hasEnded() ?? true)
      try eventually("bot is completed") { try project.state(of: "bot") == "completed" }
      #expect(try project.service("bot")["exit"]?["code"]?.integer == 0)
      try project.run("status", "bot", exits: 3)
      try project.run("stop", exits: 0)
    }
  }

  @Test func `the stop command and the stop signal come before KILL`() throws {
    let services: JSON = [
      "asked": .service(
        "record-signals", "TERM,INT",
        with: [
          "stop": [
            "signal": "INT", "timeout": "300ms",
            "command": ["/bin/sh", "-c", "echo > asked-$PPID"],
          ]
        ])
    ]
    try withProject(services) { project in
      try project.run("start", exits: 0)
      let stop = try project.json("stop", exits: 0)
      #expect(project.records("got-INT").count == 1 && project.records("got-TERM").isEmpty)
      #expect(Files.names(in: project.folder).contains { $0.hasPrefix("asked-") })
      let asked = stop["services"]?[named: "asked"]
      #expect(asked?["signal"]?.string == "KILL")
      #expect(try #require(asked?["seconds"]?.double) >= 0.3)
    }
  }

  @Test func `stop --timeout and --force shorten the wait for what ignores TERM`() throws {
    try withProject(["bot": .service("ignore", "TERM")]) { project in
      try project.run("start", exits: 0)
      let patient = try project.run("stop", "--timeout", "300ms", exits: 0)
      #expect(patient.duration >= .milliseconds(300) && patient.duration < .seconds(5))
      #expect(patient.stdout.contains("KILL"), "it says that it took force")
      try project.run("start", exits: 0)
      let forced = try project.run("stop", "--force", exits: 0)
      #expect(forced.duration < .seconds(5))
      #expect(project.survivors.isEmpty)
    }
  }

  @Test func `scope main signals main alone first`() throws {
    let services: JSON = [
      "bot": .service(
        "record-signals", "TERM", "child", "ignore", "TERM",
        with: ["stop": ["scope": "main", "timeout": "300ms"]]),
      "api": .service("record-signals", "TERM", "child", with: ["stop": ["timeout": "300ms"]]),
    ]
    try withProject(services) { project in
      try project.run("start", exits: 0)
      let children = project.records("child").map(\.pid)
      try project.run("stop", exits: 0)
      let bot = project.records("bot").map(\.pid)
      let told = project.records("got-TERM").map(\.pid)
      #expect(told.filter { children.contains($0) }.count == 1, "the child of api alone")
      #expect(told.allSatisfy { !bot.contains($0) }, "bot ignores it")
    }
  }
}
