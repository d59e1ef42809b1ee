import DevstartCore
import Glibc
import TestSupport
import Testing

/// Promise 4: nothing is lost, whoever is KILLed.
@Suite(.waitsForProcesses) struct TakeOverTests {
  static let services: JSON = [
    "bot": .service("lock", "bot.lock", "setsid"), "api": .service("lock", "api.lock", "child"),
  ]

  @Test func `services run on without a supervisor, and status says so`() throws {
    try withProject(Self.services) { project in
      try project.run("start", exits: 0)
      let (bot, api) = (try project.main(of: "bot"), try project.main(of: "api"))
      try #require(project.supervisor).kill()
      let status = try project.run("status", exits: 0)
      #expect(status.output.contains("unsupervised"))
      #expect(status.output.contains("devstart start"))
      let json = try project.json("status", exits: 0)
      #expect(json["supervisor"]?.isNull == true)
      #expect(json["services"]?[named: "bot"]?["pid"]?.integer == Int(bot.pid))
      #expect(json["services"]?[named: "bot"]?["state"]?.string == "ready")
      #expect(bot.isAlive && api.isAlive && project.supervisor == nil)
      try project.run("stop", exits: 0)
      #expect(project.survivors.isEmpty)
    }
  }

  @Test func `a new supervisor takes over and restarts nothing`() throws {
    try withProject(Self.services) { project in
      try project.run("start", exits: 0)
      let (bot, api) = (try project.main(of: "bot"), try project.main(of: "api"))
      let keeper = try project.keeper(of: bot)
      for _ in 0..<3 {
        try #require(project.supervisor).kill()
        try project.run("start", "--if-running", "keep", exits: 0)
        #expect(bot.isAlive && api.isAlive && keeper.isAlive)
        #expect(project.supervisor != nil)
      }
      try #require(project.supervisor).kill()
      try project.run("start", "api", exits: 0)
      #expect(bot.isAlive && !api.isAlive)
      for name in ["bot", "api"] { project.expectExactlyOne(name) }
      #expect(project.records("DOUBLE").isEmpty)
      #expect(try project.main(of: "bot").pid == bot.pid)
      try project.run("stop", exits: 0)
    }
  }

  @Test func `an end that nobody supervised is known with its status`() throws {
    try withProject { project in
      let gate = Gate("\(project.base)/gate")
      try project.write([
        "fails": .service("gate", gate.path, "exit", "7"), "dies": .service("sleep"),
        "runs": .service("sleep"),
      ])
      try project.run("start", exits: 0)
      try #require(project.supervisor).kill()
      let fails = try project.main(of: "fails")
      try project.main(of: "dies").kill()
      gate.open()
      #expect(fails.hasEnded())
      try project.run("start", "runs", exits: 0)
      let services = try project.status()["services"]
      #expect(services?[named: "fails"]?["exit"] == ["code": 7])
      #expect(services?[named: "fails"]?["state"]?.string == "failed")
      #expect(services?[named: "dies"]?["exit"] == ["signal": "KILL"])
      try project.run("stop", exits: 0)
    }
  }

  @Test func `the launch record names main before main does anything`() throws {
    try withProject { project in
      let script = "cat logs/.devstart/bot.launch; exec '\(Build.fixture)' record bot sleep"
      try project.write(["bot": .command(["/bin/sh", "-c", script])])
      try project.run("start", exits: 0)
      try project.waitForRecord("bot")
      let main = try project.main(of: "bot")
      #expect(project.log("bot").contains("\nmain \(main.pid) "))
      try project.run("stop", exits: 0)
    }
  }

  @Test func `stop and restart work after the supervisor was KILLed`() throws {
    try withProject(Self.services) { project in
      try project.run("start", exits: 0)
      let bot = try project.main(of: "bot")
      try #require(project.supervisor).kill()
      try project.run("restart", "bot", exits: 0)
      #expect(!bot.isAlive)
      project.expectExactlyOne("bot")
      try #require(project.supervisor).kill()
      try project.run("stop", exits: 0)
      #expect(project.survivors.isEmpty)
    }
  }

