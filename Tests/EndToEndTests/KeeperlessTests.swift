import DevstartCore
import Glibc
import TestSupport
import Testing

/// What lost its keeper has become the supervisor's child, as has what lost another keeper: none is
/// taken for another's.
@Suite(.waitsForProcesses) struct KeeperlessTests {
  /// KILLs a keeper, and waits until the supervisor knows.
  private func kill(_ keeper: ProcessHandle, of project: Project) {
    keeper.kill()
    eventually("the supervisor knows that \(keeper.pid) was KILLed") {
      project.supervisorLog.contains("its keeper (pid \(keeper.pid)) was killed")
    }
  }

  private func keeper(of kind: String, in project: Project) throws -> ProcessHandle {
    let record = try #require(project.records(kind).last)
    return try project.keeper(
      of: #require(ProcessHandle(pid: record.pid, startTicks: record.startTicks)))
  }

  /// Neither says by its environment whose it is, as one that has overwritten it with its title.
  /// What cannot be told apart is named, and ended with the last.
  @Test(arguments: [true, false])
  func `two that lost their keepers: one is stopped, the other lives`(isAtOnce: Bool) throws {
    let service: JSON = .service(
      "clear-environment", "double-fork", "{", "clear-environment", "}",
      with: ["match": "nothing-like-it"])
    try withProject(["bot": service, "other": service]) { project in
      try project.run("start", exits: 0)
      let (bot, other) = (try project.main(of: "bot"), try project.main(of: "other"))
      let keepers = try [project.keeper(of: other), project.keeper(of: bot)]
      let daemons = project.heldSurvivors().filter { ![bot.pid, other.pid].contains($0.pid) }
      let otherDaemon = try #require(daemons.first { $0.process.parent == keepers[0].pid })
      let botDaemon = try #require(daemons.first { $0.process.parent == keepers[1].pid })
      if isAtOnce { for keeper in keepers { keeper.kill() } }
      for keeper in keepers { kill(keeper, of: project) }
      let stop = try project.run("stop", "bot", exits: 0)
      #expect(other.isAlive && otherDaemon.isAlive && !bot.isAlive)
      #expect(!botDaemon.isAlive || stop.stderr.contains("pid \(botDaemon.pid)"), "\(stop.output)")
      try project.run("stop", exits: 0)
      #expect(project.survivors.isEmpty)
    }
  }

  @Test func `what is spared of one is not ended with another that lost its keeper`() throws {
    try withProject { project in
      let browser = try project.program(named: "my-browser")
      try project.write([
        "bot": .command(
          [
            "/bin/sh", "-c",
            "setsid my-browser --do child { bare } clear-environment & "
              + "exec \(Build.fixture) record bot setsid",
          ], with: ["spare": [["exe": "my-browser", "args": ["--do"]]]]),
        "other": .service("sleep"),
      ])
      try project.run("start", exits: 0)
      try project.waitForRecord("settled", count: 3)
      let spared = project.heldSurvivors().filter { $0.process.executable == browser }
      try project.run("stop", "bot", exits: 0)
      #expect(spared.count == 2 && spared.allSatisfy(\.isAlive))
      let other = try project.main(of: "other")
      try kill(project.keeper(of: other), of: project)
      try project.run("stop", "other", exits: 0)
      #expect(!other.isAlive && spared.allSatisfy(\.isAlive))
      project.killRecorded()
    }
  }

  @Test(arguments: ["probe", "hook"])
  func `a service lives on where a command beside it lost its keeper`(kind: String) throws {
    let command: JSON = [JSON(Build.fixture), "record", JSON(kind), "sleep"]
    let keys: JSON =
      kind == "probe"
      ? ["live": ["exec": command, "interval": "20ms", "timeout": "60s"]]
      : ["hooks": ["ready": command]]
    try withProject(["bot": .service("child", with: keys)]) { project in
      try project.run("start", exits: 0)
      try project.waitForRecord(kind)
      let held = project.heldSurvivors().filter { $0.pid != project.records(kind).first?.pid }
      try kill(keeper(of: kind, in: project), of: project)
      let beside = try #require(project.records(kind).first)
      ProcessHandle(pid: beside.pid, startTicks: beside.startTicks)?.kill()
      if kind == "probe" { try project.waitForRecord(kind, count: 2) }
      #expect(try project.state(of: "bot") == "ready", "\(project.supervisorLog)")
      #expect(held.count == 2 && held.allSatisfy(\.isAlive))
      try project.run("stop", exits: 0)
      #expect(project.survivors.isEmpty)
    }
  }

  /// The chain's links are dead before the process table is read.
  @Test(arguments: 0..<5) func `a chain of forks that lost its keeper is ended`(_: Int) throws {
    try withProject { project in
      let words = ["lock", project.lifePath, "child", "{", "clear-environment", "race", "}"]
      let service: JSON = .fixture(
        words, with: ["stop": ["timeout": "60ms"], "match": "nothing-like-it"])
      try project.write(["bot": service])
      try project.run("start", exits: 0)
      try project.waitForRecord("race")
      try kill(project.keeper(of: project.main(of: "bot")), of: project)
      let stop = try project.run("stop", "bot", exits: 0)
      #expect(project.isLifeOver, "\(stop.output)\(project.supervisorLog)")
      Files.remove(project.recordsPath)
    }
  }

  @Test func `what lost its keeper is taken over again and again`() throws {
    try withProject(["bot": .service("child")]) { project in
      try project.run("start", exits: 0)
      let bot = try project.main(of: "bot")
      try kill(project.keeper(of: bot), of: project)
      for _ in 0..<3 {
        try #require(project.supervisor).kill()
        try project.run("start", "--if-running", "keep", exits: 0)
        #expect(try project.main(of: "bot").pid == bot.pid && bot.isAlive)
        project.expectExactlyOne("bot")
      }
      try project.run("stop", exits: 0)
      #expect(project.survivors.isEmpty)
    }
  }

  @Test func `a supervisor sleeps on when a keeper was KILLed`() throws {
    try withProject(["bot": .service("sleep")]) { project in
      try project.run("start", exits: 0)
      try kill(project.keeper(of: project.main(of: "bot")), of: project)
      try project.expectSupervisorSleeps(beside: "bot")
      try project.run("stop", exits: 0)
    }
  }
}
