import DevstartCore
import Glibc
import TestSupport
import Testing

/// As in a container or a CI runner: the first process, without the folders and variables that a
/// login has, with a `/proc` that hides others', on a kernel that knows less.
@Suite(.waitsForProcesses) struct ContainerTests {
  /// All are polite: a stop that takes its time is one that has missed an end.
  static let services: JSON = [
    "bot": .service("lock", "bot.lock", "setsid", with: ["stop": ["timeout": "1h"]]),
    "api": .service(
      "lock", "api.lock", "double-fork",
      with: ["dependsOn": ["bot"], "stop": ["timeout": "1h"]]),
  ]

  // MARK: The first process

  /// devstart as PID 1 of a namespace, and without a terminal.
  private func startAsFirst(_ project: Project, _ words: [String]) throws -> RunningCommand {
    let unshare = [
      "unshare", "--pid", "--fork", "--mount-proc", "--kill-child", Build.devstart,
    ]
    return try project.start("/usr/bin/unshare", unshare + words) { $0.startsSession = true }
  }

  /// The same of one that stays, and that PID 1.
  private func startAndFindFirst(
    _ project: Project, _ words: [String]
  ) throws -> (command: RunningCommand, first: ProcessHandle) {
    let command = try startAsFirst(project, words)
    var first: ProcessHandle?
    eventually("it is there", within: .seconds(20)) {
      first = command.process.children.first.flatMap { ProcessHandle(pid: $0.pid) }
      return first?.process.arguments.contains(words[0]) == true || !command.isAlive
    }
    return (command, try #require(first, "\(command.stderrSoFar)"))
  }

  /// An orphan that nobody reaps stays in the process table for ever.
  private static let makesOrphan = """
    (sh -c 'echo $$ > orphan' &)
    until [ -s orphan ]; do sleep 0.01; done
    read -r pid < orphan
    i=0
    while [ -e "/proc/$pid" ]; do i=$((i+1)); [ $i -lt 300 ] || exit 9; sleep 0.01; done
    exit 7
    """

  @Test(.enabled(if: Build.isRoot, "needs root, for a PID namespace"))
  func `smoke as PID 1 reaps every orphan and exits as its command does`() throws {
    try withProject(Self.services) { project in
      let words = ["smoke", "all", "--", "/bin/sh", "-c", Self.makesOrphan]
      let result = try startAsFirst(project, words).wait()
      #expect(result.status == 7, "\(result.output)")
    }
  }

  @Test(
    .enabled(if: Build.isRoot, "needs root, for a PID namespace"), arguments: [SIGTERM, SIGINT])
  func `smoke as PID 1 passes signals on, and all is down`(signal: Int32) throws {
    try withProject(Self.services) { project in
      let script = "trap 'exit 5' TERM INT; echo up > up; while :; do sleep 0.01; done"
      let (command, first) = try startAndFindFirst(
        project, ["smoke", "all", "--", "/bin/sh", "-c", script])
      try waitForFile(project.path("up")) { $0 == "up\n" }
      first.signal(signal)
      let result = try command.wait()
      #expect(result.status == 5, "\(result.output)")
      #expect(
        !Files.exists(project.pidFile("bot")), "they were stopped, not just KILLed at its end")
    }
  }

  @Test(.enabled(if: Build.isRoot, "needs root, for a PID namespace"))
  func `run as PID 1 stops its services at TERM, and reaps`() throws {
    try withProject { project in
      try project.write([
        "bot": .command(["/bin/sh", "-c", "(\(Self.makesOrphan)); echo $? > code; exec sleep 600"])
      ])
      let (command, first) = try startAndFindFirst(project, ["run"])
      try waitForFile(project.path("code")) { !$0.isEmpty }
      #expect(Files.text(project.path("code")) == "7\n")
      first.signal(SIGTERM)
      let result = try command.wait()
      #expect(result.status == 0, "\(result.output)")
      #expect(!Files.exists(project.pidFile("bot")))
    }
  }

  /// The name of the socket is everybody's to see, and the kernel gives no PID for who is outside.
  @Test(.enabled(if: Build.isRoot, "needs root, for a PID namespace"))
  func `a word from outside of the namespace makes nothing ready`() throws {
    let script = "echo $NOTIFY_SOCKET; exec sleep 600"
    let ready: JSON = ["ready": ["notify": true, "timeout": "1s"]]
    try withProject(["deaf": .command(["/bin/sh", "-c", script], with: ready)]) { project in
      try Files.makeFolder(project.path("logs"))
      let smoke = try startAsFirst(project, ["smoke", "deaf", "--", "/bin/true"])
      try waitForFile(project.path("logs/dev_deaf.log")) { $0.hasSuffix("\n") }
      let socket = String(project.log("deaf").dropLast())
      // It is of the same user, and alive until its word was read.
      let stranger = try project.spawn(
        ["notify", "--ready"], environment: ["NOTIFY_SOCKET": socket])
      #expect(try stranger.wait().status == 0)
      let result = try smoke.wait()
      #expect(result.status == 1, "\(result.output)")
    }
  }