  @Test func `what was being ended as unhealthy is launched again by the next supervisor`() throws {
    let service = JSON.service(
      "ignore", "TERM", "sleep",
      with: [
        "stop": ["timeout": "1h"], "restart": ["policy": "on-failure", "backoff": "0s"],
        "live": ["exec": ["/bin/sh", "-c", "test ! -e ill"], "interval": "50ms", "failures": 1],
        "hooks": ["restarted": "printf %s \"$DEVSTART_REASON\" > why"],
      ])
    try withProject(["bot": service, "anchor": .service("sleep")]) { project in
      try project.run("start", exits: 0)
      try project.waitForRecord("settled", count: 2)
      let old = try project.main(of: "bot")
      try Files.write("", to: project.path("ill"))
      try eventually("it is being ended") { try project.state(of: "bot") == "stopping" }
      try #require(project.supervisor).kill()
      unlink(project.path("ill"))
      try project.run("start", "anchor", "--if-running", "keep", exits: 0)
      try eventually("it is being ended") { try project.state(of: "bot") == "stopping" }
      old.kill()
      try eventually("it is launched again") { try project.state(of: "bot") == "ready" }
      #expect(try project.main(of: "bot").pid != old.pid)
      try waitForFile(project.path("why")) {
        $0.contains("unhealthy") && $0.contains("test ! -e ill")
      }
      try project.run("stop", "--force", exits: 0)
      #expect(project.survivors.isEmpty)
    }
  }

  @Test func `a service outlives its keeper or ends with it, but is never doubled or lost`() throws
  {
    try withProject(Self.services) { project in
      try project.run("start", exits: 0)
      try project.waitForRecord("settled", count: 2)
      let bot = try project.main(of: "bot")
      try project.keeper(of: bot).kill()
      _ = try project.status()
      try project.run("start", exits: 0)
      for name in ["bot", "api"] { project.expectExactlyOne(name) }
      #expect(project.records("DOUBLE").isEmpty)
      try project.keeper(of: project.main(of: "bot")).kill()
      try project.run("stop", exits: 0)
      #expect(project.survivors.isEmpty)
    }
  }

  @Test func `what lost its keeper is stopped whole while the supervisor lives`() throws {
    // Without an environment only descent tells whose it is: from the supervisor, a subreaper too.
    let services: JSON = ["bot": .service("daemon-bare", "double-fork", "setsid", "orphan")]
    try withProject(services) { project in
      try project.run("start", exits: 0)
      try project.waitForRecord("settled")
      try project.keeper(of: project.main(of: "bot")).kill()
      try project.run("stop", exits: 0)
      #expect(project.survivors.isEmpty)
    }
  }

  @Test func `keeper and supervisor KILLed together`() throws {
    try withProject(Self.services) { project in
      try project.run("start", exits: 0)
      try project.waitForRecord("settled", count: 2)
      let keeper = try project.keeper(of: project.main(of: "bot"))
      let supervisor = try #require(project.supervisor)
      keeper.kill()
      supervisor.kill()
      let status = try project.spawn("status").wait()
      #expect([0, 3].contains(status.status))
      try project.run("start", exits: 0)
      for name in ["bot", "api"] { project.expectExactlyOne(name) }
      #expect(project.records("DOUBLE").isEmpty)
      try project.run("stop", exits: 0)
      #expect(project.survivors.isEmpty)
    }
  }

  @Test func `every process of ours KILLed at once, then stop`() throws {
    try withProject(Self.services) { project in
      try project.run("start", exits: 0)
      try project.waitForRecord("settled", count: 2)
      let ours = project.processes().filter { $0.isKeeper || $0.isSupervisor }
      #expect(ours.count == 3)
      for process in ours { ProcessHandle(pid: process.pid)?.kill() }
      try project.run("stop", exits: 0)
      #expect(project.survivors.isEmpty, "marker, session and group are left")
    }
  }

  @Test func `a command KILLed in the middle leaves something that stop ends`() throws {
    let port = Ports.free()
    try withProject { project in
      let gate = Gate("\(project.base)/gate")
      try project.write([
        "bot": .service("gate", gate.path, "listen", String(port), ports: [port])
      ])
      let start = try project.spawn("start")
      try project.waitForRecord("bot")
      start.handle.kill()
      let wait = try project.spawn("wait", "bot", "--for", "ready")
      gate.open()
      #expect(try wait.wait().status == 0, "a lost command stops nothing")
      project.expectExactlyOne("bot")
      try project.run("stop", exits: 0)
    }
  }

