import DevstartCore
import Glibc
import TestSupport
import Testing

/// How long a stop takes, and what it leaves on purpose. That it leaves nothing else, in whatever
/// way that got away, is `EscapeMatrixTests`.
@Suite struct NothingLeftTests {
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
}
