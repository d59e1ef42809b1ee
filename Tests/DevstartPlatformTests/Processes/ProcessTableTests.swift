import DevstartCore
import Glibc
import TestSupport
import Testing

@testable import DevstartPlatform

@Suite struct ProcessTableTests {
  private let marker = Marker(project: "00ff", service: "bot", launch: "l1")

  private func facts(of pid: Int32, in all: [ProcessFacts]) throws -> ProcessFacts {
    try #require(all.first { $0.identity.pid == pid })
  }

  @Test func `a scan tells all about a child`() throws {
    let child = try ChildProcess(
      ["/bin/sh", "-c", "kill -STOP $$", ""],
      environment: ["A=1", "XDEVSTART_ID=x/y/z", "DEVSTART_ID=00ff/bot/l1"])
    let found = try facts(of: child.pid, in: ProcessTable.all())
    #expect(found.identity == (try child.identity()))
    #expect(found.parent == getpid())
    #expect(found.user == geteuid())
    #expect(found.arguments == ["/bin/sh", "-c", "kill -STOP $$"])
    #expect(found.executable?.hasPrefix("/") == true)
    #expect(found.workingDirectory == ProcessTable.facts(of: getpid())?.workingDirectory)
    #expect(found.marker == marker)
    #expect(found.residentBytes > 0)
    #expect(ProcessTable.facts(of: child.pid)?.marker == marker)
  }

  @Test func `a marker is found behind a huge environment`() throws {
    let filler = (0..<3).map { "FILLER\($0)=" + String(repeating: "x", count: 100_000) }
    let child = try ChildProcess(
      ["/bin/sleep", "60"], environment: filler + ["DEVSTART_ID=\(marker.text)"])
    #expect(ProcessTable.facts(of: child.pid)?.marker == marker)
  }

  @Test func `details that nobody asked for are not read`() throws {
    let child = try ChildProcess(["/bin/sleep", "60"], environment: ["DEVSTART_ID=a/b/c"])
    let bare = try facts(of: child.pid, in: ProcessTable.all([]))
    #expect(bare.arguments.isEmpty && bare.marker == nil && bare.executable == nil)
    let stranger = geteuid() &+ 1
    let others = try facts(of: child.pid, in: ProcessTable.all(ofUser: stranger))
    #expect(others.arguments == ["/bin/sleep", "60"] && others.marker == nil)
    let wanted = try ProcessTable.all(ofUser: stranger) { $0.identity.pid == child.pid }
    #expect(try facts(of: child.pid, in: wanted).marker != nil)
  }

  @Test func `a scan while processes come and go misses none that stays`() throws {
    let steady = try (0..<5).map { _ in try ChildProcess(["/bin/sleep", "60"]) }
    for _ in 0..<20 {
      let brief = try (0..<5).map { _ in try ChildProcess(["/bin/sleep", "0"]) }
      let pids = Set(try ProcessTable.all().map(\.identity.pid))
      #expect(steady.allSatisfy { pids.contains($0.pid) })
      brief.forEach { _ = $0.reap() }
    }
  }

  @Test func `markers are entries, not parts of others`() {
    func marker(_ text: String) -> Marker? {
      Array(text.utf8).withUnsafeBufferPointer { MarkerSearch.marker(inEnvironment: $0) }
    }
    #expect(marker("DEVSTART_ID=a/b/c")?.launch == "c")
    #expect(marker("A=\0DEVSTART_ID=a/b/c\0DEVSTART_ID=d/e/f\0")?.project == "a")
    #expect(marker("A=DEVSTART_ID=a/b/c\0DEVSTART_I=a/b/c\0DEVSTART_ID=a/b\0") == nil)
    #expect(marker("") == nil && marker("DEVSTART_ID") == nil && marker("DEVSTART_ID=") == nil)
  }

  @Test func `children are found, by file and by scan`() throws {
    let child = try ChildProcess(["/bin/sh", "-c", "sleep 60 & sleep 60 & wait"])
    var reader = try ProcReader()
    var (byFile, byScan): ([Int32], [Int32]) = ([], [])
    // Nothing tells what a shell has forked.
    try eventually("both are there") {
      byFile = ProcessTable.children(of: child.pid)
      byScan = try ProcessTable.childrenByScan(of: child.pid, &reader)
      return byFile.count == 2 && byScan == byFile
    }
    #expect(byFile.count == 2 && Set(byScan) == Set(byFile))
    #expect(Set(ProcessTable.descendants(of: child.pid)) == Set(byFile))
    // The test runner has several threads.
    #expect(ProcessTable.children(of: getpid()).contains(child.pid))
    let ancestors = ProcessTable.ancestors(of: byFile[0])
    #expect(ancestors.prefix(2).map(\.pid) == [child.pid, getpid()])
    #expect(ancestors.last?.pid == 1)
    byFile.forEach { kill($0, SIGKILL) }
  }

  @Test func `who lives has its subreaper above it, however fast its parents die`() throws {
    let folder = "/tmp/devstart-race-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    try Files.write("", to: "\(folder)/records")
    // With that the race ends.
    defer { Files.remove(folder) }
    // Who is dead is reaped at once, and its number is nobody's.
    let main = try ChildProcess(
      [Build.fixture, "subreaper", "{", "ignore", "CHLD", "race", "}"],
      environment: ["FIXTURE_PIDS=\(folder)/records"])
    try waitForFile("\(folder)/records") { $0.contains("race ") }
    let subreaper = try #require(ProcessTable.children(of: main.pid).first)
    defer { ProcessTable.descendants(of: main.pid).forEach { kill($0, SIGKILL) } }
    // Those whose parent, which is about to die, is another still.
    var asked = 0
    while asked < 50 {
      for process in ProcessTable.descendants(of: subreaper).compactMap(ProcessTable.stat(of:))
      where process.parent != subreaper {
        let ancestors = ProcessTable.ancestors(of: process.identity.pid).map(\.pid)
        guard ProcessTable.stat(of: process.identity.pid)?.identity == process.identity else {
          continue
        }
        try #require(ancestors.contains(subreaper), "\(process) \(ancestors)")
        asked += 1
      }
    }
  }

  @Test func `what does not exist is nothing`() {
    for pid: Int32 in [-1, 0, .max, 4_194_305] {
      #expect(ProcessTable.stat(of: pid) == nil)
      #expect(ProcessTable.facts(of: pid) == nil)
      #expect(ProcessTable.children(of: pid).isEmpty)
    }
  }

  @Test func `this process and its world have names`() throws {
    #expect(try ProcessTable.current.pid == getpid())
    let world = try ProcessWorld.current()
    #expect(world.bootID.utf8.count == 36 && world.pidNamespace > 0)
    #expect(try ProcessWorld.current() == world)
  }

  @Test func `users have names, or stay numbers`() {
    let names = UserNames(parsing: Array("root:x:0:0\n:x:1:\nme:x:7\ntwin:x:7:\nbad\nx:y:z\n".utf8))
    #expect(names[0] == "root" && names[7] == "me" && names[1] == "1" && names[99] == "99")
    #expect(UserNames.load(path: "/nonexistent")[0] == "0")
    #expect(UserNames.load()[0] == "root")
  }
}
