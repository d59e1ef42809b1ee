import DevstartCore
import Glibc
import TestSupport
import Testing

/// Bad input: one clear error, the right exit code, nothing half done.
@Suite(.waitsForProcesses) struct RefusalTests {
  func expectRefusal(
    _ project: Project, _ status: Int32, _ hint: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    for words in [["start"], ["stop"], ["check"], ["clean"]] {
      let result = try project.spawn(words).wait()
      #expect(result.status == status, "\(words) \(result.output)", sourceLocation: sourceLocation)
      #expect(result.stderr.contains(hint), "\(result.stderr)", sourceLocation: sourceLocation)
      #expect(
        result.stderr.split(separator: "\n").count <= 4, "\(result.stderr)",
        sourceLocation: sourceLocation)
    }
    #expect(project.records.isEmpty, sourceLocation: sourceLocation)
    #expect(project.processes().map(\.summary) == [], sourceLocation: sourceLocation)
  }

  @Test(arguments: [
    ("", "empty"), ("{", "never closed"), ("[]", "devstart.json"), ("null", "devstart.json"),
    ("{\"services\": {}} x", "1:"), ("{\"services\": 3}", "services"),
    ("{\"services\": {\"bot\": {}}}", "command"),
    ("{\"services\": {\"bot\": {\"command\": []}}}", "command"),
    ("{\"services\": {\"bot\": {\"command\": [\"x\"], \"stopp\": {}}}}", "stop"),
    ("{\"services\": {\"all\": {\"command\": [\"x\"]}}}", "all"),
    ("{\"services\": {\"run\": {\"command\": [\"x\"]}}}", "run"),
    ("{\"services\": {\"a/b\": {\"command\": [\"x\"]}}}", "a/b"),
    ("{\"services\": {\"bot\": {\"command\": [\"x\"], \"cwd\": 3}}}", "cwd"),
    (String(repeating: "[", count: 100_000), "devstart.json"),
    ("{\"services\": {\"bot\": {\"command\": [\"a\\u0000b\"]}}}", "command"),
  ])
  func `a manifest that is wrong`(text: String, hint: String) throws {
    try withProject { project in
      try Files.write(text, to: project.manifestPath)
      try expectRefusal(project, 2, hint)
      #expect(!Files.exists(project.path("logs")))
    }
  }

  @Test func `every problem is reported in one run, each at its place`() throws {
    try withProject { project in
      try Files.write(
        """
        {
          "services": {
            "bot": {
              "command": ["x"],
              "stopp": {},
              "ready": {"delay": "soon"}
            },
            "api": {"comand": "y"}
          }
        }
        """, to: project.manifestPath)
      let check = try project.run("check", exits: 2)
      #expect(check.stderr.contains("devstart.json:5:7: services.bot.stopp: unknown key"))
      #expect(check.stderr.contains("did you mean \"stop\"?"))
      #expect(check.stderr.contains("devstart.json:6:") && check.stderr.contains("soon"))
      #expect(check.stderr.contains("devstart.json:8:") && check.stderr.contains("\"command\""))
    }
  }

  @Test func `a manifest that is not there, a folder, no UTF-8, or 50 MB`() throws {
    try withProject { project in
      let missing = try project.run("start", exits: 2)
      #expect(missing.stderr.contains("devstart.json"))
      let named = try project.run("start", "--manifest", "nowhere.json", exits: 2)
      #expect(named.stderr.contains("nowhere.json"))
      try Files.write([0x7B, 0x22, 0xFF, 0xFE, 0x22, 0x7D], to: project.manifestPath)
      try expectRefusal(project, 2, "UTF-8")
      try Files.write(
        [UInt8](repeating: UInt8(ascii: " "), count: 50_000_000), to: project.manifestPath)
      try expectRefusal(project, 2, "devstart.json")
      Files.remove(project.manifestPath)
      try Files.makeFolder(project.manifestPath)
      try expectRefusal(project, 2, "folder")
    }
  }

  @Test func `a manifest that is a pipe or a device hangs nobody`() throws {
    try withProject { project in
      mkfifo(project.manifestPath, 0o644)
      try expectRefusal(project, 2, "devstart.json")
      Files.remove(project.manifestPath)
      try Files.link(project.manifestPath, to: "/dev/zero")
      try expectRefusal(project, 2, "devstart.json")
    }
  }

  @Test(.enabled(if: Build.isRoot))
  func `a manifest that may not be read`() throws {
    try withProject(["bot": .service("sleep")], user: Build.ordinaryUser) { project in
      chmod(project.manifestPath, 0)
      try expectRefusal(project, 2, "devstart.json")
    }
  }

  @Test(.enabled(if: Build.isRoot))
  func `a logs folder that may not be written`() throws {
    try withProject(["bot": .service("sleep")], user: Build.ordinaryUser) { project in
      try Files.makeFolder(project.path("logs"), mode: 0o555)
      let start = try project.run("start", exits: 1)
      #expect(start.stderr.contains("logs"))
      #expect(project.records.isEmpty)
      try project.run("status", exits: 3)
    }
  }

  @Test func `a logs folder that is a file`() throws {
    try withProject(["bot": .service("sleep")]) { project in
      try Files.write("", to: project.path("logs"))
      let start = try project.run("start", exits: 1)
      #expect(start.stderr.contains("logs"))
      #expect(project.records.isEmpty)
    }
  }

  @Test(arguments: [mode_t(0o777), 0o755, 0o770])
  func `a private folder that others may enter is refused`(mode: mode_t) throws {
    try withProject(["bot": .service("sleep")]) { project in
      try Files.makeFolder(project.path("logs/.devstart"), mode: mode)
      let start = try project.run("start", exits: 1)
      #expect(start.stderr.contains(".devstart") && start.stderr.contains("700"))
      #expect(project.records.isEmpty)
    }
  }

  @Test func `a private folder that is a link is refused`() throws {
    try withProject(["bot": .service("sleep")]) { project in
      try Files.makeFolder(project.path("logs"))
      try Files.makeFolder("\(project.base)/elsewhere", mode: 0o700)
      try Files.link(project.path("logs/.devstart"), to: "\(project.base)/elsewhere")
      let start = try project.run("start", exits: 1)
      #expect(start.stderr.contains(".devstart"))
      #expect(Files.names(in: "\(project.base)/elsewhere").isEmpty)
    }
  }

  @Test(.enabled(if: Build.isRoot))
  func `a private folder or lock of another user is refused`() throws {
    try withProject(["bot": .service("sleep")]) { project in
      let folder = project.path("logs/.devstart")
      try Files.makeFolder(folder, mode: 0o700)
      chown(folder, Build.ordinaryUser, Build.ordinaryUser)
      let start = try project.run("start", exits: 1)
      #expect(start.stderr.contains(".devstart") && start.stderr.contains("nobody"))
      #expect(project.records.isEmpty)
    }
  }

  @Test func `a PID file that cannot be written is a warning`() throws {
    try withProject(["bot": .service("sleep")]) { project in
      try Files.makeFolder(project.pidFile("bot"))
      let start = try project.run("start", exits: 0)
      #expect(start.stderr.contains("dev_bot.pid"))
      try project.waitForRecord("settled")
      project.expectExactlyOne("bot")
      #expect(try project.run("status", exits: 0).output.contains("dev_bot.pid"))
      try project.run("stop", exits: 0)
    }
  }

  @Test(.enabled(if: Build.isRoot))
  func `a full disk starts nothing by halves`() throws {
    try withProject(["bot": .service("sleep")]) { project in
      let logs = project.path("logs")
      try Files.makeFolder(logs)
      let mount = try project.start(
        "/bin/mount", ["mount", "-t", "tmpfs", "-o", "size=64k,mode=755", "none", logs])
      guard try mount.wait().status == 0 else { return }
      defer { _ = try? project.start("/bin/umount", ["umount", "-l", logs]).wait() }
      try Files.makeFolder("\(logs)/.devstart", mode: 0o700)
      let fill = try project.start("/bin/sh", ["sh", "-c", "cat /dev/zero > logs/full"])
      _ = try fill.wait()
      let start = try project.run("start")
      if start.status == 0 {
        project.expectExactlyOne("bot")
      } else {
        #expect(start.status == 1 && start.stderr.contains("space"), "\(start.output)")
        #expect(project.survivors.isEmpty)
      }
      Files.remove("\(logs)/full")
      try project.run("start", "--if-running", "keep", exits: 0)
      project.expectExactlyOne("bot")
      try project.run("stop", exits: 0)
    }
  }
}
