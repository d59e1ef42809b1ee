import DevstartCore
import DevstartPlatform
import Glibc
import TestSupport
import Testing

/// Everything here happens in this process, so its events are there as soon as a call returns.
@Suite struct FileWatcherTests {
  private final class Tree {
    let base: String
    let watcher: FileWatcher

    init(_ base: String, _ paths: [String], ignore: [String] = []) throws {
      self.base = base
      watcher = try FileWatcher(
        try WatchPatterns(paths: paths, ignore: ignore, base: base, logs: base + "/logs"))
    }

    func changed() -> [String] { watcher.changes().paths }

    func write(_ path: String, _ text: String = "x") throws {
      try Files.exclusively {
        let number = try systemCall("open", path) {
          open(base + "/" + path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        }
        defer { close(number) }
        let bytes = Array(text.utf8)
        try systemCall("write", path) { Glibc.write(number, bytes, bytes.count) }
      }
    }

    func make(_ folder: String) throws { try Files.makeFolder(base + "/" + folder) }

    func move(_ path: String, _ target: String) throws {
      let to = target.hasPrefix("/") ? target : base + "/" + target
      try systemCall("rename", path) { rename(base + "/" + path, to) }
    }

    var isReadable: Bool { Poll.isReadable(watcher.descriptor, within: .zero) }
  }

  private func withTree(
    _ paths: [String], ignore: [String] = [], folders: [String] = ["src/a"],
    _ body: (Tree) throws -> Void
  ) throws {
    try withTemporaryFolder { base in
      for folder in folders { try Files.makeFolder(base + "/" + folder) }
      try body(try Tree(base, paths, ignore: ignore))
    }
  }

  @Test func `one that has ended tells nothing, and then only of what it is given next`() throws {
    try withTree(["src/**/*.py"], folders: ["src/a", "lib"]) { tree in
      try tree.write("src/x.py")
      tree.watcher.end()
      #expect(tree.watcher.folderCount == 0)
      try tree.write("src/a/y.py")
      tree.watcher.begin(
        try WatchPatterns(paths: ["lib"], ignore: [], base: tree.base, logs: tree.base + "/logs"))
      try tree.write("src/x.py")
      #expect(tree.watcher.changes().isEmpty)
      try tree.write("lib/z.py")
      #expect(tree.changed() == ["lib/z.py"])
    }
  }

  @Test func `files that are written, moved, linked and deleted are told once each`() throws {
    try withTree(["src/**/*.py"]) { tree in
      #expect(tree.changed().isEmpty)
      try tree.write("src/x.py")
      try tree.write("src/a/y.py")
      try tree.write("src/x.py")
      try tree.write("src/x.txt")
      try tree.write("x.py")
      #expect(tree.changed() == ["src/a/y.py", "src/x.py"])
      #expect(tree.changed().isEmpty)
      try tree.move("src/x.py", "src/z.py")
      #expect(tree.changed() == ["src/x.py", "src/z.py"])
      try tree.move("src/z.py", "z.py")
      try tree.move("z.py", "src/a/z.py")
      #expect(tree.changed() == ["src/a/z.py", "src/z.py"])
      unlink(tree.base + "/src/a/z.py")
      #expect(tree.changed() == ["src/a/z.py"])
      symlink("nowhere", tree.base + "/src/link.py")
      link(tree.base + "/src/a/y.py", tree.base + "/src/hard.py")
      #expect(tree.changed() == ["src/hard.py", "src/link.py"])
    }
  }

  @Test func `reading, opening and attributes are no changes`() throws {
    try withTree(["src/**/*.py"]) { tree in
      try tree.write("src/x.py")
      #expect(tree.changed() == ["src/x.py"])
      #expect(Files.text(tree.base + "/src/x.py") == "x")
      chmod(tree.base + "/src/x.py", 0o600)
      chmod(tree.base + "/src", 0o700)
      #expect(Files.names(in: tree.base + "/src/a").isEmpty)
      #expect(!tree.isReadable)
      #expect(tree.changed().isEmpty)
    }
  }

  @Test func `editors that save atomically change one file once`() throws {
    try withTree(["src/**"]) { tree in
      try tree.write("src/x.py")
      #expect(tree.changed() == ["src/x.py"])
      // As Vim does with 'backupcopy' off.
      try tree.write("src/.x.py.swp")
      try tree.write("src/4913")
      unlink(tree.base + "/src/4913")
      try tree.move("src/x.py", "src/x.py~")
      try tree.write("src/x.py", "new")
      unlink(tree.base + "/src/x.py~")
      unlink(tree.base + "/src/.x.py.swp")
      #expect(tree.changed() == ["src/x.py"])
      // As JetBrains's do.
      try tree.write("src/x.py___jb_tmp___")
      try tree.move("src/x.py", "src/x.py___jb_old___")
      try tree.move("src/x.py___jb_tmp___", "src/x.py")
      unlink(tree.base + "/src/x.py___jb_old___")
      #expect(tree.changed() == ["src/x.py"])
    }
  }

