import DevstartCore
import Glibc
import TestSupport
import Testing

/// The keeper KILLed at each of its system calls that change something, from its birth to its end.
/// While the supervisor lives nothing is doubled and nothing left; how main ended may be lost, and
/// is said to be.
@Suite(.waitsForProcesses) struct KilledKeeperTests {
  private static let services: JSON = [
    "anchor": .service("lock", "anchor.lock", "setsid"),
    "bot": .service(
      "lock", "bot.lock", "child", "double-fork", "{", "ignore", "TERM", "}",
      with: ["stop": ["timeout": "300ms"]]),
  ]

  private struct Outcome {
    var killed: String?
    var count = 0
  }

  /// A supervisor of which one keeper is traced, the next once the tracer is armed.
  private func startTraced(_ project: Project, _ number: Int, _ options: [String] = []) throws
    -> RunningCommand
  {
    try Files.makeFolder(project.path("logs/.devstart"), mode: 0o700)
    let words = [
      "devstart-fixture", "trace-kill", String(number), "--count", project.path("trace"), "--armed",
      "--changes", "--child",
    ]
    let tracer = try project.start(
      Build.fixture,
      words + options + [
        "--", Build.devstart, "supervise", "--manifest", project.manifestPath,
      ])
    eventually("it listens, and says who it is") {
      Files.exists(project.path("logs/.devstart/control.sock")) && project.supervisor != nil
    }
    return tracer
  }

  private func perform(killedAt number: Int) throws -> Outcome {
    var outcome = Outcome()
    try withProject(Self.services) { project in
      let report = project.path("trace")
      let tracer = try startTraced(project, number)
      try project.run("start", "anchor", exits: 0)
      let anchor = try project.main(of: "anchor")
      tracer.signal(SIGUSR1)
      try waitForFile(report) { $0.contains("armed") }
      let start = try project.run("start", "bot")
      #expect(start.status == 0 || start.status == 1 && !start.stderr.isEmpty, "\(start.output)")
      let stop = try project.run("stop", "bot")
      try waitForFile(report) { $0.contains("ended") }
      let lines = Files.lines(report)
      outcome.killed = lines.first { $0.hasPrefix("killed") }
      outcome.count = lines.last.flatMap { $0.split(separator: " ").last }.flatMap { Int($0) } ?? 0
      let moment = "\(number): \(outcome.killed ?? "not KILLed")"
      #expect(stop.status == 0, "\(moment): \(stop.output)")
      let kinds = ["bot", "child", "double-fork"]
      #expect(kinds.allSatisfy { project.living($0).isEmpty }, "\(moment): \(project.survivors)")
      // At its exit it had said all that it has to say.
      let said = start.output + stop.output
      let isAtExit = outcome.killed?.hasPrefix("killed-at-exit") ?? true
      #expect(
        isAtExit || said.contains("its keeper") || said.contains("the keeper of bot"),
        "\(moment): \(said)")
      try project.run("start", "--if-running", "keep", exits: 0)
      for name in ["bot", "anchor"] { project.expectExactlyOne(name) }
      #expect(anchor.isAlive && project.records("DOUBLE").isEmpty, "\(moment)")
      try project.run("stop", exits: 0)
      #expect(project.survivors.isEmpty, "\(moment)")
    }
    return outcome
  }

  @Test func `the keeper KILLed at every change it makes`() throws {
    let count = try perform(killedAt: 0).count
    #expect(count > 8, "\(count)")
    print("keeper: \(count) system calls that change something")
    for number in 1...max(1, count) {
      let outcome = try perform(killedAt: number)
      #expect(outcome.killed != nil || number > outcome.count, "\(number) of \(outcome.count)")
    }
  }

  /// Seen from outside before each change: a later supervisor, which may have nothing but the
  /// record, then knows of everything that has happened, whenever the keeper is KILLed.
  @Test func `the record names main before it runs, and its exit before it is reaped`() throws {
    try withProject(["bot": .service("exit", "7")]) { project in
      let report = project.path("trace")
      let tracer = try startTraced(project, 1, ["--step"])
      tracer.signal(SIGUSR1)
      try waitForFile(report) { $0.contains("armed") }
      let start = try project.spawn("start", "bot")
      let supervisor = try #require(project.supervisor).process
      var main: LinuxProcess?
      var moments: Set<String> = []
      for number in 1... {
        try waitForFile(report) { $0.contains("held \(number) ") || $0.contains("ended") }
        let line = Files.lines(report).first { $0.hasPrefix("held \(number) ") }
        guard let held = line else { break }
        let keeper = try #require(supervisor.children.first)
        let record = Files.text(project.path("logs/.devstart/bot.launch")) ?? ""
        main = main ?? keeper.children.first
        if let main, main.parent != keeper.pid {
          moments.insert("reaped")
          #expect(record.contains("\nexit code 7\n"), "\(held): \(record)")
        } else if let main, main.executable != keeper.executable {
          moments.insert("runs")
          #expect(record.contains("\nmain \(main.pid) "), "\(held): \(record)")
        }
        tracer.signal(SIGUSR1)
      }
      #expect(moments == ["runs", "reaped"])
      _ = try start.wait()
      try project.run("wait", "bot", "--for", "stopped", exits: 0)
      #expect(try project.service("bot")["exit"] == ["code": 7])
    }
  }
}
