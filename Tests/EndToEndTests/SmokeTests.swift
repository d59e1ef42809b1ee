import DevstartCore
import Glibc
import TestSupport
import Testing

@Suite(.waitsForProcesses) struct SmokeTests {
  static let services: JSON = [
    "bot": .service("setsid"), "api": .service("sleep", with: ["dependsOn": ["bot"]]),
  ]

  @Test(arguments: [
    ("exit 0", Int32(0)), ("exit 7", 7), ("kill -TERM $$", 143), ("kill -KILL $$", 137),
  ])
  func `the exit code is the command's, and everything is down after it`(
    script: String, status: Int32
  ) throws {
    try withProject(Self.services) { project in
      let words = ["smoke", "all", "--", "/bin/sh", "-c", "echo up; cat logs/*.pid; \(script)"]
      let smoke = try project.spawn(words).wait()
      #expect(smoke.status == status, "\(smoke.output)")
      #expect(smoke.stdout.contains("up\n"))
      let named = smoke.stdout.split(separator: "\n").compactMap { Int32($0) }
      #expect(named.count == 2, "both had PID files: \(smoke.output)")
      // A service that is ended at once may not have recorded itself yet.
      let recorded = (project.records("bot") + project.records("api")).map(\.pid)
      #expect(recorded.allSatisfy { named.contains($0) })
      #expect(project.survivors.isEmpty)
    }
  }

  @Test func `words after -- are the command's, options too`() throws {
    try withProject(Self.services) { project in
      let smoke = try project.run("smoke", "bot", "--", "echo", "--json", "--", "all", exits: 0)
      #expect(smoke.stdout.contains("--json -- all"))
      #expect(project.records("api").isEmpty)
    }
  }

  @Test func `a command that does not exist is 127, and everything is down`() throws {
    try withProject(Self.services) { project in
      let smoke = try project.run("smoke", "all", "--", "no-such-command-at-all")
      #expect(smoke.status != 0 && smoke.stderr.contains("no-such-command-at-all"))
      #expect(project.survivors.isEmpty)
    }
  }

