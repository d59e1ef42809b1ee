import DevstartCore
import Glibc
import TestSupport
import Testing

/// Probes by command, liveness, limits and hooks, with real processes.
@Suite(.waitsForProcesses) struct UpkeepTests {
  // MARK: Readiness and liveness by command

  @Test func `a command that exits with 0 makes ready, and nothing of it is left`() throws {
    let service = JSON.service(
      "sleep", with: ["ready": ["exec": ["/bin/sh", "-c", "test -e up && sleep 300 & test -e up"]]])
    try withProject(["bot": service]) { project in
      let start = try project.spawn("start", "bot")
      try project.waitForRecord("bot")
      #expect(!start.handle.hasEnded(within: .milliseconds(200)))
      try Files.write("", to: project.path("up"))
      #expect(try start.wait().status == 0)
      try project.run("stop", exits: 0)
      #expect(project.survivors.isEmpty)
    }
  }

  @Test func `what never becomes ready says what was found last`() throws {
    let probe: JSON = ["exec": ["/bin/sh", "-c", "exit 5"], "timeout": "300ms"]
    try withProject(["bot": .service("sleep", with: ["ready": probe])]) { project in
      let start = try project.run("start", exits: 1)
      #expect(start.stderr.contains("to exit with 0") && start.stderr.contains("exited 5"))
      #expect(project.survivors.isEmpty)
    }
  }

  @Test func `a probe that hangs is ended with the wait for it`() throws {
    let probe: JSON = [
      "exec": [JSON(Build.fixture), "record", "probe", "setsid"], "timeout": "400ms",
    ]
    try withProject(["bot": .service("sleep", with: ["ready": probe])]) { project in
      try project.run("start", exits: 1)
      #expect(!project.records("probe").isEmpty)
      #expect(project.survivors.isEmpty)
    }
  }

  @Test func `what does not answer is unhealthy, and well when it answers again`() throws {
    let live: JSON = [
      "exec": ["/bin/sh", "-c", "test ! -e ill"], "interval": "50ms", "failures": 2,
    ]
    try withProject(["bot": .service("sleep", with: ["live": live])]) { project in
      try project.run("start", exits: 0)
      try Files.write("", to: project.path("ill"))
      try eventually("unhealthy") { try project.state(of: "bot") == "unhealthy" }
      let reason = try #require(project.service("bot")["reason"]?.string)
      #expect(reason.contains("test ! -e ill") && reason.contains("2 times"))
      try project.run("status", exits: 3)
      unlink(project.path("ill"))
      try eventually("ready") { try project.state(of: "bot") == "ready" }
      try project.run("status", exits: 0)
      try project.run("stop", exits: 0)
    }
  }

  @Test func `what hangs is restarted where the policy says so`() throws {
    let live: JSON = [
      "exec": ["/bin/sh", "-c", "test ! -e ill || exec sleep 300"], "interval": "50ms",
      "timeout": "100ms", "failures": 2,
    ]
    let service = JSON.service(
      "trap", "TERM", "child",
      with: [
        "live": live, "restart": ["policy": "on-failure", "backoff": "0s"],
        "stop": ["timeout": "100ms"],
      ])
    try withProject(["bot": service]) { project in
      try project.run("start", exits: 0)
      let main = try project.main(of: "bot")
      try Files.write("", to: project.path("ill"))
      #expect(main.hasEnded())
      unlink(project.path("ill"))
      try eventually("ready again") {
        let bot = try project.service("bot")
        return bot["state"]?.string == "ready" && bot["restarts"]?.integer ?? 0 >= 1
      }
      try project.run("stop", exits: 0)
      #expect(project.survivors.isEmpty)
    }
  }

  // MARK: Limits

  @Test func `a CPU burner is stopped, and its status line says so`() throws {
    let limits: JSON = ["cpu": 20, "every": "100ms", "samples": 2]
    let burner = JSON.command(
      ["/bin/sh", "-c", "(while :; do :; done)"], with: ["limits": limits])
    try withProject(["bot": burner]) { project in
      try project.run("start", exits: 0)
      try project.run("wait", "bot", "--for", "stopped", exits: 0)
      let bot = try project.service("bot")
      #expect(bot["state"]?.string == "stopped")
      #expect(try #require(bot["reason"]?.string).contains("over limit 20.0%"))
      #expect(project.survivors.isEmpty)
    }
  }

