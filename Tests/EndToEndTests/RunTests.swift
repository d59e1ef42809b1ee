import DevstartCore
import Glibc
import TestSupport
import Testing

@Suite(.waitsForProcesses) struct RunTests {
  private static let services: JSON = [
    "bot": .service("setsid"), "api": .service("sleep", with: ["dependsOn": ["bot"]]),
  ]

  /// A run of these services that is up.
  private func withRun(
    _ services: JSON = services, environment: [String: String] = [:],
    _ body: (Project, RunningCommand) throws -> Void
  ) throws {
    try withProject(services) { project in
      let run = try project.spawn(["run"], environment: environment)
      try waitForReady(project, run, services.keys)
      try body(project, run)
    }
  }

  private func waitForReady(_ project: Project, _ run: RunningCommand, _ names: [String]) throws {
    eventually("all are ready", within: .seconds(20)) {
      names.allSatisfy { run.stdoutSoFar.contains("✓ \($0)") }
    }
  }

  // MARK: How it ends

  @Test(arguments: [(SIGTERM, 0), (SIGHUP, 0), (SIGINT, 130)] as [(Int32, Int32)])
  func `a signal stops the services in order`(signal: Int32, status: Int32) throws {
    try withRun { project, run in
      run.signal(signal)
      let result = try run.wait()
      #expect(result.status == status, "\(result.output)")
      #expect(result.stderr == "devstart: stopping; Ctrl-C again kills\n")
      #expect(result.stdout.contains("✓ bot  stopped") && project.survivors.isEmpty)
      try #expect(project.state(of: "bot") == "stopped")
    }
  }

  @Test(arguments: [SIGTERM, SIGINT, SIGHUP])
  func `a signal while it starts stops what was launched`(signal: Int32) throws {
    try withProject(["bot": .service("sleep", with: ["ready": ["delay": "60s"]])]) { project in
      let run = try project.spawn("run")
      try project.waitForRecord("bot")
      run.signal(signal)
      #expect(try run.wait().status == (signal == SIGINT ? 130 : 0))
      #expect(project.survivors.isEmpty)
    }
  }

  /// INT is what shells without job control ignore for what they start in the background.
  @Test(arguments: [("HUP", SIGHUP, SIGINT, 130), ("INT", SIGINT, SIGTERM, 0)])
  func `a signal that is ignored from the beginning, as by nohup, ends nothing`(
    name: String, ignored: Int32, heard: Int32, status: Int32
  ) throws {
    try withProject(Self.services) { project in
      let script = "trap '' \(name); exec '\(Build.devstart)' run"
      let run = try project.start("/bin/sh", ["sh", "-c", script])
      try waitForReady(project, run, ["bot", "api"])
      run.signal(ignored)
      run.signal(heard)
      #expect(try run.wait().status == status)
      #expect(project.survivors.isEmpty)
    }
  }

  @Test(arguments: ["0s", "60s"])
  func `a signal ends it however fast a service writes`(delay: String) throws {
    try withProject { project in
      let gate = Gate("\(project.base)/gate")
      try project.write([
        "bot": .service(
          "gate", gate.path, "print-lines", "4000000", "--width", "255",
          // While a log's head is moved, nothing is read, and whoever reads has time.
          with: ["ready": ["delay": JSON(delay)], "log": ["maxSize": "10GB"]])
      ])
      let run = try project.spawn("run")
      try project.waitForRecord("at-gate")
      if delay == "0s" { try waitForReady(project, run, ["bot"]) }
      gate.open()
      eventually("it shows the log") { run.stdoutSoFar.utf8.count > 1 << 20 }
      run.signal(SIGTERM)
      #expect(try run.wait(within: .seconds(15)).status == 0)
      #expect(project.survivors.isEmpty)
    }
  }

  @Test(arguments: [SIGTERM, SIGINT])
  func `a signal that comes with the answer ends it`(signal: Int32) throws {
    try withProject { project in
      let gate = Gate("\(project.base)/gate")
      try project.write([
        "bot": .service(
          "print", "here", "gate", gate.path, "print", "open",
          with: ["ready": ["log": "open"]])
      ])
      let run = try project.spawn("run")
      try project.waitForRecord("at-gate")
      try project.signal(run, signal, as: "bot", passes: gate)
      let result = try run.wait()
      #expect(result.status == (signal == SIGINT ? 130 : 0), "\(result.output)")
      #expect(result.stdout.contains("✓ bot  stopped") && project.survivors.isEmpty)
    }
  }

