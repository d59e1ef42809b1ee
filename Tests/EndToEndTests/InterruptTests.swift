import DevstartCore
import Foundation
import Glibc
import TestSupport
import Testing

@Suite(.waitsForProcesses) struct InterruptTests {
  /// A service that is ready when the test opens its gate.
  func withGated(
    _ words: [String] = [], _ body: (Project, Gate) throws -> Void
  ) throws {
    let port = Ports.free()
    try withProject { project in
      let gate = Gate("\(project.base)/gate")
      try project.write([
        "bot": .fixture(
          words + ["lock", "bot.lock", "gate", gate.path, "listen", String(port)], ports: [port]),
        "other": .service("sleep"),
      ])
      try body(project, gate)
    }
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func `Ctrl-C stops what the call launched`(signal: Int32) throws {
    try withGated { project, _ in
      try project.run("start", "other", exits: 0)
      let other = try project.main(of: "other")
      let start = try project.spawn("start", "bot")
      try project.waitForRecord("bot")
      start.signal(signal)
      let result = try start.wait()
      #expect(result.status == (signal == SIGINT ? 130 : 143) || result.status == 130)
      #expect(project.living("bot").isEmpty && other.isAlive)
      try #expect(project.state(of: "bot") == "stopped")
      try project.run("stop", exits: 0)
    }
  }

  @Test func `a second Ctrl-C kills`() throws {
    try withGated(["record-signals", "TERM"]) { project, _ in
      let start = try project.spawn("start", "bot")
      try project.waitForRecord("at-gate")
      start.signal(SIGINT)
      try project.waitForRecord("got-TERM")
      #expect(start.isAlive && project.living("bot").count == 1)
      start.signal(SIGINT)
      let result = try start.wait(within: .seconds(8))
      #expect(result.status == 130)
      #expect(project.survivors.isEmpty)
    }
  }

  @Test(arguments: [["start", "bot"], ["smoke", "bot", "--", "/bin/sh", "-c", "echo it ran"]])
  func `Ctrl-C that comes with the answer stops what was launched`(words: [String]) throws {
    try withGated { project, gate in
      let command = try project.spawn(words)
      try project.waitForRecord("bot")
      try project.signal(command, SIGINT, as: "bot", passes: gate)
      let result = try command.wait()
      #expect(result.status == 130, "\(result.output)")
      #expect(!result.stdout.contains("it ran") && result.stdout.contains("✓ bot  stopped"))
      #expect(project.survivors.isEmpty)
    }
  }

  @Test func `Ctrl-C stops what the call launched by way of an earlier supervisor`() throws {
    try withGated { project, _ in
      let start = try project.spawn("start", "bot")
      try project.waitForRecord("bot")
      try #require(project.supervisor).kill()
      try waitForFile(project.path("logs/.devstart/supervisor.log")) { log in
        log.components(separatedBy: "asked by pid \(start.pid)").count == 3
      }
      start.signal(SIGINT)
      #expect(try start.wait().status == 130)
      #expect(project.survivors.isEmpty)
    }
  }

  @Test func `Ctrl-C cancels at a supervisor that hears again`() throws {
    try withGated { project, _ in
      try project.run("start", "other", exits: 0)
      let supervisor = try #require(project.supervisor)
      supervisor.signal(SIGSTOP)
      let start = try project.spawn("start", "bot")
      eventually("it says so") { start.stderrSoFar.contains("is stopped") }
      supervisor.signal(SIGCONT)
      try project.waitForRecord("bot")
      start.signal(SIGINT)
      #expect(try start.wait().status == 130)
      #expect(project.living("bot").isEmpty && project.living("other").count == 1)
      try project.run("stop", exits: 0)
    }
  }

  /// More than a socket's buffer holds (net.core.wmem_default).
  @Test func `Ctrl-C leaves a stopped supervisor, however much it was to be told`() throws {
    try withGated { project, _ in
      try project.run("start", "other", exits: 0)
      let supervisor = try #require(project.supervisor)
      supervisor.signal(SIGSTOP)
      let large = String(repeating: "x", count: 100_000)
      let environment = Dictionary(uniqueKeysWithValues: (0..<8).map { ("LARGE\($0)", large) })
      let start = try project.spawn(["start", "bot"], environment: environment)
      eventually("it says so") { start.stderrSoFar.contains("is stopped") }
      start.signal(SIGINT)
      #expect(try start.wait().status == 130)
      supervisor.signal(SIGCONT)
      try project.run("stop", exits: 0)
      #expect(project.records("bot").isEmpty && project.survivors.isEmpty)
    }
  }

  @Test func `who loses the supervisor after Ctrl-C is told that something may run on`() throws {
    try withGated(["record-signals", "TERM"]) { project, _ in
      let start = try project.spawn("start", "bot")
      try project.waitForRecord("at-gate")
      start.signal(SIGINT)
      try project.waitForRecord("got-TERM")
      try #require(project.supervisor).kill()
      let result = try start.wait()
      #expect(
        result.status == 130 && result.stderr.contains("'devstart stop' ends it"),
        "\(result.status): \(result.output)")
      try project.run("stop", "--force", exits: 0)
      #expect(project.survivors.isEmpty)
    }
  }