  @Test func `a command's time limit does not begin anew with another supervisor`() throws {
    let service = JSON.service("sleep", with: ["ready": ["notify": true, "timeout": "100s"]])
    try withProject(["bot": service]) { project in
      try project.run("start", "--no-wait", exits: 0)
      let began = ContinuousClock.now
      let wait = try project.spawn("wait", "bot", "--for", "ready", "--timeout", "6s")
      eventually("most of its time has passed") { ContinuousClock.now - began > .seconds(5) }
      try #require(project.supervisor).kill()
      let result = try wait.wait()
      #expect(result.status == 5, "\(result.output)")
      #expect(result.duration < .seconds(10), "\(result.output)")
      try project.run("stop", exits: 0)
    }
  }

  @Test func `a stopped supervisor does not hang a command without a word`() throws {
    try withProject(Self.services) { project in
      try project.run("start", exits: 0)
      let supervisor = try #require(project.supervisor)
      supervisor.signal(SIGSTOP)
      let words = "kill -CONT \(supervisor.pid)"
      #expect(try project.run("status").stderr.contains(words))
      let stop = try project.spawn("stop")
      eventually("it says so") { stop.stderrSoFar.contains(words) }
      stop.signal(SIGINT)
      #expect(try stop.wait(within: .seconds(5)).status == 130)
      supervisor.signal(SIGCONT)
      try project.run("stop", exits: 0)
    }
  }

  @Test func `a supervisor that hangs is named, status looks elsewhere, and Ctrl-C leaves`() throws
  {
    try withProject(Self.services) { project in
      try project.run("start", exits: 0)
      try #require(project.supervisor).kill()
      let socket = project.path("logs/.devstart/control.sock")
      Files.remove(socket)
      let deaf = try DeafListener(socket)
      let words = "the supervisor (pid \(getpid())) has not heard for 10 s"
      let stop = try project.spawn("stop")
      let status = try project.run("status")
      #expect(status.stderr.contains(words) && status.stdout.contains("unsupervised"))
      eventually("stop says so, too") { stop.stderrSoFar.contains(words) }
      stop.signal(SIGINT)
      #expect(try stop.wait(within: .seconds(5)).status == 130)
      withExtendedLifetime(deaf) {}
      Files.remove(socket)
      try project.run("stop", exits: 0)
    }
  }

  @Test func `a copied folder's launch records are not believed`() throws {
    try withProject(Self.services) { project in
      try project.run("start", exits: 0)
      let bot = try project.main(of: "bot")
      try withProject { copy in
        let command = try copy.start(
          "/bin/cp", ["cp", "-a", "\(project.folder)/.", copy.folder])
        #expect(try command.wait().status == 0)
        Files.remove(copy.path("logs/.devstart/control.sock"))
        let status = try copy.json("status", exits: 3)
        #expect(status["services"]?[named: "bot"]?["pid"]?.isNull == true)
        try copy.run("stop", exits: 0)
        try copy.run("clean", exits: 0)
        #expect(bot.isAlive)
      }
      try project.run("stop", exits: 0)
    }
  }

  @Test(arguments: ["", "{", "null", "devstart-launch 1\nkeeper 1 1\nmain 1 1\n", "\u{0}"])
  func `files of ours that make no sense are replaced`(garbage: String) throws {
    try withProject(["bot": .service("lock", "bot.lock")]) { project in
      try Files.makeFolder(project.path("logs/.devstart"), mode: 0o700)
      for name in ["state.json", "bot.launch", "supervisor.lock"] {
        try Files.write(garbage, to: project.path("logs/.devstart/\(name)"), mode: 0o600)
      }
      try project.run("status", exits: 3)
      try project.run("start", exits: 0)
      project.expectExactlyOne("bot")
      try #require(project.supervisor).kill()
      try Files.write(garbage, to: project.path("logs/.devstart/state.json"), mode: 0o600)
      try project.run("start", "--if-running", "keep", exits: 0)
      project.expectExactlyOne("bot")
      #expect(project.records("bot").count == 1)
      try project.run("stop", exits: 0)
    }
  }

