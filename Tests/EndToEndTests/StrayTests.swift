import DevstartCore
import Glibc
import TestSupport
import Testing

@Suite(.waitsForProcesses) struct StrayTests {
  /// A project whose bot is `python3 -m apps.bot`, with this way to recognise it.
  func withBot(match: JSON? = nil, _ body: (Project, String) throws -> Void) throws {
    try withProject { project in
      let python = try project.program(named: "python3")
      var service: JSON = .command(["python3", "-m", "apps.bot"])
      if let match { service.set("match", match) }
      try project.write(["bot": service])
      try body(project, python)
    }
  }

  @Test(
    arguments: [
      nil, "apps.bot", ["regex": "^python3? -m apps[.]bot"],
      ["exe": "python3", "args": ["-m", "apps.bot"]], ["nothing-like-it", "apps.bot"],
    ] as [JSON?])
  func `every kind of rule finds a stray`(rule: JSON?) throws {
    try withBot(match: rule) { project, python in
      let stray = try project.startByHand(python, ["python3", "-m", "apps.bot"])
      let other = try project.startByHand(python, ["python3", "-m", "apps.other"])
      let report = try project.json("clean", exits: 0)
      #expect(!stray.isAlive && other.isAlive)
      #expect(report["found"]?.array?.map { $0["pid"]?.integer } == [Int(stray.pid)])
    }
  }