  @Test func `a file that is open for long is told when it is closed`() throws {
    try withTree(["src/*.py"]) { tree in
      Files.exclusively {
        let file = open(tree.base + "/src/x.py", O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
        #expect(tree.changed().isEmpty)
        #expect(write(file, "x", 1) == 1)
        #expect(tree.changed().isEmpty)
        close(file)
      }
      #expect(tree.changed() == ["src/x.py"])
    }
  }

  @Test func `new folders are watched, with what was in them before`() throws {
    try withTree(["src/**/*.py"]) { tree in
      try tree.make("src/b/c")
      try tree.write("src/b/c/early.py")
      try tree.write("src/b/early.txt")
      #expect(tree.changed() == ["src/b/c/early.py"])
      try tree.write("src/b/c/late.py")
      #expect(tree.changed() == ["src/b/c/late.py"])
      try tree.make("other/d/e")
      try tree.write("other/d/e/x.py")
      try tree.move("other/d", "src/d")
      #expect(tree.changed() == ["src/d/e/x.py"])
      try tree.write("src/d/e/y.py")
      #expect(tree.changed() == ["src/d/e/y.py"])
    }
  }

  @Test func `a folder that is moved is known by its new name alone`() throws {
    try withTree(["src/**/*.py"], folders: ["src/a/b", "elsewhere"]) { tree in
      try tree.write("src/a/b/x.py")
      #expect(tree.changed() == ["src/a/b/x.py"])
      try tree.move("src/a", "src/z")
      #expect(tree.changed() == ["src/a", "src/z/b/x.py"])
      try tree.write("src/z/b/x.py")
      #expect(tree.changed() == ["src/z/b/x.py"])
      let count = tree.watcher.folderCount
      try tree.move("src/z", "elsewhere/z")
      #expect(tree.changed() == ["src/z"])
      try tree.write("elsewhere/z/b/x.py")
      #expect(tree.changed().isEmpty)
      #expect(tree.watcher.folderCount == count - 2)
      // Two moves and a folder in the old place, all before anybody looks.
      try tree.move("elsewhere/z", "src/one")
      try tree.move("src/one", "src/two")
      try tree.make("src/one/b")
      #expect(tree.changed().contains("src/two/b/x.py"))
      try tree.write("src/one/b/1.py")
      try tree.write("src/two/b/2.py")
      #expect(tree.changed() == ["src/one/b/1.py", "src/two/b/2.py"])
    }
  }

  @Test func `a root that is deleted and made again is watched again`() throws {
    try withTree(["src/**/*.py", "../shared/deep/*.py"], folders: ["app/src"]) { outer in
      let tree = try Tree(outer.base + "/app", ["src/**/*.py", "../shared/deep/*.py"])
      let shared = outer.base + "/shared"
      try outer.write("app/src/x.py")
      #expect(tree.changed() == ["src/x.py"])
      try Files.makeFolder(shared + "/deep")
      try outer.write("shared/deep/x.py")
      #expect(tree.changed() == [shared + "/deep/x.py"])
      // What is above a root is of no interest once the root is there.
      #expect(tree.changed().isEmpty)
      try outer.make("noise")
      #expect(!tree.isReadable)
      for _ in 0..<3 {
        Files.remove(shared)
        Files.remove(outer.base + "/app")
        #expect(tree.changed().contains("src/x.py"))
        try outer.make("app/src")
        try outer.write("app/src/x.py")
        #expect(tree.changed() == ["src/x.py"])
        try Files.makeFolder(shared + "/deep")
        #expect(tree.changed().isEmpty)
        try outer.write("shared/deep/x.py")
        #expect(tree.changed() == [shared + "/deep/x.py"])
      }
      try outer.move("app", "gone")
      #expect(tree.changed() == [outer.base + "/app"])
      try outer.write("gone/src/x.py")
      #expect(tree.changed().isEmpty)
      try outer.move("gone", "app")
      #expect(tree.changed() == ["src/x.py"])
    }
  }

  @Test func `links are not followed`() throws {
    try withTree(["src/**/*.py"], folders: ["src", "target"]) { tree in
      try tree.write("target/x.py")
      symlink(tree.base + "/target", tree.base + "/src/t")
      symlink("..", tree.base + "/src/up")
      #expect(tree.changed().isEmpty)
      try tree.write("target/x.py")
      #expect(!tree.isReadable)
      #expect(try Tree(tree.base, ["src/**/*.py"]).watcher.folderCount == 2)
    }
  }

  @Test func `only folders that may hold something are watched`() throws {
    let folders = ["src/a", "src/node_modules/b", "src/gen/c", "lib/d", ".git/objects", "logs"]
    try withTree(["src/**/*.py"], ignore: ["gen"], folders: folders) { tree in
      #expect(tree.watcher.folderCount == 3)
      for path in ["lib/d/x.py", "src/node_modules/x.py", "src/gen/x.py", "logs/x", ".git/x"] {
        try tree.write(path)
      }
      #expect(!tree.isReadable)
    }
  }

  @Test func `lost events are told as such, and folders that came meanwhile are watched`() throws {
    let path = "/proc/sys/fs/inotify/max_queued_events"
    let limit = try #require(Files.text(path).flatMap { Int($0.filter(\.isNumber)) })
    try withTree(["src/**/*.py"]) { tree in
      try tree.write("src/x.txt")
      for index in 0...limit / 2 {
        let names = ["src/x.txt", "src/y.txt"]
        try tree.move(names[index % 2], names[1 - index % 2])
      }
      try tree.make("src/new")
      let changes = tree.watcher.changes()
      #expect(changes.overflowed)
      _ = tree.changed()
      try tree.write("src/new/x.py")
      let after = tree.watcher.changes()
      #expect(after.paths == ["src/new/x.py"])
      #expect(!after.overflowed)
    }
  }

  @Test(.enabled(if: Build.isRoot, "only root can become a user who may not read"))
  func `a folder that cannot be read is skipped, and told once`() throws {
    try withTree(["src/**/*.py"], folders: ["src/a", "src/secret/deep"]) { tree in
      chmod(tree.base, 0o755)
      chmod(tree.base + "/src/secret", 0)
      chmod(tree.base + "/src/a", 0o777)
      try asOrdinaryUser {
        let other = try Tree(tree.base, ["src/**/*.py"])
        let problems = other.watcher.changes().problems
        #expect(problems.map(\.description).count == 1)
        #expect(
          problems.first?.description == "\(tree.base)/src/secret is not watched: Permission denied"
        )
        #expect(other.watcher.changes().problems.isEmpty)
        try tree.write("src/a/x.py")
        #expect(other.changed() == ["src/a/x.py"])
      }
    }
  }

