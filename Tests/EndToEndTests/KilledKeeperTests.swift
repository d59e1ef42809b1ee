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

  private func perform(killedAt number: Int) throws -> Outcome {
    var outcome = Outcome()
    try withProject(Self.services) { project in
      let report = project.path("trace")
      try Files.makeFolder(project.path("logs/.devstart"), mode: 0o700)
      let tracer = try project.start(
        Build.fixture,
        [
          "devstart-fixture", "trace-kill", String(number), "--count", report, "--armed",
          "--changes", "--child", "--", Build.devstart, "supervise", "--manifest",
          project.manifestPath,
        ])
      eventually("it listens") { Files.exists(project.path("logs/.devstart/control.sock")) }
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
      let killed = try perform(killedAt: number).killed
      #expect(killed != nil || number > count - 2, "\(number) of \(count)")
    }
  }
}
