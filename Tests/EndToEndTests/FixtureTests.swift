import Glibc
import TestSupport
import Testing

/// The tools of the other tests, tried by themselves.
@Suite(.waitsForProcesses) struct FixtureTests {
  @Test func `words are performed in order and recorded`() throws {
    try withProject { project in
      let main = try project.startFixture(
        "child", "{", "ignore", "TERM", "}", "setsid", "record", "done")
      #expect(project.records.map(\.kind) == ["main", "child", "setsid", "done", "settled"])
      #expect(project.survivors.count == 3)
      #expect(LinuxProcess(pid: main.pid).children.count == 2)
      project.killRecorded()
      #expect(project.survivors.isEmpty)
    }
  }

  @Test func `a copy under another name takes its words after --do`() throws {
    try withProject { project in
      let python = try project.program(named: "python3")
      let lives = try project.startByHand(python, ["python3", "-m", "apps.bot"])
      #expect(lives.process.arguments == ["python3", "-m", "apps.bot"])
      let ends = try project.start(python, ["python3", "-m", "x", "--do", "exit", "3"])
      #expect(try ends.wait().status == 3)
    }
  }

  @Test func `trace-kill counts system calls and kills at each`() throws {
    try withProject { project in
      func trace(_ number: Int, _ program: String...) throws -> (CommandResult, [String]) {
        let report = "\(project.base)/count"
        Files.remove(report)
        let words = ["trace-kill", String(number), "--count", report, "--"] + program
        let result = try project.start(Build.fixture, ["devstart-fixture"] + words).wait()
        return (result, Files.lines(report))
      }
      let (whole, lines) = try trace(0, Build.fixture, "print", "hello", "exit", "4")
      #expect(whole.status == 4)
      #expect(whole.stdout == "hello\n")
      let count = try #require(lines.last?.split(separator: " ").last.flatMap { Int($0) })
      #expect(count > 5)
      var greeted = false
      for number in 1...count {
        let (killed, lines) = try trace(number, Build.fixture, "print", "hello", "exit", "4")
        #expect(killed.status == 137)
        #expect(lines.last == "ended \(number)")
        #expect(killed.stdout == "hello\n" || !greeted)
        greeted = killed.stdout == "hello\n"
      }
      #expect(greeted)
    }
  }

  @Test func `a program killed by trace-kill leaves its children`() throws {
    try withProject { project in
      let report = "\(project.base)/count"
      let command = try project.start(
        Build.fixture,
        [
          "devstart-fixture", "trace-kill", "1", "--armed", "--count", report, "--", Build.fixture,
          "child", "record-signals", "USR1",
        ])
      try project.waitForRecord("settled")
      command.signal(SIGUSR1)
      try waitForFile(report) { $0.contains("armed") }
      let main = try #require(project.records("main").last)
      ProcessHandle(pid: main.pid)?.signal(SIGUSR1)
      #expect(try command.wait().status == 137)
      #expect(project.records("child").filter(\.isAlive).count == 1)
      project.killRecorded()
    }
  }

  @Test func `everything of a project is found, whatever it hides`() throws {
    try withProject { project in
      _ = try project.startFixture("daemon-bare", "exit", "0")
      #expect(project.processes().count == 1)
      project.killRecorded()
      #expect(project.processes().isEmpty)
    }
  }

  @Test(.enabled(if: Build.isRoot))
  func `a process can be had under a number that is free`() throws {
    try withProject { project in
      let gone = try project.start(Build.fixture, ["devstart-fixture", "exit", "0"])
      _ = try gone.wait()
      _ = try project.startFixture("as-pid", String(gone.pid))
      #expect(project.living("as-pid").map(\.pid) == [gone.pid])
      #expect(LinuxProcess(pid: gone.pid).group == gone.pid)
      project.killRecorded()
    }
  }
}
