import DevstartCore
import Glibc
import TestSupport
import Testing

/// Probes, hooks and stop commands: what runs beside a service is ended with it.
@Suite(.waitsForProcesses) struct CommandsBesideTests {
  enum Kind: String, CaseIterable {
    case readiness, liveness, stopCommand

    /// A service whose command of this kind makes many processes, and hangs.
    var service: JSON {
      let command = JSON([Build.fixture, "record", "beside", "ignore", "TERM", "burst", "60"])
      return switch self {
      case .readiness: .service("sleep", with: ["ready": ["exec": command, "timeout": "20s"]])
      case .liveness:
        .service("sleep", with: ["live": ["exec": command, "interval": "10ms", "timeout": "20s"]])
      case .stopCommand:
        .service("sleep", with: ["stop": ["command": command, "timeout": "20s"]])
      }
    }

    func begin(_ project: Project) throws -> RunningCommand? {
      if self == .readiness {
        try project.run("start", "--no-wait", exits: 0)
      } else {
        try project.run("start", exits: 0)
      }
      let stop = self == .stopCommand ? try project.spawn("stop") : nil
      try project.waitForSettled("beside")
      return stop
    }
  }

  @Test(arguments: Kind.allCases)
  func `nothing of it is alive when stop says 0`(kind: Kind) throws {
    try withProject(["bot": kind.service]) { project in
      let first = try kind.begin(project)
      try project.run("stop", "--timeout", "100ms", exits: 0)
      #expect(project.survivors.isEmpty, "\(project.survivors)")
      if let first { #expect(try first.wait().status == 0) }
    }
  }

  @Test(arguments: Kind.allCases)
  func `nor when the supervisor was KILLed meanwhile`(kind: Kind) throws {
    try withProject(["bot": kind.service]) { project in
      let first = try kind.begin(project)
      let before = project.records("beside")
      try #require(project.supervisor).kill()
      try project.run("stop", "--timeout", "100ms", exits: 0)
      #expect(project.survivors.isEmpty, "\(project.survivors)")
      #expect(before.allSatisfy { !$0.isAlive })
      if let first { #expect(try first.wait().status == 0) }
    }
  }

  /// Until its exec, a main looks like its keeper: a long `PATH` makes that a long time.
  @Test func `what is being born when it is stopped is ended, too`() throws {
    let members = (0..<20).map { number -> JSON.Member in
      let live: JSON = [
        "exec": ["sleep", "1000"], "interval": JSON("\(30 + 10 * number)ms"), "timeout": "20s",
      ]
      return .init(key: "worker\(number)", value: .service("sleep", with: ["live": live]))
    }
    try withProject(JSON(.object(members))) { project in
      let path = String(repeating: "/proc/1/x:", count: 12_000) + "/usr/bin:/bin"
      for _ in 0..<(Build.isLong ? 100 : 5) {
        try project.run("start", exits: 0, environment: ["PATH": path])
        // It may be on its way out, and has no arguments then.
        let supervisor = project.supervisor?.pid
        try project.run("stop", "--force", exits: 0)
        let left = project.processes().filter { $0.pid != supervisor }
        #expect(left.isEmpty, "\(left.map(\.summary))")
      }
    }
  }

  @Test func `a hook that a dead supervisor began is ended by the next, the service is not`() throws
  {
    let hook = JSON([Build.fixture, "record", "hook", "setsid", "double-fork"])
    let service = JSON.service("sleep", with: ["hooks": ["ready": hook]])
    try withProject(["bot": service, "api": .service("sleep")]) { project in
      try project.run("start", exits: 0)
      try project.waitForSettled("hook")
      let (main, hook) = (try project.main(of: "bot"), project.living("hook"))
      #expect(hook.count == 1)
      try #require(project.supervisor).kill()
      try project.run("start", "api", "--if-running", "keep", exits: 0)
      #expect(main.isAlive && !hook[0].isAlive)
      #expect(project.survivors.count == 2, "\(project.survivors)")
      try project.run("stop", exits: 0)
      #expect(project.survivors.isEmpty)
    }
  }

  @Test func `stop does not wait for a hook, which is ended with all it made in its time`() throws {
    let hook = JSON([Build.fixture, "record", "hook", "setsid"])
    let service = JSON.service("sleep", with: ["hooks": ["stopped": hook]])
    try withProject(["bot": service]) { project in
      try project.run("start", exits: 0)
      let stop = try project.run("stop", exits: 0)
      #expect(stop.duration < .seconds(5))
      #expect(project.living("bot").isEmpty)
      // Its supervisor stays for it; KILLed, it is the next one's to end.
      try project.waitForSettled("hook")
      #expect(project.living("hook").count == 1)
      try #require(project.supervisor).kill()
      try project.run("stop", exits: 0)
      #expect(project.survivors.isEmpty)
    }
  }

  @Test(arguments: [SIGTERM, SIGKILL])
  func `stopped in its back-off, it stays down whatever becomes of the supervisor`(
    signal: Int32
  ) throws {
    let service = JSON.service(
      "exit", "1", "--after-ms", "300",
      with: ["restart": ["policy": "always", "backoff": "60s", "maxBackoff": "60s"]])
    try withProject(["bot": service, "api": .service("sleep")]) { project in
      try project.run("start", "--no-wait", exits: 0)
      try eventually("back-off") { try project.state(of: "bot") == "backoff" }
      try project.run("stop", "bot", exits: 0)
      try #expect(project.state(of: "bot") == "stopped")
      let supervisor = try #require(project.supervisor)
      supervisor.signal(signal)
      #expect(supervisor.hasEnded())
      try project.run("start", "api", "--if-running", "keep", exits: 0)
      try #expect(project.state(of: "bot") == "stopped")
      #expect(project.records("bot").count == 1)
      try project.run("stop", exits: 0)
    }
  }
}