  @Test func `what it launched by way of an earlier supervisor is its own`() throws {
    let services: JSON = [
      "bot": .service("record-signals", "TERM", with: ["ready": ["delay": "1500ms"]])
    ]
    try withProject(services) { project in
      let run = try project.spawn("run")
      try project.waitForRecord("settled")
      try #require(project.supervisor).kill()
      try waitForReady(project, run, ["bot"])
      run.signal(SIGTERM)
      try project.waitForRecord("got-TERM")
      #expect(run.isAlive, "it waits for what it has launched")
      run.signal(SIGTERM)
      let result = try run.wait()
      #expect(result.stdout.contains("✓ bot  stopped") && project.survivors.isEmpty)
    }
  }

  @Test func `a second signal kills`() throws {
    let stubborn: JSON = [
      "bot": .service("record-signals", "TERM", with: ["stop": ["timeout": "60s"]])
    ]
    try withRun(stubborn) { project, run in
      try project.waitForRecord("settled")
      run.signal(SIGINT)
      try project.waitForRecord("got-TERM")
      #expect(run.isAlive && project.living("bot").count == 1)
      run.signal(SIGINT)
      let result = try run.wait(within: .seconds(20))
      #expect(result.status == 130 && result.stderr.contains("killing what is left"))
      #expect(project.survivors.isEmpty)
    }
  }

  @Test func `it shows what a long stop waits for`() throws {
    let slow: JSON = ["bot": .service("ignore", "TERM", with: ["stop": ["timeout": "1500ms"]])]
    try withRun(slow) { project, run in
      try project.waitForRecord("settled")
      run.signal(SIGTERM)
      let result = try run.wait()
      #expect(result.status == 0 && result.stdout.contains("it took KILL"))
      #expect(result.stdout.split(separator: "\n").contains { $0.hasPrefix("  ") }, "\(result)")
    }
  }

