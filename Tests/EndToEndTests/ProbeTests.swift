import DevstartCore
import Glibc
import TestSupport
import Testing

/// Readiness and liveness by HTTP, by the log and by notification, with real processes.
@Suite(.waitsForProcesses) struct ProbeTests {
  private func address(_ port: Int) -> JSON { JSON("http://127.0.0.1:\(port)/health") }

  @Test func `a service is ready when it answers with the status, not before`() throws {
    let port = Ports.free()
    try withProject { project in
      let file = project.path("status")
      try Files.write("503", to: file)
      try project.write([
        "bot": .service(
          "serve-http", String(port), file, with: ["ready": ["http": address(port)]])
      ])
      let start = try project.spawn("start", "bot")
      try project.waitForRecord("settled")
      #expect(!start.handle.hasEnded(within: .milliseconds(200)))
      try eventually("what was found") {
        try project.service("bot")["reason"]?.string?.contains("answered 503") == true
      }
      try Files.write("204", to: file)
      #expect(try start.wait().status == 0)
      try project.run("stop", exits: 0)
    }
  }

  @Test func `a stranger's answer makes nothing ready`() throws {
    let port = Ports.free()
    try withProject { project in
      try Files.write("200", to: project.path("status"))
      _ = try project.startFixture(
        ["serve-http", String(port), project.path("status")], in: "/")
      let ready: JSON = ["http": address(port), "timeout": "400ms"]
      try project.write(["bot": .service("sleep", with: ["ready": ready])])
      let start = try project.run("start", "bot", exits: 1)
      #expect(start.stderr.contains("does not listen on port \(port)"))
    }
  }

