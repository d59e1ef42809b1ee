import DevstartCore
import Glibc
import TestSupport
import Testing

/// When endpoints are there, and what they count.
@Suite(.waitsForProcesses) struct EndpointLifeTests {
  private func health(_ port: Int) -> JSON { ["port": JSON(port)] }

  private func metrics(_ port: Int) throws -> [String] {
    try HTTPClient.get(port, "/metrics", "Accept: text/plain").body.split(separator: "\n")
      .map { String($0) }
  }

  @Test func `a port that is taken is a warning that names its holder, and tried again`() throws {
    let (own, all) = (Ports.free(), Ports.free())
    let services: JSON = ["bot": .service("sleep", with: ["health": health(own)])]
    try withProject(services, top: ["health": health(all)]) { project in
      let first = try project.startFixture(["listen", String(own)], in: "/")
      let second = try project.startFixture(["listen", String(all)], in: "/")
      let start = try project.run("start", exits: 0)
      for (port, holder) in [(own, first), (all, second)] {
        #expect(start.stderr.contains("not served on port \(port)"))
        #expect(start.stderr.contains("pid \(holder.pid)"))
      }
      let bot = try project.main(of: "bot")
      #expect(bot.isAlive)
      for holder in [first, second] {
        holder.handle.kill()
        _ = try holder.wait()
      }
      try project.run("start", "--if-running", "keep", exits: 0)
      #expect(try HTTPClient.get(all, "/health").status == 200 && bot.isAlive)
      #expect(!HTTPClient.isServed(own), "its own is tried again when it is started")
      try project.run("start", exits: 0)
      #expect(try HTTPClient.get(own, "/health").status == 200)
      try project.run("stop", exits: 0)
    }
  }

  @Test func `one port for two is a warning too`() throws {
    let port = Ports.free()
    let services: JSON = ["bot": .service("sleep", with: ["health": health(port)])]
    try withProject(services, top: ["health": health(port)]) { project in
      let start = try project.run("start", exits: 0)
      #expect(start.stderr.contains("the project's endpoint is served there"))
      #expect(try HTTPClient.get(port, "/services/bot/health").status == 200)
      try project.run("stop", exits: 0)
    }
  }

  @Test func `a service has its ports before any endpoint`() throws {
    let (first, second) = (Ports.free(), Ports.free())
    try withProject { project in
      // On the project's endpoint, and on its own.
      let services: JSON = [
        "api": .service(
          "listen", String(first), with: ["ports": [JSON(first)], "health": health(first)]),
        "bot": .service("sleep"),
      ]
      try project.write(services, top: ["health": health(first)])
      let check = try project.run("check", exits: 1)
      #expect(check.stderr.contains("the endpoint of api is on port \(first), which is api's own"))
      #expect(check.stderr.contains("the project's endpoint is on port \(first)"))
      let start = try project.run("start", exits: 0)
      #expect(start.stderr.contains("it is a port of api's own"), "\(start.stderr)")
      try project.run("stop", exits: 0)
      // One that is served makes room.
      let later: JSON = [
        "api": .service(
          "listen", String(second), with: ["ports": [JSON(second)], "autostart": false]),
        "bot": .service("sleep", with: ["health": health(second)]),
      ]
      try project.write(later, top: ["health": health(first)])
      try project.run("check", exits: 0)
      try project.run("start", exits: 0)
      #expect(try HTTPClient.get(second, "/health").status == 200)
      let bot = try project.main(of: "bot")
      let named = try project.run("start", "api", exits: 0)
      #expect(named.stderr.contains("the endpoint of bot is not served on port \(second)"))
      #expect(bot.isAlive && HTTPClient.isServed(first))
      try project.run("stop", exits: 0)
    }
  }

  @Test func `another port in the manifest is served from the next start on`() throws {
    let (old, new) = (Ports.free(), Ports.free())
    let services: JSON = ["bot": .service("sleep"), "api": .service("sleep")]
    try withProject(services, top: ["health": health(old)]) { project in
      try project.run("start", exits: 0)
      let bot = try project.main(of: "bot")
      try project.write(services, top: ["health": health(new)])
      try project.run("start", "--dry-run")
      #expect(HTTPClient.isServed(old))
      try project.run("start", "api", exits: 0)
      #expect(!HTTPClient.isServed(old) && HTTPClient.isServed(new) && bot.isAlive)
      try project.write(services)
      try project.run("start", "api", exits: 0)
      #expect(!HTTPClient.isServed(new))
      try project.run("stop", exits: 0)
    }
  }