  // MARK: What is not there

  /// The whole life of two services, each command begun as `begin` says.
  private func expectLife(
    _ project: Project, begin: (_ words: [String]) throws -> RunningCommand
  ) throws {
    func run(_ words: String..., exits: Int32 = 0) throws {
      let result = try begin(words).wait()
      #expect(result.status == exits, "\(words): \(result.output)\(project.supervisorLog)")
    }
    try run("start")
    for name in ["bot", "api"] { project.expectExactlyOne(name) }
    let bot = try #require(project.records("bot").first)
    try run("restart", "api")
    try run("status")
    try #require(project.supervisor).kill()
    try run("start", "--if-running", "keep")
    #expect(bot.isAlive, "taken over, not started anew")
    for name in ["bot", "api"] { project.expectExactlyOne(name) }
    try #require(project.supervisor).kill()
    try run("stop")
    #expect(project.survivors.isEmpty && project.records("DOUBLE").isEmpty)
    try run("status", exits: 3)
  }

  @Test(.enabled(if: Build.isRoot, "needs root, for a read-only /tmp"))
  func `no home, no terminal, no runtime folder, and a /tmp that is read-only`() throws {
    try withProject(Self.services) { project in
      for name in ["HOME", "TERM", "TMPDIR", "XDG_RUNTIME_DIR"] { project.environment[name] = nil }
      let script = """
        set -e
        mount --bind /tmp /tmp
        mount --bind "$1" "$1"
        mount -o remount,bind,ro /tmp
        ! touch /tmp/devstart-writable 2>&1 || exit 99
        cd "$1/project"; shift
        exec "$@"
        """
      try expectLife(project) { words in
        try project.start(
          "/usr/bin/unshare",
          ["unshare", "--mount", "/bin/sh", "-c", script, "sh", project.base, Build.devstart]
            + words)
      }
    }
  }

  @Test(.enabled(if: Build.isRoot, "needs root, for a /proc of its own"))
  func `a /proc that hides what others run`() throws {
    try withProject(Self.services) { project in
      project.hand(to: Build.ordinaryUser)
      project.user = nil
      let user = String(Build.ordinaryUser)
      let script = """
        mount -t proc -o hidepid=2 proc /proc || exit 98
        exec setpriv --reuid \(user) --regid \(user) --clear-groups \
          sh -c '! [ -e /proc/1 ] || exit 99; exec "$@"' sh "$@"
        """
      try expectLife(project) { words in
        try project.start(
          "/usr/bin/unshare",
          ["unshare", "--mount", "/bin/sh", "-c", script, "sh", Build.devstart] + words)
      }
    }
  }

  // MARK: Before Linux 5.3

  @Test func `without pidfds start times are compared, and ends are seen all the same`() throws {
    try withProject(Self.services) { project in
      try expectLife(project) { try project.spawn($0) { $0.deniesPidfds = true } }
    }
  }

  @Test func `without pidfds strays are ended, killed keepers met, and smoke ends what it began`()
    throws
  {
    try withProject(Self.services) { project in
      func run(_ words: String..., exits: Int32 = 0) throws {
        let result = try project.spawn(words, change: { $0.deniesPidfds = true }).wait()
        #expect(result.status == exits, "\(words): \(result.output)\(project.supervisorLog)")
      }
      let byHand = try project.startByHand(
        Build.fixture, [Build.fixture, "record", "bot", "lock", "bot.lock", "setsid"])
      let innocent = try project.startFixture("sleep")
      try run("start")
      #expect(!byHand.isAlive)
      let supervisor = try #require(project.supervisor)
      #expect(
        !supervisor.process.descriptors.values.contains { $0.contains("pidfd") },
        "the test denies nothing")
      try project.keeper(of: project.main(of: "api")).kill()
      try project.main(of: "bot").kill()
      try eventually("its end is seen") { try project.state(of: "bot") == "failed" }
      try run("stop")
      #expect(project.survivors.allSatisfy { $0.pid == innocent.pid }, "\(project.survivors)")
      try run("smoke", "all", "--", "/bin/sh", "-c", "exit 7", exits: 7)
      #expect(project.survivors.allSatisfy { $0.pid == innocent.pid })
      let smoke = try project.spawn(
        ["smoke", "all", "--", Build.fixture, "record", "test"], change: { $0.deniesPidfds = true })
      try project.waitForRecord("test")
      smoke.handle.kill()
      for test in project.living("test") {
        ProcessHandle(pid: test.pid, startTicks: test.startTicks)?.kill()
      }
      eventually("its lease has ended") {
        project.survivors.allSatisfy { $0.pid == innocent.pid }
      }
      #expect(innocent.isAlive)
      innocent.handle.kill()
    }
  }
}