  @Test func `clean --json has the design's keys`() throws {
    try withBot { project, python in
      let polite = try project.startByHand(python, ["python3", "-m", "apps.bot"])
      let report = try project.json("clean", exits: 0)
      for key in ["found", "ended", "failed", "freedBytes"] {
        #expect(report.keys.contains(key), "\(key)")
      }
      let found = try #require(report["found"]?.array?.first)
      #expect(
        found.keys == [
          "pid", "service", "user", "command", "reason", "startedAt", "memoryBytes",
        ])
      #expect(found["pid"]?.integer == Int(polite.pid))
      #expect(found["service"]?.string == "bot")
      #expect(found["user"]?.string == (Build.isRoot ? "root" : found["user"]?.string))
      #expect(found["command"]?.string == "python3 -m apps.bot")
      #expect(found["reason"]?.string?.isEmpty == false)
      #expect(try #require(found["memoryBytes"]?.integer) > 0)
      #expect(report["ended"] == [["pid": JSON(Int(polite.pid)), "signal": "TERM"]])
      #expect(report["failed"] == [])
      #expect(try #require(report["freedBytes"]?.integer) > 0)
    }
  }

  @Test func `clean --dry-run tells and signals nobody`() throws {
    try withBot { project, python in
      let stray = try project.startByHand(python, ["python3", "-m", "apps.bot"])
      let plan = try project.run("clean", "--dry-run", exits: 0)
      #expect(plan.stdout.contains(String(stray.pid)) && plan.stdout.contains("python3"))
      let json = try project.json("clean", "--dry-run", exits: 0)
      #expect(json["found"]?.array?.count == 1 && json["ended"]?.array?.isEmpty == true)
      #expect(stray.isAlive)
      let clean = try project.run("clean", exits: 0)
      #expect(clean.stdout.contains("1") && clean.stdout.contains("TERM"))
      #expect(!stray.isAlive)
      try project.run("clean", exits: 0)
    }
  }

  @Test func `a stray that ignores TERM is KILLed, and --force does so at once`() throws {
    try withBot { project, python in
      let words = ["python3", "-m", "apps.bot", "--do", "ignore", "TERM"]
      try project.write([
        "bot": .command(
          ["python3", "-m", "apps.bot"],
          with: ["match": "apps.bot", "stop": ["timeout": "300ms"]])
      ])
      let first = try project.startByHand(python, words)
      let clean = try project.json("clean", exits: 0)
      #expect(!first.isAlive)
      #expect(clean["ended"]?.array?.first?["signal"]?.string == "KILL")
      let second = try project.startByHand(python, words)
      let forced = try project.run("clean", "--force", exits: 0)
      #expect(!second.isAlive && forced.duration < .seconds(5))
    }
  }

  /// Ctrl-C, and Ctrl-C again: the second stop takes the first one's place.
  @Test func `strays that a command ends twice are waited for once`() throws {
    try withBot { project, python in
      try project.write([
        "bot": .command(["python3", "-m", "apps.bot"], with: ["match": "apps.bot"]),
        "other": .service("sleep"),
      ])
      try project.run("start", "other", exits: 0)
      let run = try project.spawn("run", "bot")
      try project.run("wait", "bot", "--for", "ready", "--timeout", "20s", exits: 0)
      let stray = try project.startByHand(
        python, ["python3", "-m", "apps.bot", "--do", "ignore", "TERM"])
      run.signal(SIGINT)
      try waitForFile(project.path("logs/.devstart/supervisor.log")) {
        $0.contains("ends stray pid \(stray.pid)")
      }
      run.signal(SIGINT)
      let result = try run.wait()
      #expect(result.status == 130 && !stray.isAlive, "\(result.output)")
      try project.expectSupervisorSleeps(beside: "other")
      try project.run("stop", exits: 0)
    }
  }

  @Test func `a stray goes with everything below it`() throws {
    try withBot { project, python in
      let stray = try project.startByHand(
        python,
        [
          "python3", "-m", "apps.bot", "--do", "child", "setsid", "{", "ignore", "TERM", "}",
          "group", "stopped",
        ])
      try project.write([
        "bot": .command(
          ["python3", "-m", "apps.bot"],
          with: ["match": "apps.bot", "stop": ["timeout": "300ms"]])
      ])
      try project.run("clean", exits: 0)
      #expect(!stray.isAlive && project.survivors.isEmpty)
    }
  }

  @Test func `clean leaves the current launch alone`() throws {
    try withBot { project, python in
      try project.run("start", exits: 0)
      let main = try project.main(of: "bot")
      let strays = try (0..<3).map { _ in
        try project.startByHand(python, ["python3", "-m", "apps.bot"])
      }
      let clean = try project.json("clean", exits: 0)
      #expect(clean["found"]?.array?.count == 3)
      #expect(main.isAlive && strays.allSatisfy { !$0.isAlive })
      try project.run("stop", exits: 0)
    }
  }

  @Test func `what an earlier launch left is known by its marker`() throws {
    try withProject(["bot": .service("double-fork")]) { project in
      try project.run("start", exits: 0)
      try project.waitForRecord("settled")
      let main = try project.main(of: "bot")
      let keeper = try project.keeper(of: main)
      for process in [try #require(project.supervisor), keeper, main] { process.kill() }
      let left = try #require(project.living("double-fork").first)
      Files.remove(project.path("logs"))
      let clean = try project.json("clean", exits: 0)
      #expect(clean["found"]?.array?.map { $0["pid"]?.integer } == [Int(left.pid)])
      #expect(!left.isAlive)
    }
  }

  @Test func `matchScope user reaches other folders, project does not`() throws {
    try withBot(match: "apps.bot") { project, python in
      let unique = "apps.bot.\(project.base.suffix(6))"
      func write(_ scope: String) throws {
        try project.write([
          "bot": .command(
            ["python3", "-m", unique], with: ["match": JSON(unique), "matchScope": JSON(scope)])
        ])
      }
      let elsewhere = try project.startByHand(python, ["python3", "-m", unique], in: "/")
      try write("project")
      try project.run("clean", exits: 0)
      #expect(elsewhere.isAlive)
      try write("user")
      try project.run("clean", exits: 0)
      #expect(!elsewhere.isAlive)
    }
  }

  @Test func `a shell command's words and a script after its interpreter are recognised`() throws {
    try withProject { project in
      let python = try project.program(named: "python3")
      let script = "#!/bin/sh\npython3 -m apps.helper &\nwait\n"
      try Files.write(script, to: project.path("worker.sh"), mode: 0o755)
      try project.write([
        "bot": ["command": "python3 -m apps.bot", "ready": ["delay": "0s"]],
        "worker": .command(["./worker.sh"]),
      ])
      let direct = try project.startByHand(python, ["python3", "-m", "apps.bot"])
      let worker = try project.start("/bin/sh", ["/bin/sh", "./worker.sh"])
      let other = try project.start("/bin/sh", ["/bin/sh", "./worker.sh", "another-argument"])
      try project.waitForRecord("settled", count: 3)
      try project.run("clean", exits: 0)
      #expect(!direct.isAlive && !worker.isAlive)
      #expect(other.isAlive)
      #expect(project.survivors.count == 1, "the helper of the other")
      project.killRecorded()
    }
  }

  @Test func `a rule that could fit everything is an error`() throws {
    for rule in ["", "a", ["regex": ""], ["regex": ".*"], ["exe": "", "args": []]] as [JSON] {
      try withBot(match: rule) { project, _ in
        let start = try project.run("start", exits: 2)
        #expect(start.stderr.contains("match"), "\(rule.indentedText) \(start.stderr)")
      }
    }
  }

  @Test func `start reports how many it found, ended, and the memory freed`() throws {
    try withBot { project, python in
      for _ in 0..<5 { _ = try project.startByHand(python, ["python3", "-m", "apps.bot"]) }
      let start = try project.run("start", exits: 0)
      #expect(start.output.contains("5"))
      try project.run("stop", exits: 0)
    }
  }

  @Test func `a rule that fits nothing is told wherever it matters, and never elsewhere`() throws {
    let services: JSON = [
      "bot": .command(["/bin/sleep", "600"], with: ["match": "sleep 600"]),
      "api": .service("sleep"),
    ]
    try withProject(services) { project in
      let words = "'bot': its \"match\" \"sleep 600\""
      let check = try project.run("check", exits: 0)
      #expect(check.stderr.contains(words) && check.stdout.contains("2 services, 1 warning"))
      #expect(try project.run("start", "bot", exits: 0).stderr.contains(words))
      #expect(try project.run("clean", exits: 0).stderr.contains(words))
      for silent in ["status", "stop"] {
        #expect(try !project.run(silent).output.contains("match"))
      }
      #expect(try !project.run("start", "api", exits: 0).output.contains("match"))
      try project.run("stop", exits: 0)
    }
  }
}
