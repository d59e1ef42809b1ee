import DevstartCore
import Glibc
import TestSupport
import Testing

/// Promise 3: when `stop` exits 0, nothing that the service ever started is alive.
/// `EscapeControlTests` shows that the kinds escape what is simpler.
@Suite(.waitsForProcesses) struct NothingLeftTests {
  func withEscape(_ escape: Escape, _ body: (Project) throws -> Void) throws {
    let service = JSON.fixture(escape.words, with: ["stop": ["timeout": "200ms"]])
    try withProject(["bot": service, "other": .service("child")]) { project in
      try project.run("start", exits: 0)
      try project.waitForRecord("settled", count: 2)
      #expect(project.survivors.count > 2)
      let other = try project.main(of: "other")
      try body(project)
      #expect(other.isAlive, "what is not named is not touched")
      try project.run("stop", exits: 0)
    }
  }

  func expectOnlyOther(_ project: Project) {
    let left = project.survivors.filter { record in
      guard let other = project.living("other").first?.pid else { return true }
      return record.pid != other && !LinuxProcess(pid: record.pid).descends(from: other)
    }
    #expect(left.isEmpty, "\(left.map { "\($0.kind) \(LinuxProcess(pid: $0.pid).summary)" })")
  }

  @Test(arguments: Escape.all)
  func `stop leaves nothing`(escape: Escape) throws {
    try withEscape(escape) { project in
      try project.run("stop", "bot", exits: 0)
      expectOnlyOther(project)
    }
  }

  @Test(arguments: Escape.all)
  func `stop --force leaves nothing`(escape: Escape) throws {
    try withEscape(escape) { project in
      try project.run("stop", "bot", "--force", exits: 0)
      expectOnlyOther(project)
    }
  }

  @Test(arguments: Escape.all)
  func `restart leaves nothing of the old launch`(escape: Escape) throws {
    try withEscape(escape) { project in
      let old = Set(project.survivors.map(\.pid))
      try project.run("restart", "bot", exits: 0)
      let other = try #require(project.living("other").first?.pid)
      let keeper = try project.keeper(of: project.main(of: "bot"))
      for record in project.survivors {
        let process = LinuxProcess(pid: record.pid)
        let isNew = process.descends(from: keeper.pid)
        let isOther = record.pid == other || process.descends(from: other)
        let isGone = !record.isAlive
        #expect(isNew || isOther || isGone, "\(record.kind) \(process.summary)")
        #expect(!isNew || !old.contains(record.pid), "an old number in the new tree")
      }
      try project.run("stop", "bot", exits: 0)
      expectOnlyOther(project)
    }
  }

  @Test(arguments: Escape.all)
  func `stop leaves nothing though the supervisor was KILLed`(escape: Escape) throws {
    try withEscape(escape) { project in
      project.supervisor?.kill()
      try project.run("stop", "bot", exits: 0)
      expectOnlyOther(project)
    }
  }

  @Test(arguments: Escape.all.filter { !$0.words.contains("stop-self") })
  func `when main ends by itself the rest of its tree is ended`(escape: Escape) throws {
    try withEscape(escape) { project in
      let main = try project.main(of: "bot")
      main.kill()
      try project.run("wait", "bot", "--for", "stopped", exits: 0)
      eventually("the rest is ended") {
        project.survivors.allSatisfy {
          let other = project.living("other").first?.pid ?? 0
          return $0.pid == other || LinuxProcess(pid: $0.pid).descends(from: other)
        }
      }
      expectOnlyOther(project)
    }
  }

  @Test func `stop takes as long as what ends last, not as long as it may`() throws {
    let services: JSON = ["bot": .service("burst", "5", "stopped", "double-fork")]
    try withProject(services) { project in
      try project.run("start", exits: 0)
      try project.waitForRecord("settled")
      let stop = try project.run("stop", exits: 0)
      #expect(stop.duration < .seconds(5), "the timeout is 10 s")
    }
  }

  @Test func `a descendant in a polite daemon has the whole timeout`() throws {
    let services: JSON = [
      "bot": .service("double-fork", "{", "trap", "TERM", "}", with: ["stop": ["timeout": "20s"]])
    ]
    try withProject(services) { project in
      try project.run("start", exits: 0)
      try project.waitForRecord("settled")
      let stop = try project.run("stop", exits: 0)
      #expect(project.survivors.isEmpty)
      // Another session gets no TERM of main's group: the tree is waited for, then KILLed.
      #expect(stop.duration < .seconds(25))
    }
  }

  @Test func `what spare names is left alone, and the report says so`() throws {
    try withProject { project in
      let browser = try project.program(named: "my-browser")
      try project.write([
        "bot": .command(
          ["/bin/sh", "-c", "setsid my-browser & exec \(Build.fixture) record bot child"],
          with: ["spare": [["exe": "my-browser", "args": []]], "stop": ["timeout": "300ms"]])
      ])
      try project.run("start", exits: 0)
      try project.waitForRecord("settled", count: 2)
      let spared = try #require(
        project.records("main").map { LinuxProcess(pid: $0.pid) }
          .first { $0.executable == browser })
      let stop = try project.run("stop", exits: 0)
      let handle = try #require(ProcessHandle(pid: spared.pid))
      #expect(handle.isAlive)
      #expect(stop.output.contains(String(spared.pid)) || stop.output.contains("my-browser"))
      #expect(project.living("bot").isEmpty && project.living("child").isEmpty)
      let keepers = project.processes().filter(\.isKeeper)
      for keeper in keepers { #expect(ProcessHandle(pid: keeper.pid)?.hasEnded() ?? true) }
      handle.kill()
    }
  }

  @Test func `a zombie that its tracer holds is dead`() throws {
    try withProject(["bot": .service("child", with: ["stop": ["timeout": "300ms"]])]) { project in
      try project.run("start", exits: 0)
      try project.waitForRecord("settled")
      let child = try #require(project.records("child").first?.pid)
      let tracer = try project.startFixture("hold-traced", String(child))
      try project.run("stop", exits: 0)
      #expect(project.survivors.filter { $0.pid != tracer.pid }.isEmpty)
      tracer.handle.kill()
    }
  }
}
