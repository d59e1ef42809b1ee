import DevstartCore
import TestSupport
import Testing

@Suite(.waitsForProcesses) struct ReadinessTests {
  @Test(arguments: [[], ["--v6"]])
  func `a service with tcp is ready when it listens, not before`(options: [String]) throws {
    let port = Ports.free()
    try withProject { project in
      let gate = Gate("\(project.base)/gate")
      let words = ["gate", gate.path, "listen", String(port)] + options
      try project.write(["bot": .fixture(words, with: ["ready": ["tcp": JSON(port)]])])
      let start = try project.spawn("start", "bot")
      try project.waitForRecord("bot")
      #expect(!start.handle.hasEnded(within: .milliseconds(200)))
      try #expect(project.state(of: "bot") == "starting")
      gate.open()
      #expect(try start.wait().status == 0)
      #expect(try #require(project.service("bot")["readySeconds"]?.double) >= 0.2)
      try project.run("stop", exits: 0)
    }
  }

  @Test func `a service with ports is ready when all of them listen`() throws {
    let ports = [Ports.free(), Ports.free()]
    try withProject { project in
      let gate = Gate("\(project.base)/gate")
      try project.write([
        "bot": .service(
          "listen", String(ports[0]), "child", "{", "gate", gate.path, "listen", String(ports[1]),
          "}", ports: ports)
      ])
      let start = try project.spawn("start", "bot")
      eventually("the first port") { Ports.isTaken(ports[0]) }
      #expect(!start.handle.hasEnded(within: .milliseconds(150)))
      gate.open()
      #expect(try start.wait().status == 0)
      #expect(Ports.isTaken(ports[1]))
      try project.run("stop", exits: 0)
      #expect(!Ports.isTaken(ports[0]) && !Ports.isTaken(ports[1]))
    }
  }

  @Test func `a stranger that listens makes nothing ready`() throws {
    let port = Ports.free()
    try withProject { project in
      _ = try project.startFixture(["listen", String(port)], in: "/")
      try project.write([
        "bot": .service("sleep", with: ["ready": ["tcp": JSON(port), "timeout": "400ms"]])
      ])
      let start = try project.run("start", "bot", exits: 1)
      #expect(start.duration >= .milliseconds(400))
      #expect(start.output.contains(String(port)))
      try project.run("stop", exits: 0)
    }
  }

  @Test func `a delay is waited for, and an end within it is a failure`() throws {
    let services: JSON = [
      "good": .service("sleep", with: ["ready": ["delay": "300ms"]]),
      "bad": .service("exit", "9", "--after-ms", "50", with: ["ready": ["delay": "20s"]]),
    ]
    try withProject(services) { project in
      let good = try project.run("start", "good", exits: 0)
      #expect(good.duration >= .milliseconds(300))
      let bad = try project.run("start", "bad", exits: 1)
      #expect(bad.duration < .seconds(10))
      #expect(bad.output.contains("bad") && bad.output.contains("9"))
      try #expect(project.state(of: "bad") == "failed")
      try project.run("stop", exits: 0)
    }
  }

  @Test func `a service without a check has 200 ms of life, and status says so`() throws {
    try withProject(["bot": .service("sleep", with: ["ready": nil])]) { project in
      var manifest = try JSON.parse(Files.bytes(project.manifestPath) ?? [])
      manifest.set("services", ["bot": ["command": [JSON(Build.fixture), "record", "bot"]]])
      try Files.write(manifest.indentedText, to: project.manifestPath)
      let start = try project.run("start", exits: 0)
      #expect(start.duration >= .milliseconds(200))
      #expect(try project.run("status", exits: 0).stdout.contains("alive, not checked"))
      try project.run("stop", exits: 0)
    }
  }