  @Test func `run itself KILLed: the services go down`() throws {
    try withRun { project, run in
      let services = try ["bot", "api"].map { try project.main(of: $0) }
      run.handle.kill()
      for service in services { #expect(service.hasEnded()) }
      eventually("all of it is down") { project.survivors.isEmpty }
    }
  }

  @Test func `it goes on with the next supervisor, and leaves no zombie of the last`() throws {
    try withRun { project, run in
      let main = try project.main(of: "bot")
      let last = try #require(project.supervisor)
      last.kill()
      eventually("another supervisor is there") { project.supervisor != nil }
      eventually("it was reaped") { !Files.exists("/proc/\(last.pid)") }
      eventually("it asks the new one") { run.stderrSoFar.contains("asking a new one") }
      #expect(main.isAlive && run.isAlive)
      // A change that only a new supervisor can tell of.
      try project.run("stop", "api", exits: 0)
      eventually("it was told") { run.stderrSoFar.contains("'api' is stopped") }
      run.handle.kill()
      #expect(main.hasEnded())
      eventually("all of it is down") { project.survivors.isEmpty }
    }
  }

  // MARK: With the services

  @Test func `it ends when a service fails, with the reason`() throws {
    try withProject { project in
      try project.write([
        "db": .service("sleep"),
        "bot": .service(
          "print", "boom", "exit", "3", "--after-ms", "300", with: ["dependsOn": ["db"]]),
      ])
      let result = try project.run("run", "bot", exits: 1)
      #expect(result.stdout.contains("bot | boom\n"))
      #expect(result.stderr.contains("devstart: 'bot' failed: exited 3"), "\(result.stderr)")
      #expect(result.stdout.contains("✓ db  stopped") && project.survivors.isEmpty)
    }
  }

  @Test func `a service that does not come up ends the others`() throws {
    let services: JSON = [
      "bot": .service("sleep"),
      "bad": .service("print", "boom in bad", "exit", "3", with: ["ready": ["delay": "10s"]]),
    ]
    try withProject(services) { project in
      let result = try project.run("run", exits: 1)
      #expect(result.stdout.contains("bad | boom in bad\n") && result.stderr.contains("exited 3"))
      #expect(project.survivors.isEmpty)
      #expect(try project.run("run", "--timeout", "0s", exits: 5).duration < .seconds(20))
      #expect(project.survivors.isEmpty)
    }
  }

  @Test func `it ends with 0 when all have done their work`() throws {
    let services: JSON = [
      "one": .service("print", "work", "exit", "0", with: ["oneshot": true]),
      "two": .service("exit", "0", "--after-ms", "200"),
    ]
    try withProject(services) { project in
      let result = try project.run("run", exits: 0)
      #expect(result.stdout.contains("one | work\n"), "\(result.output)")
    }
  }

  @Test func `it ends with 0 when somebody else stops all`() throws {
    try withRun { project, run in
      try project.run("restart", "api", exits: 0)
      try project.run("stop", "bot", exits: 0)
      #expect(run.isAlive)
      try project.run("stop", exits: 0)
      let result = try run.wait()
      #expect(result.status == 0 && result.stderr.contains("'bot' is stopped"), "\(result.output)")
    }
  }

  @Test func `a reader that is gone ends it`() throws {
    try withProject(["bot": .service("sleep"), "api": .service("sleep")]) { project in
      let words = ["sh", "-c", "\"$0\" run | head -n 1; exit 7", Build.devstart]
      let result = try project.start("/bin/sh", words).wait()
      #expect(result.status == 7)
      eventually("all of it is down") { project.survivors.isEmpty }
    }
  }

  // MARK: Logs

  @Test func `logs have their services' names, and are complete to the last line`() throws {
    let count = 3000
    let lines = "i=0; while [ $i -lt \(count) ]; do i=$((i+1)); echo line $i; done"
    let services: JSON = [
      "long-name": ["command": JSON("echo early; \(lines); printf end"), "oneshot": true],
      "bot": [
        "command": JSON(
          "trap 'echo last; printf words; exit 0' TERM; while :; do sleep 0.02; done"),
        "ready": ["delay": "100ms"], "dependsOn": ["long-name": "completed"],
      ],
    ]
    try withProject(services) { project in
      try Files.write("of yesterday\n", to: project.path("logs/dev_bot.log"))
      let run = try project.spawn("run")
      try waitForReady(project, run, ["bot"])
      run.signal(SIGTERM)
      let result = try run.wait()
      let shown = result.stdout.split(separator: "\n").map(String.init)
      let long = shown.filter { $0.hasPrefix("long-name | ") }.map { $0.dropFirst(12) }
      #expect(long == ["early"] + (1...count).map { "line \($0)" } + ["end"])
      let bot = shown.filter { $0.hasPrefix("bot       | ") }.map { $0.dropFirst(12) }
      #expect(bot.suffix(2) == ["last", "words"] && !bot.contains("of yesterday"), "\(bot)")
    }
  }

  // MARK: The service manager

  @Test func `its service manager is told all that it wants to know`() throws {
    try withProject { project in
      try project.write(["bot": .service("print-env")])
      let manager = try NotifyReceiver("@\(project.base)/notify")
      let environment = ["NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": "200000"]
      let run = try project.spawn(["run"], environment: environment)
      let first = try manager.next()
      #expect(first.text == "READY=1\nSTATUS=1 of 1 service up" && first.pid == run.pid)
      for _ in 1...3 { #expect(try manager.next().text == "WATCHDOG=1") }
      // Only a supervisor that answers is well.
      let supervisor = try #require(project.supervisor)
      supervisor.signal(SIGSTOP)
      #expect(throws: TimedOut.self) {
        for _ in 1...10 { _ = try manager.next(within: .milliseconds(500)) }
      }
      supervisor.signal(SIGCONT)
      #expect(try manager.next().text == "WATCHDOG=1")
      try project.main(of: "bot").kill()
      var news: [String] = []
      while news.last?.hasPrefix("STOPPING=1") != true { news.append(try manager.next().text) }
      #expect(news.contains("STATUS=0 of 1 service up"), "\(news)")
      #expect(news.last == "STOPPING=1\nSTATUS=stopping")
      #expect(try run.wait().status == 1)
      #expect(!project.log("bot").contains(manager.address), "that is for devstart alone")
    }
  }

  @Test func `a watchdog of another process is not fed, and a deaf manager is named once`() throws {
    try withProject(Self.services) { project in
      let manager = try NotifyReceiver("@\(project.base)/notify")
      let run = try project.spawn(
        ["run"],
        environment: [
          "NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": "20000", "WATCHDOG_PID": "1",
        ])
      #expect(try manager.next().text.hasPrefix("READY=1\n"))
      #expect(throws: TimedOut.self) { _ = try manager.next(within: .milliseconds(300)) }
      run.signal(SIGTERM)
      #expect(try run.wait().status == 0)
      let deaf = try project.spawn(
        ["run"], environment: ["NOTIFY_SOCKET": "@nobody/\(project.base)"])
      try waitForReady(project, deaf, ["bot", "api"])
      deaf.signal(SIGTERM)
      let result = try deaf.wait()
      #expect(result.status == 0)
      #expect(result.stderr.split(separator: "nobody is told").count == 2, "\(result.stderr)")
    }
  }

  @Test func `JSON is refused`() throws {
    try withProject(Self.services) { project in
      let result = try project.run("run", "--json", exits: 2)
      #expect(result.output.contains("status --json") && project.records.isEmpty)
    }
  }
}