  /// The name of the variable that lets the next test know where it is.
  static let fewWatches = "DEVSTART_TEST_FEW_WATCHES"

  @Test(.enabled(if: getenv(fewWatches) != nil, "run by the next one"))
  func `in a user namespace with five watches, the sixth folder is told of`() throws {
    let folders = (1...8).map { "src/\($0)" }
    try withTree(["src/**/*.py"], folders: folders) { tree in
      let problems = tree.watcher.changes().problems
      #expect(problems.count == 1)
      #expect(problems.first?.description.contains("fs.inotify.max_user_watches") == true)
      #expect(tree.watcher.folderCount == 5)
      print("five watches were enough to see")
    }
  }

  @Test func `when the user has no watch left, the setting to raise is named`() throws {
    let runner = try #require(LinuxProcess(pid: getpid()).executable)
    let script = """
      echo 5 > /proc/sys/user/max_inotify_watches &&
      \(Self.fewWatches)=1 exec '\(runner)' --testing-library swift-testing --filter five.watches
      """
    var plan = RunningCommand.Plan(
      program: "/usr/bin/unshare", arguments: ["unshare", "-Ur", "/bin/sh", "-c", script])
    plan.environment = ["PATH": "/usr/bin:/bin"]
    let result = try RunningCommand(plan).wait()
    #expect(result.status == 0, "\(result.stdout)\(result.stderr)")
    #expect(result.stdout.contains("five watches were enough to see"))
  }
}

/// Takes root's rights on files away from this thread alone while `body` runs (setfsuid(2), which
/// Swift cannot see).
private func asOrdinaryUser(_ body: () throws -> Void) throws {
  let symbol = try #require(dlsym(nil, "setfsuid"))
  let setfsuid = unsafeBitCast(symbol, to: (@convention(c) (UInt32) -> Int32).self)
  _ = setfsuid(Build.ordinaryUser)
  defer { _ = setfsuid(0) }
  try body()
}