  @Test func `a failed start shows the reason and the last lines of the log`() throws {
    let port = Ports.free()
    let services: JSON = [
      "bot": .service("print-lines", "200", "print", "Traceback: boom", "exit", "3", ports: [port])
    ]
    try withProject(services) { project in
      let start = try project.run("start", exits: 1)
      #expect(start.duration < .seconds(10), "an end is not waited out")
      #expect(start.output.contains("bot") && start.output.contains("3"))
      #expect(start.output.contains("line 200") && start.output.contains("Traceback: boom"))
      #expect(!start.output.contains("line 2\n"), "not the whole log")
      #expect(start.output.contains("logs/dev_bot.log"))
      let bot = try project.service("bot")
      #expect(bot["state"]?.string == "failed" && bot["exit"]?["code"]?.integer == 3)
    }
  }

  @Test func `what is not ready in time has failed, and is not left running`() throws {
    let port = Ports.free()
    let services: JSON = [
      "bot": .service(
        "print", "still thinking", "ignore", "TERM", "double-fork", "sleep", ports: [port],
        with: ["ready": ["tcp": JSON(port), "timeout": "300ms"], "stop": ["timeout": "200ms"]])
    ]
    try withProject(services) { project in
      let start = try project.run("start", exits: 1)
      #expect(start.duration >= .milliseconds(300))
      #expect(start.output.contains(String(port)) && start.output.contains("still thinking"))
      try #expect(project.state(of: "bot") == "failed")
      #expect(project.survivors.isEmpty)
    }
  }

  @Test func `a main that daemonised is told how to stay, and its daemon is ended`() throws {
    let services: JSON = [
      "bot": .service("main-exits", with: ["ready": ["delay": "10s"]])
    ]
    try withProject(services) { project in
      let start = try project.run("start", exits: 1)
      #expect(start.output.contains("foreground"), "\(start.output)")
      #expect(project.records("double-fork").count == 1)
      #expect(project.survivors.isEmpty)
    }
  }

  @Test func `a command that cannot be executed is a failure that says why`() throws {
    try withProject { project in
      try Files.write("no program", to: project.path("plain.txt"))
      try Files.write("#!/no/such/interpreter\n", to: project.path("orphaned"), mode: 0o755)
      try project.write([
        "missing": .command(["no-such-program-at-all"]),
        "plain": .command(["./plain.txt"]), "folder": .command(["/tmp"]),
        "orphaned": .command(["./orphaned"]),
        "nowhere": .service("sleep", with: ["cwd": "not-there"]),
      ])
      let expected = [
        "missing": "no-such-program-at-all", "plain": "plain.txt", "folder": "/tmp",
        "orphaned": "orphaned", "nowhere": "not-there",
      ]
      for (service, word) in expected {
        let start = try project.run("start", service, exits: 1)
        #expect(start.output.contains(service) && start.output.contains(word), "\(start.output)")
        #expect(project.records.isEmpty)
      }
      try project.run("check", exits: 1)
    }
  }

  @Test func `one failure does not keep others from starting, and all are reported`() throws {
    let services: JSON = [
      "good": .service("sleep"),
      "bad": .service("exit", "1", with: ["ready": ["delay": "10s"]]),
      "worse": .service("exit", "2", with: ["ready": ["delay": "10s"]]),
    ]
    try withProject(services) { project in
      let start = try project.run("start", exits: 1)
      #expect(start.output.contains("bad") && start.output.contains("worse"))
      project.expectExactlyOne("good")
      try project.run("stop", exits: 0)
    }
  }

  @Test func `a wait of over a second says what it waits for`() throws {
    let port = Ports.free()
    try withProject { project in
      let gate = Gate("\(project.base)/gate")
      try project.write([
        "bot": .service("gate", gate.path, "listen", String(port), ports: [port])
      ])
      let start = try project.spawn("start", "bot")
      eventually("it says that it waits for the port") {
        (start.stdoutSoFar + start.stderrSoFar).contains(String(port))
      }
      gate.open()
      #expect(try start.wait().status == 0)
      try project.run("stop", exits: 0)
    }
  }
}