  @Test func `Ctrl-C stops nothing that another call waits for`() throws {
    try withGated { project, gate in
      let pause = Gate("\(project.base)/pause")
      let calls = try (0..<2).map { _ in
        try project.spawn(["start", "bot"]) { $0.gate = pause.path }
      }
      pause.open()
      try project.waitForRecord("bot")
      try waitForFile(project.path("logs/.devstart/supervisor.log")) { log in
        calls.allSatisfy { log.contains("asked by pid \($0.pid)") }
      }
      calls[0].signal(SIGINT)
      #expect(try calls[0].wait().status == 130)
      project.expectExactlyOne("bot")
      gate.open()
      #expect(try calls[1].wait().status == 0)
      #expect(project.records("bot").count == 1)
      try project.run("stop", exits: 0)
    }
  }

  @Test(arguments: [SIGHUP, SIGKILL])
  func `a lost terminal or connection stops nothing`(signal: Int32) throws {
    try withGated { project, gate in
      let start = try project.spawn("start", "bot")
      try project.waitForRecord("bot")
      start.signal(signal)
      _ = try start.wait()
      project.expectExactlyOne("bot")
      gate.open()
      try project.run("wait", "bot", "--for", "ready", exits: 0)
      try project.run("stop", exits: 0)
    }
  }

  @Test func `the command line's --timeout is 5, and says what it waited for`() throws {
    try withGated { project, _ in
      let start = try project.run("start", "bot", "--timeout", "300ms", exits: 5)
      #expect(start.stderr.contains("bot"))
      #expect(start.duration >= .milliseconds(300) && start.duration < .seconds(10))
      try project.run("stop", exits: 0)
      #expect(project.survivors.isEmpty)
    }
  }

  @Test func `wait waits for ready and for stopped, and tells when it cannot`() throws {
    try withGated { project, gate in
      try project.run("start", "bot", "--no-wait", exits: 0)
      let ready = try project.spawn("wait", "bot", "--for", "ready")
      try project.run("wait", "bot", "--for", "ready", "--timeout", "100ms", exits: 5)
      gate.open()
      #expect(try ready.wait().status == 0)
      let stopped = try project.spawn("wait", "bot", "--for", "stopped")
      eventually("it waits") {
        stopped.process.descriptors.values.contains { $0.hasPrefix("socket:") }
      }
      try project.run("stop", exits: 0)
      #expect(try stopped.wait().status == 0)
    }
  }

  @Test func `wait does not wait for what has failed`() throws {
    let services: JSON = ["bot": .service("exit", "3", with: ["ready": ["delay": "10s"]])]
    try withProject(services) { project in
      try project.run("start", exits: 1)
      let wait = try project.run("wait", "--for", "ready", "--timeout", "20s", exits: 3)
      #expect(wait.duration < .seconds(10) && wait.output.contains("bot"))
    }
  }

  @Test func `stop during a start ends both`() throws {
    try withGated { project, _ in
      let start = try project.spawn("start", "bot")
      try project.waitForRecord("bot")
      try project.run("stop", "bot", exits: 0)
      let result = try start.wait()
      #expect(result.status == 1, "\(result.output)")
      #expect(result.stderr.contains("bot"))
      #expect(project.survivors.isEmpty)
    }
  }

  @Test func `a stop that takes over a second says what it waits for`() throws {
    let services: JSON = ["bot": .service("ignore", "TERM", with: ["stop": ["timeout": "1500ms"]])]
    try withProject(services) { project in
      try project.run("start", exits: 0)
      try project.waitForRecord("settled")
      let stop = try project.run("stop", exits: 0)
      #expect(stop.duration >= .milliseconds(1500))
      #expect(stop.output.contains("KILL"))
    }
  }
}
