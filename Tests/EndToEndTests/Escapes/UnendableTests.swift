import DevstartCore
import Glibc
import TestSupport
import Testing

/// What nobody can end: `stop` says which PID, whose, and why, and exits 1.
@Suite(.waitsForProcesses) struct UnendableTests {
  /// What `stop` and `clean` say of a process that they cannot end.
  private func expectNamed(
    _ process: ProcessHandle, of user: String, _ why: String, in result: CommandResult,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(result.status == 1, "\(result.output)", sourceLocation: sourceLocation)
    for fact in ["pid \(process.pid) of \(user)", why] {
      #expect(result.output.contains(fact), "\(result.output)", sourceLocation: sourceLocation)
    }
    #expect(process.isAlive, sourceLocation: sourceLocation)
  }

  @Test(.enabled(if: Build.isRoot))
  func `a child that has become root, of an ordinary user's service`() throws {
    try withProject { project in
      let sudo = try project.program(named: "my-sudo")
      try project.write([
        "bot": .command(
          [
            "/bin/sh", "-c",
            "my-sudo --do become-user 0 & exec \(Build.fixture) record bot setsid",
          ], with: ["stop": ["timeout": "150ms"]])
      ])
      project.hand(to: Build.ordinaryUser)
      chown(sudo, 0, 0)
      chmod(sudo, 0o4755)
      try project.run("start", exits: 0)
      try project.waitForRecord("settled", count: 2)
      let held = project.heldSurvivors()
      let root = try #require(held.first { $0.process.executable == sudo })
      #expect(root.process.user == 0, "the folder may not let programs be another's (nosuid)")
      expectNamed(root, of: "root", "not permitted to signal it", in: try project.run("stop"))
      #expect(held.allSatisfy { $0.pid == root.pid || !$0.isAlive }, "the others are ended")
      root.kill()
      try project.run("stop", exits: 0)
    }
  }

  @Test(.enabled(if: Build.isRoot && Files.exists("/dev/fuse")))
  func `a child that hangs in the kernel, whatever signals it gets`() throws {
    try withProject { project in
      let file = "\(project.base)/file"
      try Files.write("", to: file)
      let server = try project.startFixture("hang", "open", file)
      let servant = try #require(project.records("hang-server").last)
      let path = "/proc/\(servant.pid)/root\(file)"
      try project.write([
        "bot": .service(
          "child", "{", "open", path, "}", "setsid", with: ["stop": ["timeout": "150ms"]])
      ])
      try project.run("start", exits: 0)
      try project.waitForRecord("hung", count: 2)
      let child = try #require(project.records("child").last.flatMap { ProcessHandle(pid: $0.pid) })
      expectNamed(child, of: "root", "hangs in the kernel", in: try project.run("stop"))
      let again = try project.run("stop")
      expectNamed(child, of: "root", "hangs in the kernel", in: again)
      #expect(project.living("bot").isEmpty && project.living("setsid").isEmpty)
      ProcessHandle(pid: servant.pid, startTicks: servant.startTicks)?.kill()
      #expect(child.hasEnded())
      try project.run("stop", exits: 0)
      server.handle.kill()
    }
  }
}