  @Test func `a tree that takes too much memory is stopped, and its status line names who has it`()
    throws
  {
    let limits: JSON = ["memory": "60MB", "every": "100ms"]
    let service = JSON.service("child", "{", "fill", "120", "}", with: ["limits": limits])
    try withProject(["bot": service]) { project in
      try project.run("start", "--no-wait", exits: nil)
      try project.run("wait", "bot", "--for", "stopped", exits: 0)
      let bot = try project.service("bot")
      #expect(bot["state"]?.string == "stopped")
      let reason = try #require(bot["reason"]?.string)
      let child = try #require(project.records("child").first)
      #expect(reason.contains("over limit 60.0 MB") && reason.contains("pid \(child.pid)"))
      #expect(project.survivors.isEmpty)
    }
  }

  @Test func `the time that it may run is counted down, and then it is stopped`() throws {
    let service = JSON.service("setsid", with: ["limits": ["maxRuntime": "700ms"]])
    try withProject(["bot": service]) { project in
      try project.run("start", exits: 0)
      let left = try #require(project.service("bot")["remainingSeconds"]?.double)
      #expect(left > 0 && left <= 0.7)
      try project.run("wait", "bot", "--for", "stopped", exits: 0)
      let bot = try project.service("bot")
      #expect(bot["state"]?.string == "stopped")
      #expect(try #require(bot["reason"]?.string).contains("maxRuntime"))
      #expect(project.survivors.isEmpty)
    }
  }

  @Test func `a limit may mean a restart`() throws {
    let service = JSON.service(
      "sleep",
      with: [
        "limits": ["maxRuntime": "300ms", "onExceed": "restart"],
        "restart": ["policy": "never", "backoff": "0s"],
      ])
    try withProject(["bot": service]) { project in
      try project.run("start", exits: 0)
      try project.waitForRecord("bot", count: 2)
      #expect(try #require(project.service("bot")["restarts"]?.integer) >= 1)
      #expect(try !#require(project.records("bot").first).isAlive)
      try project.run("stop", exits: 0)
    }
  }

  // MARK: Hooks

  @Test func `hooks are told the facts, and block nobody`() throws {
    try withProject { project in
      let gate = Gate("\(project.base)/gate")
      let hook: JSON = [
        "/bin/sh", "-c",
        JSON(
          "echo $DEVSTART_HOOK $DEVSTART_SERVICE $DEVSTART_EXIT_CODE >> told; "
            + "exec \(Build.fixture) gate \(gate.path) exit 0"),
      ]
      let service = JSON.command(
        ["/bin/sh", "-c", "test -e ill && exit 3; touch ill; sleep 0.2; exit 4"],
        with: [
          "restart": ["policy": "on-failure", "backoff": "0s", "max": 1],
          "hooks": ["ready": hook, "failed": hook, "restarted": hook, "stopped": hook],
          "ready": ["delay": "0s"],
        ])
      try project.write(["bot": service])
      try project.run("start", exits: 0)
      // They run beside each other, and write in any order.
      try waitForFile(project.path("told")) { told in
        ["ready bot", "restarted bot", "failed bot 3"].allSatisfy { told.contains($0) }
      }
      #expect(try project.state(of: "bot") == "failed")
      gate.open()
    }
  }

  @Test func `a hook tells of a stop`() throws {
    let hooks: JSON = ["stopped": "echo $DEVSTART_HOOK: $DEVSTART_REASON >> told"]
    try withProject(["bot": .service("sleep", with: ["hooks": hooks])]) { project in
      try project.run("start", exits: 0)
      try project.run("restart", exits: 0)
      try project.run("stop", exits: 0)
      try waitForFile(project.path("told")) { $0.hasSuffix("\n") }
      #expect(Files.text(project.path("told")) == "stopped: stopped\n")
    }
  }
}