  @Test func `a server that answers no more is restarted`() throws {
    let port = Ports.free()
    try withProject { project in
      let file = project.path("status")
      try Files.write("200", to: file)
      try project.write([
        "bot": .service(
          "serve-http", String(port), file,
          with: [
            "ready": ["http": address(port)],
            "live": [
              "http": address(port), "interval": "50ms", "timeout": "100ms", "failures": 2,
            ],
            "restart": ["policy": "on-failure", "backoff": "0s"],
          ])
      ])
      try project.run("start", exits: 0)
      let main = try project.main(of: "bot")
      try Files.write("0", to: file)
      #expect(main.hasEnded())
      try Files.write("200", to: file)
      try project.run("wait", "bot", "--for", "ready", exits: 0)
      #expect(try project.service("bot")["restarts"]?.integer ?? 0 >= 1)
      #expect(
        Files.text(project.path("logs/.devstart/supervisor.log"))?.contains(
          "no answer within") == true)
      try project.run("stop", exits: 0)
    }
  }

  @Test func `a line in the log makes ready, also when it comes in pieces`() throws {
    try withProject { project in
      let gate = Gate("\(project.base)/gate")
      let script =
        "echo begin; printf 'server \\033[1mrea'; \(Build.fixture) gate \(gate.path) exit 0; "
        + "echo 'dy\\033[0m on port 80'; exec sleep 1000"
      try project.write([
        "bot": .command(
          ["/bin/sh", "-c", script], with: ["ready": ["log": "server ready on port \\d+$"]])
      ])
      let start = try project.spawn("start", "bot")
      try project.waitForRecord("at-gate")
      #expect(!start.handle.hasEnded(within: .milliseconds(150)))
      gate.open()
      #expect(try start.wait().status == 0)
      try project.run("stop", exits: 0)
    }
  }

  @Test func `what an earlier launch has written makes nothing ready`() throws {
    let service = JSON.command(
      ["/bin/sh", "-c", "test -e ill && { rm ill; exit 1; }; echo up; exec sleep 1000"],
      with: [
        "ready": ["log": "^up$", "timeout": "20s"],
        "restart": ["policy": "on-failure", "backoff": "0s"],
      ])
    try withProject(["bot": service]) { project in
      try project.run("start", exits: 0)
      let main = try project.main(of: "bot")
      try Files.write("", to: project.path("ill"))
      main.signal(SIGKILL)
      // The second launch fails though «up» stands in the log; the third writes it again.
      try eventually("the third") {
        let bot = try project.service("bot")
        return bot["state"]?.string == "ready" && bot["restarts"]?.integer == 2
      }
      #expect(project.log("bot") == "up\nup\n")
      try project.run("stop", exits: 0)
    }
  }

  @Test func `READY=1 makes ready, and STATUS is shown`() throws {
    try withProject { project in
      let gate = Gate("\(project.base)/gate")
      try project.write([
        "bot": .service(
          "notify", "STATUS=warming up", "gate", gate.path, "notify",
          "READY=1\nSTATUS=serving", with: ["ready": ["notify": true]])
      ])
      let start = try project.spawn("start", "bot")
      try eventually("its status") {
        try project.service("bot")["statusText"]?.string == "warming up"
      }
      try #expect(project.state(of: "bot") == "starting")
      gate.open()
      let result = try start.wait()
      #expect(result.status == 0, "\(result.output)\(project.supervisorLog)")
      #expect(try project.service("bot")["statusText"]?.string == "serving")
      try project.run("stop", exits: 0)
    }
  }

  @Test func `a script says so with devstart notify, a stranger cannot`() throws {
    let script = "echo $NOTIFY_SOCKET; \(Build.devstart) notify --ready; exec sleep 1000"
    let services: JSON = [
      "told": .command(
        ["/bin/sh", "-c", JSON(script).string ?? ""], with: ["ready": ["notify": true]]),
      "deaf": .command(
        ["/bin/sh", "-c", "echo $NOTIFY_SOCKET; exec sleep 1000"],
        with: ["ready": ["notify": true, "timeout": "1s"]]),
    ]
    try withProject(services) { project in
      try project.run("start", "told", exits: 0)
      let deaf = try project.spawn("start", "deaf")
      try waitForFile(project.path("logs/dev_deaf.log")) { $0.hasSuffix("\n") }
      let socket = project.log("deaf").split(separator: "\n").first.map(String.init) ?? ""
      #expect(socket.hasPrefix("@devstart/"))
      // It is of the same user, and alive while its word is read.
      let stranger = try project.spawn(
        ["notify", "--ready"], environment: ["NOTIFY_SOCKET": socket]
      ).wait()
      #expect(stranger.status == 0)
      #expect(try deaf.wait().status == 1)
      try project.run("stop", exits: 0)
    }
  }

  /// Of one that is gone nothing is known but its user: here before anybody could look.
  @Test(.enabled(if: Build.isRoot, "needs root, to be another user"))
  func `another user's word counts for nothing, though he is gone`() throws {
    let services: JSON = [
      "deaf": .command(
        ["/bin/sh", "-c", "echo $NOTIFY_SOCKET; exec sleep 1000"],
        with: ["ready": ["notify": true, "timeout": "1s"]])
    ]
    try withProject(services) { project in
      try Files.makeFolder(project.path("logs"))
      let start = try project.spawn("start")
      try waitForFile(project.path("logs/dev_deaf.log")) { $0.hasSuffix("\n") }
      let socket = project.log("deaf").split(separator: "\n").first.map(String.init) ?? ""
      let supervisor = try #require(project.supervisor)
      supervisor.signal(SIGSTOP)
      let told = try project.start(
        Build.fixture, ["devstart-fixture", "notify", "READY=1", "exit", "0"]
      ) {
        $0.environment["NOTIFY_SOCKET"] = socket
        $0.user = Build.ordinaryUser
      }.wait()
      supervisor.signal(SIGCONT)
      #expect(told.status == 0, "\(told.output)")
      #expect(try start.wait().status == 1)
      try project.run("stop", exits: 0)
    }
  }

  @Test func `silence is failed liveness, and a heartbeat is an end of it`() throws {
    try withProject { project in
      let beats = Gate("\(project.base)/beats")
      try project.write([
        "bot": .service(
          "notify", "READY=1", "gate", beats.path, "notify", "WATCHDOG=1",
          with: ["ready": ["notify": true], "heartbeat": "200ms"])
      ])
      try project.run("start", exits: 0)
      try eventually("silence") { try project.state(of: "bot") == "unhealthy" }
      let bot = try project.service("bot")
      #expect(bot["reason"]?.string?.contains("no heartbeat for") == true)
      #expect(bot["heartbeatAgeSeconds"]?.double ?? 0 > 0.1)
      beats.open()
      // It beats once, and is silent again: both are told.
      let log = project.path("logs/.devstart/supervisor.log")
      try waitForFile(log) { text in
        text.ranges(of: "unhealthy: no heartbeat").count == 2
      }
      try project.run("stop", exits: 0)
    }
  }

  @Test func `a service that is silent is restarted, with what it needs to know`() throws {
    let service = JSON.service(
      "print-env", "notify", "READY=1",
      with: [
        "ready": ["notify": true], "heartbeat": "150ms",
        "restart": ["policy": "on-failure", "backoff": "0s", "max": 2],
      ])
    try withProject(["bot": service]) { project in
      try project.run("start", exits: 0)
      try eventually("the end") { try project.state(of: "bot") == "failed" }
      let bot = try project.service("bot")
      #expect(bot["restarts"]?.integer == 2)
      #expect(bot["reason"]?.string?.contains("no heartbeat for") == true)
      #expect(project.log("bot").contains("WATCHDOG_USEC=150000\n"))
    }
  }

  // MARK: Files

  @Test func `a changed file restarts, once for a save of several steps`() throws {
    let service = JSON.service(
      "child", with: ["watch": ["paths": ["src/**/*.py"], "debounce": "150ms"]])
    try withProject { project in
      try Files.makeFolder(project.path("src"))
      try project.write(["bot": service])
      try project.run("start", exits: 0)
      let main = try project.main(of: "bot")
      try Files.write("no", to: project.path("src/notes.txt"))
      #expect(!main.hasEnded(within: .milliseconds(300)))
      // As editors do: a new file over the old one, in a folder that is new too.
      try Files.makeFolder(project.path("src/deep"))
      try Files.write("1", to: project.path("src/deep/a.py.new"))
      rename(project.path("src/deep/a.py.new"), project.path("src/deep/a.py"))
      try Files.write("2", to: project.path("src/deep/a.py"))
      #expect(main.hasEnded())
      try eventually("another") {
        let bot = try project.service("bot")
        return bot["state"]?.string == "ready" && bot["restarts"]?.integer == 1
      }
      let second = try project.main(of: "bot")
      #expect(!second.hasEnded(within: .milliseconds(400)))
      try project.run("stop", exits: 0)
    }
  }

  @Test func `a changed file may mean a signal, to main alone`() throws {
    let service = JSON.service(
      "record-signals", "HUP", "child",
      with: ["watch": ["paths": ["conf"], "debounce": "0s", "signal": "HUP"]])
    try withProject(["bot": service]) { project in
      try Files.write("1", to: project.path("conf"))
      try project.run("start", exits: 0)
      let main = try project.main(of: "bot")
      try Files.write("2", to: project.path("conf"))
      try project.waitForRecord("got-HUP")
      #expect(main.isAlive)
      #expect(try project.service("bot")["restarts"]?.integer == 0)
      try project.run("stop", exits: 0)
    }
  }

  @Test func `what failed is started when its files change`() throws {
    let service = JSON.command(
      [
        "/bin/sh", "-c",
        "grep -q good app.py || { echo SyntaxError >&2; exit 1; }; exec sleep 1000",
      ],
      with: ["watch": ["paths": ["app.py"], "debounce": "50ms"], "ready": ["delay": "100ms"]])
    try withProject(["bot": service]) { project in
      try Files.write("bad", to: project.path("app.py"))
      try project.run("start", exits: 1)
      let reason = try #require(project.service("bot")["reason"]?.string)
      #expect(reason.contains("SyntaxError") && reason.contains("when its files change"))
      try Files.write("good", to: project.path("app.py"))
      try project.run("wait", "bot", "--for", "ready", "--timeout", "10s", exits: 0)
      try project.run("stop", exits: 0)
    }
  }

  @Test func `a service that writes what it watches is restarted no more after a while`() throws {
    let service = JSON.command(
      ["/bin/sh", "-c", "date > out.py; exec sleep 1000"],
      with: ["watch": ["paths": ["*.py"], "debounce": "0s"]])
    try withProject(["bot": service]) { project in
      try project.run("start", exits: 0)
      try eventually("the end of it", within: .seconds(15)) {
        let bot = try project.service("bot")
        return bot["state"]?.string == "ready" && bot["restarts"]?.integer == 10
          && bot["reason"]?.string?.contains("\"ignore\"") == true
      }
      try project.run("stop", exits: 0)
    }
  }
}
