import DevstartCore
import Glibc
import TestSupport
import Testing

/// Where the log folder's file system has no sockets: one in a folder of the user's alone, which
/// anybody may have prepared.
@Suite(.enabled(if: Build.isRoot, "needs root, to be users that nobody else is"))
struct SocketPlaceTests {
  /// A project of a user that only this test has, in whose log folder no socket can be made.
  private func withoutSockets(
    _ body: (Project, _ shared: String, _ run: ([String]) throws -> CommandResult) throws -> Void
  ) throws {
    let user = UInt32.random(in: 1_000_000...2_000_000_000)
    let shared = "/tmp/devstart-\(user)"
    try withProject(["bot": .service("lock", "bot.lock", "setsid")]) { project in
      project.hand(to: user)
      defer { Files.remove(shared) }
      func run(_ words: [String]) throws -> CommandResult {
        try project.spawn(words) { plan in
          let places = ["\(project.base)/run", shared]
          plan.socketFolders = places.filter {
            Files.status($0).map { $0.st_mode & S_IFMT == S_IFDIR } ?? false
          }
        }.wait()
      }
      let probe = try project.start("/bin/true", ["true"]) {
        $0.socketFolders = ["\(project.base)/run"]
      }
      guard try probe.wait().status == 0 else {
        print("not tried: sockets cannot be denied here (Landlock)")
        return
      }
      try body(project, shared, run)
    }
  }

  private func expectLife(
    _ project: Project, socketIn folder: String, run: ([String]) throws -> CommandResult
  ) throws {
    let before = project.records("bot").count
    #expect(try run(["start"]).status == 0, "\(project.supervisorLog)")
    try project.waitForRecord("settled", count: before + 1)
    project.expectExactlyOne("bot")
    #expect(!Files.exists(project.path("logs/.devstart/control.sock")), "nothing was denied")
    let sockets = Files.names(in: folder).filter { $0.hasSuffix(".sock") }
    #expect(sockets.count == 1 && Files.mode(folder) == 0o700)
    for socket in sockets { #expect(Files.mode("\(folder)/\(socket)") == 0o600) }
    #expect(try run(["status"]).stdout.contains("unsupervised") == false)
    try #require(project.supervisor).kill()
    #expect(try run(["start", "--if-running", "keep"]).status == 0)
    #expect(project.records("bot").count == before + 1)
    #expect(try run(["stop"]).status == 0)
    #expect(project.survivors.isEmpty)
    eventually("its name is withdrawn") { Files.names(in: folder).isEmpty }
  }

  @Test func `a runtime folder is used, and made`() throws {
    try withoutSockets { project, _, run in
      try expectLife(project, socketIn: "\(project.base)/run", run: run)
      project.environment["XDG_RUNTIME_DIR"] = "\(project.base)/run/made"
      try expectLife(project, socketIn: "\(project.base)/run/made", run: run)
    }
  }

  @Test func `without one, a folder of the user's in /tmp`() throws {
    try withoutSockets { project, shared, run in
      project.environment["XDG_RUNTIME_DIR"] = nil
      try Files.makeFolder(shared, mode: 0o700)
      chown(shared, project.user ?? 0, 0)
      try expectLife(project, socketIn: shared, run: run)
    }
  }

  enum Squatter: String, CaseIterable {
    case link, file, pipe, othersFolder, openFolder, readableFolder

    /// What the error has to say of it.
    var hint: String {
      switch self {
      case .link, .file, .pipe: "symbolic link"
      case .othersFolder: "root"
      case .openFolder: "777"
      case .readableFolder: "755"
      }
    }

    func take(_ path: String, user: UInt32, in base: String) throws {
      let target = "\(base)/squat"
      try Files.makeFolder(target, mode: 0o700)
      chown(target, user, user)
      switch self {
      case .link: try Files.link(path, to: target)
      case .file: try Files.write("", to: path)
      case .pipe: mkfifo(path, 0o600)
      case .othersFolder: try Files.makeFolder(path, mode: 0o700)
      case .openFolder: try Files.makeFolder(path, mode: 0o777)
      case .readableFolder: try Files.makeFolder(path, mode: 0o755)
      }
      if self != .othersFolder { lchown(path, user, user) }
    }
  }

  @Test(arguments: Squatter.allCases)
  func `a squatted folder in /tmp is refused, with a word`(squatter: Squatter) throws {
    try withoutSockets { project, shared, run in
      project.environment["XDG_RUNTIME_DIR"] = nil
      try squatter.take(shared, user: project.user ?? 0, in: project.base)
      let start = try run(["start"])
      #expect(start.status == 1)
      for word in [shared, squatter.hint, "XDG_RUNTIME_DIR"] {
        #expect(start.stderr.contains(word), "\(start.stderr)")
      }
      #expect(project.records.isEmpty)
      #expect(Files.names(in: "\(project.base)/squat").isEmpty, "a link was followed")
      #expect(Files.names(in: shared).isEmpty)
    }
  }

  @Test func `a socket of another user that the lock file names is not talked to`() throws {
    try withProject(["bot": .service("sleep")], user: Build.ordinaryUser) { other in
      try other.run("start", exits: 0)
      let bot = try other.main(of: "bot")
      try withProject(["bot": .service("sleep")]) { project in
        try Files.makeFolder(project.path("logs/.devstart"), mode: 0o700)
        try Files.write(
          "1 1\nsocket \(other.path("logs/.devstart/control.sock"))\n",
          to: project.path("logs/.devstart/supervisor.lock"), mode: 0o600)
        let stop = try project.run("stop", "--force", exits: 1)
        #expect(stop.stderr.contains("nobody"), "\(stop.stderr)")
        #expect(bot.isAlive && project.records.isEmpty)
      }
      try other.run("stop", exits: 0)
    }
  }
}