  @Test func `the folder of logs is restored when git clean takes it`() throws {
    try withProject(Self.services) { project in
      try project.run("start", exits: 0)
      let (bot, supervisor) = (try project.main(of: "bot"), try #require(project.supervisor))
      Files.remove(project.path("logs"))
      eventually("the supervisor makes its folder anew") { project.supervisor != nil }
      #expect(
        try project.main(of: "bot").pid == bot.pid && project.supervisor?.pid == supervisor.pid)
      eventually("the PID file too") { Files.text(project.pidFile("bot")) == "\(bot.pid)\n" }
      #expect(Files.mode(project.path("logs/.devstart")) == 0o700)
      try project.run("start", "api", exits: 0)
      #expect(bot.isAlive)
      for name in ["bot", "api"] { project.expectExactlyOne(name) }
      #expect(project.records("DOUBLE").isEmpty)
      try project.run("stop", exits: 0)
    }
  }

  @Test func `the folder of logs is restored once nothing stands in its way`() throws {
    try withProject(Self.services) { project in
      try project.run("start", exits: 0)
      let (bot, supervisor) = (try project.main(of: "bot"), try #require(project.supervisor))
      let (logs, aside) = (project.path("logs"), project.path("aside"))
      supervisor.signal(SIGSTOP)
      #expect(rename(logs, aside) == 0)
      try Files.write("in the way", to: logs)
      supervisor.signal(SIGCONT)
      let told = "cannot be restored"
      eventually("it has tried") {
        Files.text(aside + "/.devstart/supervisor.log")?.contains(told) == true
      }
      Files.remove(logs)
      eventually("it is there again") { project.supervisor?.pid == supervisor.pid }
      eventually("the PID file too") { Files.text(project.pidFile("bot")) == "\(bot.pid)\n" }
      #expect(bot.isAlive)
      try project.run("stop", exits: 0)
    }
  }

  @Test func `what is deleted after the folder was restored is restored too`() throws {
    try withProject(Self.services) { project in
      try project.run("start", exits: 0)
      let bot = try project.main(of: "bot")
      let supervisor = try #require(project.supervisor)
      Files.remove(project.path("logs/.devstart"))
      eventually("its folder is there again") { project.supervisor != nil }
      // Whoever deletes has read which files there are before they were made anew.
      Files.remove(project.pidFile("bot"))
      Files.remove(project.path("logs/.devstart/state.json"))
      Files.remove(project.path("logs/.devstart/supervisor.log"))
      eventually("they are there again") {
        Files.text(project.pidFile("bot")) == "\(bot.pid)\n"
          && Files.exists(project.path("logs/.devstart/state.json"))
          && Files.exists(project.path("logs/.devstart/supervisor.log"))
      }
      #expect(bot.isAlive && project.supervisor?.pid == supervisor.pid)
      try project.run("stop", exits: 0)
    }
  }

  @Test func `the folder of logs can be deleted once all is stopped`() throws {
    try withProject(Self.services) { project in
      let script =
        "i=0; while [ $i -lt 10 ]; do i=$((i+1)); \"$0\" start && \"$0\" stop && "
        + "[ ! -e logs/.devstart/control.sock ] && rm -r logs && [ ! -e logs ] || exit 7; done"
      let result = try project.start("/bin/sh", ["sh", "-c", script, Build.devstart]).wait()
      #expect(result.status == 0, "\(result.output)")
      eventually("no supervisor is left") { project.processes().isEmpty }
      #expect(!Files.exists(project.path("logs")))
    }
  }

  @Test func `the logs folder lost while nobody supervised loses no service`() throws {
    try withProject(Self.services) { project in
      try project.run("start", exits: 0)
      let bot = try project.main(of: "bot")
      try #require(project.supervisor).kill()
      Files.remove(project.path("logs"))
      try project.run("start", "--if-running", "keep", exits: 0)
      #expect(bot.isAlive)
      for name in ["bot", "api"] { project.expectExactlyOne(name) }
      #expect(project.records("DOUBLE").isEmpty)
      try project.run("stop", exits: 0)
    }
  }
}
