import DevstartCore
import Glibc
import TestSupport
import Testing

/// Files that lie: whatever a PID file, a launch record, the state or the lock say, no innocent is
/// signalled and no command hangs.
@Suite(.waitsForProcesses) struct LyingFilesTests {
  // MARK: Launch records

  /// What is false in a record that names an innocent with its true start time.
  enum Lie: String, CaseIterable {
    case otherBoot, otherNamespace, otherFolder
    /// Only that the process was ever this launch's.
    case otherProcess
    /// It is a main process, of another project.
    case otherProject

    func told(of line: Substring, about innocent: LinuxProcess) -> String {
      let words = line.split(separator: " ")
      switch (words.first, self) {
      case ("keeper", _), ("main", _):
        return "\(words[0]) \(innocent.pid) \(innocent.startTicks ?? 0)"
      case ("boot", .otherBoot): return "boot 00000000-0000-0000-0000-000000000000 \(words[2])"
      case ("boot", .otherNamespace): return "boot \(words[1]) 1"
      case ("folder", .otherFolder): return "folder \(words[1]) 1"
      case _: return String(line)
      }
    }
  }

  @Test(arguments: Lie.allCases)
  func `a launch record that names an innocent`(lie: Lie) throws {
    try withProject(["bot": .service("sleep")]) { other in
      try other.run("start", exits: 0)
      try withProject(["bot": .service("sleep")]) { project in
        try project.run("start", exits: 0)
        let main = try project.main(of: "bot")
        let keeper = try project.keeper(of: main)
        let path = project.path("logs/.devstart/bot.launch")
        let record = try #require(Files.text(path))
        for process in [try #require(project.supervisor), keeper, main] { process.kill() }
        let byHand = lie == .otherProject ? nil : try project.startFixture("sleep")
        let innocent = try byHand?.handle ?? other.main(of: "bot")
        let lines = record.split(separator: "\n").filter { !$0.allSatisfy { $0 == " " } }
        let text = lines.map { lie.told(of: $0, about: innocent.process) }.joined(separator: "\n")
        #expect(text.contains("main \(innocent.pid) "))
        try Files.write(text + "\n", to: path, mode: 0o600)
        try Files.write("\(innocent.pid)\n", to: project.pidFile("bot"))
        try InnocentTests().sweepEverything(project)
        #expect(innocent.isAlive, "\(lie)")
        byHand?.handle.kill()
      }
      try other.run("stop", exits: 0)
    }
  }

  // MARK: The state and the lock

  @Test func `a state that names an innocent as the holder of a lease, and as being stopped`()
    throws
  {
    try withProject(["bot": .service("sleep")]) { project in
      try project.run("start", exits: 0)
      let innocent = try project.startFixture("sleep")
      try #require(project.supervisor).kill()
      let path = project.path("logs/.devstart/state.json")
      var state = try JSON.parse(try #require(Files.bytes(path)))
      let identity = ProcessIdentity(
        pid: innocent.pid, startTicks: try #require(innocent.handle.startTicks))
      state.set("leases", [["holder": identity.json, "launches": ["any"]]])
      var bot = try #require(state["services"]?["bot"])
      bot.set("stopping", "any")
      state.set("services", ["bot": bot, "never": bot])
      try Files.write(state.bytes, to: path, mode: 0o600)
      try InnocentTests().sweepEverything(project)
      #expect(innocent.isAlive)
      innocent.handle.kill()
    }
  }

  @Test(arguments: ["pipe", "folder", "file", "missing", "link"])
  func `a lock file that names an innocent, and a socket that is none`(place: String) throws {
    try withProject(["bot": .service("sleep")]) { project in
      let innocent = try project.startFixture("sleep")
      let socket = "\(project.base)/run/socket"
      switch place {
      case "pipe": mkfifo(socket, 0o600)
      case "folder": try Files.makeFolder(socket)
      case "file": try Files.write("", to: socket)
      case "link": try Files.link(socket, to: socket)
      case _: break
      }
      try Files.makeFolder(project.path("logs/.devstart"), mode: 0o700)
      try Files.write(
        "\(innocent.pid) \(innocent.handle.startTicks ?? 0)\nsocket \(socket)\n",
        to: project.path("logs/.devstart/supervisor.lock"), mode: 0o600)
      _ = try project.spawn("status").wait()
      // From here on the lock file names the supervisor.
      try project.run("start", exits: 0)
      try InnocentTests().sweepEverything(project)
      #expect(innocent.isAlive)
      innocent.handle.kill()
    }
  }

  // MARK: PID files

  enum Kind: String, CaseIterable {
    case hardLink, pipe, folder, socket, huge, binary, hidden

    /// Puts it in the place of a PID file, where it names the innocent as far as it can.
    func take(_ path: String, naming pid: Int32, victim: String) throws {
      switch self {
      case .hardLink: Glibc.link(victim, path)
      case .pipe: mkfifo(path, 0o644)
      case .folder: try Files.makeFolder(path)
      case .socket: try Files.makeSocket(path)
      case .huge:
        try Files.write("\(pid)\n", to: path)
        truncate(path, 1 << 40)
      case .binary: try Files.write([0, 0xFF, 0xFE] + Array("\(pid)\n".utf8), to: path)
      case .hidden: try Files.write("\(pid)\n", to: path, mode: 0)
      }
    }
  }

  @Test(arguments: Kind.allCases)
  func `something else in a PID file's place that names an innocent`(kind: Kind) throws {
    try withProject(["bot": .service("sleep")]) { project in
      let innocent = try project.startFixture("sleep")
      let victim = "\(project.base)/victim"
      try Files.write("\(innocent.pid)\n", to: victim)
      try Files.makeFolder(project.path("logs"))
      try kind.take(project.pidFile("bot"), naming: innocent.pid, victim: victim)
      try InnocentTests().sweepEverything(project)
      try project.run("start", exits: 0)
      let main = try project.main(of: "bot")
      if kind != .folder { #expect(Files.text(project.pidFile("bot")) == "\(main.pid)\n") }
      try project.run("stop", exits: 0)
      #expect(innocent.isAlive && Files.text(victim) == "\(innocent.pid)\n", "\(kind)")
      innocent.handle.kill()
    }
  }

  /// The service's own program, elsewhere: only the file says that it is this project's, and
  /// that is believed if it was written in the process's own time.
  @Test(arguments: [true, false])
  func `a PID file of an earlier life of its number`(isOld: Bool) throws {
    try withProject { project in
      let words = [Build.fixture, "record", "bot", "sleep"]
      try project.write(["bot": .service("sleep")])
      let elsewhere = "\(project.base)/home"
      let process = try project.startByHand(Build.fixture, words, in: elsewhere)
      try Files.write("\(process.pid)\n", to: project.pidFile("bot"))
      if isOld {
        var times = [timeval(tv_sec: time(nil) - 3600, tv_usec: 0)]
        times.append(times[0])
        utimes(project.pidFile("bot"), times)
      }
      try project.run("start", exits: 0)
      #expect(process.isAlive == isOld)
      try project.run("stop", exits: 0)
      process.handle.kill()
    }
  }
}
