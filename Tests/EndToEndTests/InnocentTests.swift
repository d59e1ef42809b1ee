import DevstartCore
import Glibc
import TestSupport
import Testing

/// Promise 2: no innocent is signalled. Each innocent is one that a plain script would hit, and
/// each test shows that what looks alike and is the service's own is found.
@Suite(.waitsForProcesses) struct InnocentTests {
  /// The commands that sweep: all of them must leave an innocent alone.
  func sweepEverything(_ project: Project) throws {
    for words in [["clean"], ["start"], ["restart"], ["clean", "--force"], ["stop"]] {
      let result = try project.spawn(words).wait()
      #expect(result.status == 0, "\(words): \(result.output)")
    }
    try project.run("start", exits: 0)
    project.supervisor?.kill()
    try project.run("stop", "--force", exits: 0)
  }

  @Test func `a PID file that names an innocent process`() throws {
    try withProject(["bot": .service("sleep")]) { project in
      let innocent = try project.startFixture("sleep")
      try Files.write("\(innocent.pid)\n", to: project.pidFile("bot"))
      try sweepEverything(project)
      #expect(innocent.isAlive)
    }
  }

  @Test(arguments: [
    "", "garbage", "0", "-1", "1", "-", "99999999999999999999", "12 34", "\u{0}\u{1}", "4194305",
    "1e3", "\n\n", String(repeating: "1", count: 100_000),
  ])
  func `a PID file that makes no sense is reported and replaced`(content: String) throws {
    try withProject(["bot": .service("sleep")]) { project in
      try Files.write(content, to: project.pidFile("bot"))
      let start = try project.run("start", exits: 0)
      if Int32(content) == nil { #expect(start.output.contains("dev_bot.pid")) }
      let main = try project.main(of: "bot")
      #expect(Files.text(project.pidFile("bot")) == "\(main.pid)\n")
      try project.run("stop", exits: 0)
    }
  }

  @Test func `a PID file of the tests' own process, or of the caller`() throws {
    try withProject(["bot": .service("sleep")]) { project in
      try Files.write("\(getpid())\n", to: project.pidFile("bot"))
      try project.run("start", exits: 0)
      try project.run("stop", exits: 0)
      let shell = try project.start(
        "/bin/sh", ["sh", "-c", "echo $$ > logs/dev_bot.pid; '\(Build.devstart)' start; exit 17"])
      #expect(try shell.wait().status == 17)
      try project.run("stop", exits: 0)
    }
  }

  @Test func `a link in a PID file's place is replaced, not followed`() throws {
    try withProject(["bot": .service("sleep")]) { project in
      let innocent = try project.startFixture("sleep")
      let precious = "\(project.base)/precious"
      try Files.write("\(innocent.pid)\n", to: precious)
      try Files.makeFolder(project.path("logs"))
      try Files.link(project.pidFile("bot"), to: precious)
      let start = try project.run("start", exits: 0)
      #expect(start.output.contains("dev_bot.pid"), "a warning")
      #expect(Files.text(precious) == "\(innocent.pid)\n" && innocent.isAlive)
      let status = try #require(Files.status(project.pidFile("bot")))
      #expect(status.st_mode & S_IFMT == S_IFREG)
      try project.run("stop", exits: 0)
      #expect(innocent.isAlive && Files.exists(precious))
    }
  }

  @Test func `the same command in a second checkout`() throws {
    let services: JSON = ["bot": .service("sleep")]
    try withProject(services) { project in
      try withProject(services) { other in
        let words = [Build.fixture, "record", "bot", "sleep"]
        let byHand = try other.startByHand(Build.fixture, words)
        let nested = project.path("worktree")
        try Files.copy(other.manifestPath, to: "\(nested)/devstart.json")
        let inNested = try project.startByHand(Build.fixture, words, in: nested)
        let own = try project.startByHand(Build.fixture, words)
        try sweepEverything(project)
        #expect(!own.isAlive, "its own is found")
        #expect(byHand.isAlive && inNested.isAlive)
      }
    }
  }

  @Test func `an editor, a pager and a search with the source open`() throws {
    try withProject { project in
      let python = try project.program(named: "python3")
      try Files.write("# the bot", to: project.path("apps/bot.py"))
      try project.write([
        "bot": .command(["python3", "apps/bot.py"], with: ["match": "apps/bot.py"])
      ])
      let innocents = try [
        ["vim", "apps/bot.py"], ["tail", "-f", "apps/bot.py"], ["grep", "-r", "apps/bot.py", "."],
        ["python3-config", "apps/bot.py"], ["pythonic", "apps/bot.py"],
      ].map { try project.startByHand(project.program(named: $0[0]), $0) }
      let other = try project.startByHand(python, ["python3", "apps/other.py"])
      let own = try project.startByHand(python, ["python3", "-u", "apps/bot.py"])
      try sweepEverything(project)
      #expect(!own.isAlive, "its own is found")
      for innocent in innocents + [other] {
        #expect(innocent.isAlive, "\(innocent.process.summary)")
      }
    }
  }

  @Test(.enabled(if: Build.isRoot))
  func `another user's process is reported and not signalled`() throws {
    try withProject(["bot": .service("sleep")]) { project in
      let words = [Build.fixture, "record", "bot", "sleep"]
      let foreign = try project.startByHand(Build.fixture, words) { $0.user = Build.ordinaryUser }
      let clean = try project.json("clean", exits: 0)
      #expect(clean["found"]?.array?.isEmpty == true)
      #expect(clean["foreign"]?.array?.map { $0["pid"]?.integer } == [Int(foreign.pid)])
      #expect(try project.run("clean").output.contains("nobody"))
      try sweepEverything(project)
      #expect(foreign.isAlive)
    }
  }

  @Test func `another project's supervisor, keepers and services, even from inside a launch`()
    throws
  {
    try withProject(["inner": .service("child")]) { inner in
      try withProject { outer in
        let start = "'\(Build.devstart)' start --manifest '\(inner.manifestPath)'"
        try outer.write([
          "notebook": .command([
            "/bin/sh", "-c",
            "\(start) && exec \(Build.fixture) --pids \(outer.recordsPath) record notebook",
          ])
        ])
        try outer.run("start", exits: 0, environment: ["FIXTURE_PIDS": inner.recordsPath])
        try outer.waitForRecord("settled")
        let main = try inner.main(of: "inner")
        let (keeper, supervisor) = (try inner.keeper(of: main), try #require(inner.supervisor))
        try outer.run("stop", exits: 0)
        #expect(main.isAlive && keeper.isAlive && supervisor.isAlive)
        try outer.run("clean", "--force", exits: 0)
        #expect(main.isAlive && keeper.isAlive && supervisor.isAlive)
        try inner.run("stop", exits: 0)
        #expect(inner.survivors.isEmpty)
      }
    }
  }

  @Test func `the shell that runs devstart, though a rule fits it`() throws {
    let rule: JSON = ["regex": "apps[.]bot"]
    try withProject(["bot": .service("sleep", with: ["match": rule])]) { project in
      let script = "'\(Build.devstart)' clean --force; : apps.bot; exit 17"
      let shell = try project.start("/bin/sh", ["sh", "-c", script])
      #expect(try shell.wait().status == 17)
    }
  }

  /// A group that was signalled by its number would reach whoever has the number by now.
  @Test(.enabled(if: Build.isRoot))
  func `a process that has the number of a main process and group that are gone`() throws {
    let services: JSON = [
      "bot": .service(
        "setsid", "{", "ignore", "TERM", "}", "exit", "0", with: ["stop": ["timeout": "3s"]])
    ]
    try withProject(services) { project in
      _ = try project.run("start")
      let main = try #require(project.records("bot").first?.pid)
      let child = try #require(project.records("setsid").first)
      eventually("the number is free") { Glibc.kill(main, 0) != 0 }
      _ = try project.startFixture("as-pid", String(main))
      let innocent = try #require(project.records("as-pid").first)
      #expect(child.isAlive, "the test came too late to show anything")
      let stop = try project.run("stop")
      #expect(innocent.isAlive && !child.isAlive, "\(stop.output)")
      project.killRecorded()
    }
  }

  /// The first signal to what is left comes after the number is another's.
  @Test(.enabled(if: Build.isRoot))
  func `a process that has the number of a main process that ended while nobody supervised`()
    throws
  {
    try withProject(["bot": .service("setsid")]) { project in
      try project.run("start", exits: 0)
      try project.waitForRecord("settled")
      let main = try project.main(of: "bot")
      let child = try #require(project.records("setsid").first)
      try #require(project.supervisor).kill()
      main.kill()
      eventually("the number is free") { Glibc.kill(main.pid, 0) != 0 }
      _ = try project.startFixture("as-pid", String(main.pid))
      let innocent = try #require(project.records("as-pid").first)
      #expect(child.isAlive, "the test came too late to show anything")
      let stop = try project.run("stop")
      #expect(innocent.isAlive && !child.isAlive, "\(stop.output)")
      project.killRecorded()
    }
  }

  @Test(.enabled(if: Build.isRoot))
  func `a process that has the numbers in the launch record and the PID file`() throws {
    try withProject(["bot": .service("sleep")]) { project in
      try project.run("start", exits: 0)
      let main = try project.main(of: "bot")
      let keeper = try project.keeper(of: main)
      for process in [try #require(project.supervisor), keeper, main] { process.kill() }
      eventually("the numbers are free") {
        Glibc.kill(main.pid, 0) != 0 && Glibc.kill(keeper.pid, 0) != 0
      }
      _ = try project.startFixture("as-pid", String(main.pid))
      _ = try project.startFixture("as-pid", String(keeper.pid))
      try sweepEverything(project)
      #expect(project.living("as-pid").count == 2)
      project.killRecorded()
    }
  }
}