  @Test(arguments: [[], ["--json"]])
  func `a command that cannot be executed: everything is down all the same`(
    options: [String]
  ) throws {
    let stubborn: JSON = ["bot": .service("ignore", "TERM", with: ["stop": ["timeout": "1500ms"]])]
    try withProject(stubborn) { project in
      try Files.write("#!/no/such/interpreter\n", to: project.path("odd"), mode: 0o755)
      let smoke = try project.spawn(["smoke", "bot"] + options + ["--", "./odd"]).wait()
      #expect(project.survivors.isEmpty)
      #expect(smoke.status == 1 && smoke.output.contains("cannot run './odd'"), "\(smoke)")
      if !options.isEmpty { #expect(try JSON.parse(Array(smoke.stdout.utf8)).keys == ["error"]) }
    }
  }

  @Test func `a script that names no interpreter is the shell's, as a service's is`() throws {
    try withProject(Self.services) { project in
      try Files.write("echo ran \"$0\" \"$1\"\n", to: project.path("script"), mode: 0o755)
      let smoke = try project.run("smoke", "bot", "--", "./script", "it", exits: 0)
      #expect(smoke.stdout.contains("ran ./script it\n"))
    }
  }

  @Test func `the command's environment is smoke's, to the byte`() throws {
    try withProject(Self.services) { project in
      let odd = "\"$(printf 'a\\377b')\""
      let command = "[ \"$ODD\" = \(odd) ]".replacing("'", with: "'\\''")
      let script = "ODD=\(odd) exec '\(Build.devstart)' smoke bot -- /bin/sh -c '\(command)'"
      let smoke = try project.start("/bin/sh", ["sh", "-c", script]).wait()
      #expect(smoke.status == 0, "\(smoke.output)")
    }
  }

  @Test func `a service that fails is 1 with its log, and the command does not run`() throws {
    let services: JSON = [
      "bot": .service("sleep"),
      "bad": .service("print", "boom in bad", "exit", "3", with: ["ready": ["delay": "10s"]]),
    ]
    try withProject(services) { project in
      let smoke = try project.run("smoke", "all", "--", "touch", "ran", exits: 1)
      #expect(smoke.stderr.contains("bad") && smoke.stderr.contains("boom in bad"))
      #expect(!Files.exists(project.path("ran")))
      #expect(project.survivors.isEmpty)
    }
  }

  /// Smoke with a command that lives; gives that command's process when it does.
  func withSmoke(_ body: (Project, RunningCommand, ProcessHandle) throws -> Void) throws {
    try withProject(Self.services) { project in
      let smoke = try project.spawn("smoke", "all", "--", Build.fixture, "record", "test")
      try project.waitForRecord("test")
      let record = try #require(project.records("test").first)
      try body(project, smoke, try #require(ProcessHandle(pid: record.pid)))
    }
  }

  @Test func `smoke itself KILLed: the services go down all the same`() throws {
    try withSmoke { project, smoke, test in
      let services = try ["bot", "api"].map { try project.main(of: $0) }
      smoke.handle.kill()
      for service in services { #expect(service.hasEnded()) }
      test.kill()
      eventually("all of it is down") { project.survivors.isEmpty }
    }
  }

  @Test func `smoke renews its lease with the next supervisor`() throws {
    try withSmoke { project, smoke, test in
      try #require(project.supervisor).kill()
      eventually("another supervisor is there") { project.supervisor != nil }
      project.expectExactlyOne("bot")
      #expect(test.isAlive && smoke.isAlive)
      let services = try ["bot", "api"].map { try project.main(of: $0) }
      smoke.handle.kill()
      for service in services { #expect(service.hasEnded()) }
      test.kill()
      eventually("all of it is down") { project.survivors.isEmpty }
    }
  }

  @Test func `Ctrl-C ends the command and the services`() throws {
    try withSmoke { project, smoke, test in
      // A terminal's Ctrl-C reaches the whole foreground group.
      kill(-smoke.pid, SIGINT)
      let result = try smoke.wait()
      #expect(result.status == 130)
      #expect(!test.isAlive && project.survivors.isEmpty)
    }
  }

  @Test func `signals reach the command though no supervisor can be had`() throws {
    try withSmoke { project, smoke, test in
      let control = project.path("logs/.devstart")
      chmod(control, 0o755)
      try #require(project.supervisor).kill()
      eventually("it has given up") { smoke.stderrSoFar.contains("open to others") }
      chmod(control, 0o700)
      smoke.signal(SIGTERM)
      #expect(try smoke.wait().status == 143)
      #expect(!test.isAlive && project.survivors.isEmpty)
    }
  }

  @Test func `signals reach the command though the next supervisor hears nothing`() throws {
    try withSmoke { project, smoke, test in
      smoke.signal(SIGSTOP)
      try #require(project.supervisor).kill()
      try project.run("wait", "bot", "--for", "ready", exits: 0)
      let next = try #require(project.supervisor)
      next.signal(SIGSTOP)
      smoke.signal(SIGCONT)
      eventually("it says so") { smoke.stderrSoFar.contains("is stopped") }
      smoke.signal(SIGTERM)
      #expect(test.hasEnded())
      next.signal(SIGCONT)
      #expect(try smoke.wait().status == 143)
      #expect(project.survivors.isEmpty)
    }
  }

  @Test func `smoke starts fresh`() throws {
    try withProject(Self.services) { project in
      try project.run("start", exits: 0)
      let before = try project.main(of: "bot")
      try project.run("smoke", "all", "--", "true", exits: 0)
      #expect(!before.isAlive && project.survivors.isEmpty)
    }
  }

  @Test func `an end of a service under the command does not change its exit code`() throws {
    try withSmoke { project, smoke, test in
      try project.main(of: "bot").kill()
      #expect(!smoke.handle.hasEnded(within: .milliseconds(200)))
      test.signal(SIGTERM)
      #expect(try smoke.wait().status == 143)
      #expect(project.survivors.isEmpty)
    }
  }
}
