import DevstartCore
import Glibc
import TestSupport
import Testing

/// A shell script that fails in its first runs, counting them in a file, and then says that it is
/// up and lives.
private func failing(_ times: Int) -> JSON {
  [
    "/bin/sh", "-c",
    JSON(
      "n=$(($(cat runs 2>/dev/null || echo 0) + 1)); echo $n > runs; echo \"run $n of $WHO\"; "
        + "[ $n -gt \(times) ] || { echo boom >&2; exit 3; }; echo up; exec sleep 1000"),
  ]
}

@Suite(.waitsForProcesses) struct RestartTests {
  private func restarted(
    _ command: JSON, _ restart: JSON, ready: JSON = ["log": "^up$"]
  ) -> JSON {
    .command(command.strings ?? [], with: ["restart": restart, "ready": ready])
  }

  @Test func `what crashes is launched again, and start waits until it is up`() throws {
    let service = restarted(failing(2), ["policy": "on-failure", "backoff": "0s"])
    try withProject(["bot": service]) { project in
      let start = try project.spawn(["start"], environment: ["WHO": "me"]).wait()
      #expect(start.status == 0, "\(start.output)")
      let bot = try project.service("bot")
      #expect(bot["restarts"]?.integer == 2 && bot["state"]?.string == "ready")
      // One log, and the environment of the command that started it.
      #expect(
        project.log("bot") == "run 1 of me\nboom\nrun 2 of me\nboom\nrun 3 of me\nup\n",
        "\(project.supervisorLog)")
      let pid = Files.text(project.pidFile("bot"))
      #expect(pid == "\(try project.main(of: "bot").pid)\n")
      try project.run("stop", exits: 0)
    }
  }

  @Test func `a crash loop ends as failed, and its status line says why`() throws {
    let service = restarted(
      failing(99), ["policy": "on-failure", "backoff": "1ms", "max": 3])
    try withProject(["bot": service]) { project in
      let start = try project.run("start", exits: 1)
      #expect(start.stderr.contains("gave up after 3 restarts") && start.stderr.contains("boom"))
      let bot = try project.service("bot")
      #expect(bot["state"]?.string == "failed" && bot["restarts"]?.integer == 3)
      let reason = try #require(bot["reason"]?.string)
      #expect(reason.contains("gave up after 3 restarts within 60 s"))
      #expect(reason.contains("exited 3") && reason.hasSuffix("boom"))
      #expect(Files.text(project.path("runs")) == "4\n")
    }
  }

  @Test func `a new start begins a new budget`() throws {
    let service = restarted(failing(5), ["policy": "on-failure", "backoff": "1ms", "max": 3])
    try withProject(["bot": service]) { project in
      try project.run("start", exits: 1)
      try project.run("start", exits: 0)
      #expect(try project.service("bot")["restarts"]?.integer == 1)
      try project.run("stop", exits: 0)
    }
  }

  @Test(arguments: [
    ("always", SIGTERM, true), ("on-failure", SIGTERM, false), ("on-failure", SIGKILL, true),
    ("never", SIGKILL, false),
  ])
  func `the policy decides who comes back`(policy: String, signal: Int32, comes: Bool) throws {
    let service = restarted(
      [JSON(Build.fixture), "setsid"], ["policy": JSON(policy), "backoff": "0s"],
      ready: ["delay": "100ms"])
    try withProject(["bot": service]) { project in
      try project.run("start", exits: 0)
      let main = try project.main(of: "bot")
      let waiting = try project.spawn("wait", "bot", "--for", "stopped")
      main.signal(signal)
      _ = main.hasEnded()
      if comes {
        try eventually("another") {
          let bot = try project.service("bot")
          return bot["state"]?.string == "ready" && bot["pid"]?.integer != Int(main.pid)
        }
        #expect(try project.service("bot")["restarts"]?.integer == 1)
        // The child in another session went before the new one came.
        #expect(project.records("setsid").count(where: \.isAlive) == 1)
      } else {
        #expect(try waiting.wait().status == 0)
        #expect(try project.state(of: "bot") == (signal == SIGTERM ? "stopped" : "failed"))
      }
      try project.run("stop", exits: 0)
      #expect(try waiting.wait().status == 0)
      #expect(project.survivors.isEmpty)
    }
  }

  @Test func `always brings back what ended with 0, but not after a stop`() throws {
    let service = restarted(
      ["/bin/sh", "-c", "echo run; exec sleep 0.3"],
      ["policy": "always", "backoff": "0s", "max": 99], ready: ["delay": "100ms"])
    try withProject(["bot": service]) { project in
      try project.run("start", exits: 0)
      try waitForFile(project.path("logs/dev_bot.log")) { $0.split(separator: "\n").count >= 3 }
      try project.run("stop", exits: 0)
      let lines = project.log("bot")
      #expect(try project.state(of: "bot") == "stopped")
      #expect(project.survivors.isEmpty)
      #expect(project.log("bot") == lines)
    }
  }

  @Test func `a stop ends the wait for a restart, a start cuts it short`() throws {
    let service = restarted(
      failing(1), ["policy": "on-failure", "backoff": "1h", "maxBackoff": "1h"])
    try withProject(["bot": service]) { project in
      let start = try project.spawn("start", "--no-wait")
      try eventually("back-off") { try project.state(of: "bot") == "backoff" }
      let reason = try #require(project.service("bot")["reason"]?.string)
      #expect(reason.contains("exited 3") && reason.contains("launched again in "))
      try project.run("stop", exits: 0)
      _ = try start.wait()
      #expect(try project.state(of: "bot") == "stopped")
      #expect(project.supervisor == nil || project.survivors.isEmpty)
      try Files.write("0", to: project.path("runs"))
      let waiting = try project.spawn("start")
      try eventually("back-off") { try project.state(of: "bot") == "backoff" }
      try project.run("start", exits: 0)
      #expect(try waiting.wait().status == 0)
      #expect(try project.service("bot")["restarts"]?.integer == 0)
      try project.run("stop", exits: 0)
    }
  }

  @Test func `a later supervisor restarts with the environment of the first start`() throws {
    let service = restarted(failing(0), ["policy": "on-failure", "backoff": "0s"])
    try withProject(["bot": service, "api": .service("sleep")]) { project in
      let start = try project.spawn(["start"], environment: ["WHO": "first"]).wait()
      #expect(start.status == 0)
      try #require(project.supervisor).kill()
      try project.run("start", "api", exits: 0)
      let main = try project.main(of: "bot")
      main.signal(SIGKILL)
      try eventually("another") {
        let bot = try project.service("bot")
        return bot["state"]?.string == "ready" && bot["pid"]?.integer != Int(main.pid)
      }
      #expect(project.log("bot") == "run 1 of first\nup\nrun 2 of first\nup\n")
      try project.run("stop", exits: 0)
    }
  }

  @Test func `a lease takes what followed by itself with it`() throws {
    let service = restarted(failing(1), ["policy": "on-failure", "backoff": "0s"])
    try withProject(["bot": service]) { project in
      let smoke = try project.spawn(["smoke", "bot", "--", "/bin/sh", "-c", "cat runs"]).wait()
      #expect(smoke.status == 0 && smoke.stdout.contains("2\n"))
      #expect(project.survivors.isEmpty)
      try Files.write("0", to: project.path("runs"))
      let gate = Gate("\(project.base)/gate")
      let killed = try project.spawn(["smoke", "bot", "--", "/bin/cat", gate.path])
      try eventually("the second") { try project.state(of: "bot") == "ready" }
      let main = try project.main(of: "bot")
      killed.handle.kill()
      #expect(main.hasEnded())
      gate.open()
    }
  }
}