  @Test func `a service's own endpoint goes with it`() throws {
    let (own, all) = (Ports.free(), Ports.free())
    let services: JSON = [
      "bot": .service("sleep", with: ["health": health(own)]), "api": .service("sleep"),
    ]
    try withProject(services, top: ["health": health(all)]) { project in
      try project.run("start", exits: 0)
      try project.run("stop", "bot", exits: 0)
      #expect(!HTTPClient.isServed(own) && HTTPClient.isServed(all))
      try project.run("start", "bot", exits: 0)
      #expect(HTTPClient.isServed(own))
      try project.main(of: "bot").kill()
      try eventually("it failed") { try project.state(of: "bot") == "failed" }
      #expect(!HTTPClient.isServed(own) && HTTPClient.isServed(all))
      try project.run("stop", exits: 0)
      eventually("the supervisor ends") { !HTTPClient.isServed(all) }
    }
  }

  @Test func `unsupervised nothing answers, and after a take-over the endpoints are back`() throws {
    let (own, all) = (Ports.free(), Ports.free())
    let services: JSON = [
      "bot": .service("sleep", with: ["health": health(own)]),
      "task": .service("exit", "0", with: ["oneshot": true]),
    ]
    try withProject(services, top: ["health": health(all)]) { project in
      try project.run("start", exits: 0)
      let bot = try project.main(of: "bot")
      let supervisor = try #require(project.supervisor)
      supervisor.kill()
      #expect(supervisor.hasEnded())
      #expect(!HTTPClient.isServed(own) && !HTTPClient.isServed(all))
      try project.run("wait", "bot", exits: 0)
      #expect(project.supervisor != nil && bot.isAlive)
      #expect(try HTTPClient.get(own, "/health").status == 200)
      #expect(try HTTPClient.get(all, "/health").status == 200, "a completed oneshot stays so")
      #expect(try metrics(all).contains("devstart_take_overs_total 1"))
      try project.run("stop", exits: 0)
    }
  }

  @Test func `after a handover the endpoints are back`() throws {
    let (own, all) = (Ports.free(), Ports.free())
    let services: JSON = ["bot": .service("sleep", with: ["health": health(own)])]
    try withProject(services, top: ["health": health(all)]) { project in
      try project.run("start", exits: 0)
      let supervisor = try #require(project.supervisor)
      let newer = "\(project.base)/bin/devstart-newer"
      try Files.copy(Build.devstart, to: newer)
      let client = try ControlSocket(project.path("logs/.devstart/control.sock"))
      client.send(
        HandoverTests.status(
          protocolVersion: DevstartCore.protocolVersion + 1, executable: newer
        ).bytes + [10])
      #expect(client.readLine() != nil)
      #expect(supervisor.process.executable == newer)
      #expect(try HTTPClient.get(own, "/health").status == 200)
      #expect(try HTTPClient.get(all, "/health").status == 200)
      try project.run("stop", exits: 0)
    }
  }

  @Test func `restarts are counted by what caused them, also after a take-over`() throws {
    let port = Ports.free()
    let restart: JSON = ["policy": "on-failure", "backoff": "0s"]
    let services: JSON = ["bot": .service("sleep", with: ["restart": restart])]
    try withProject(services, top: ["health": health(port)]) { project in
      try project.run("start", exits: 0)
      for number in 1...2 {
        try project.main(of: "bot").kill()
        try eventually("restart \(number)") {
          let bot = try project.service("bot")
          return bot["restarts"]?.integer == number && bot["state"]?.string == "ready"
        }
      }
      let expected = [
        #"devstart_service_restarts_total{service="bot",reason="signal"} 2"#,
        #"devstart_service_restarts_total{service="bot",reason="exited"} 0"#,
        #"devstart_service_last_exit_signal_info{service="bot",signal="KILL"} 1"#,
      ]
      #expect(Set(expected).isSubset(of: try metrics(port)))
      try #require(project.supervisor).kill()
      try project.run("wait", "bot", exits: 0)
      #expect(Set(expected).isSubset(of: try metrics(port)))
      try project.run("stop", exits: 0)
    }
  }

  @Test func `conflicts and strays are counted once`() throws {
    let port = Ports.free()
    try withProject { project in
      let python = try project.program(named: "python3")
      try project.write(
        ["bot": .command([python, "--do", "record", "bot", "sleep"]), "api": .service("sleep")],
        top: ["health": health(port)])
      _ = try project.startByHand(python, [python, "--do", "record", "bot", "sleep"])
      try project.run("start", exits: 0)
      let lines = try metrics(port)
      for line in [
        "devstart_conflicts_detected_total 1", "devstart_conflicts_resolved_total 1",
        "devstart_strays_found_total 1", #"devstart_strays_ended_total{signal="TERM"} 1"#,
      ] { #expect(lines.contains(line), "\(line)") }
      try project.run("stop", exits: 0)
    }
  }
}
