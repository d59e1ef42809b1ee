import DevstartCore
import Glibc
import TestSupport
import Testing

/// The supervisor KILLed at the system calls of what it does by itself: an automatic restart, and
/// the move of a log's head. A sample by default; every one with `DEVSTART_LONG=1`.
@Suite(.waitsForProcesses) struct KilledInUpkeepTests {
  /// Runs the supervisor under the tracer, and what `busy` makes it do from when it is armed;
  /// returns which of its changes it was KILLed at, and how many there were up to then.
  private func trace(
    _ project: Project, killedAt number: Int, start: () throws -> Void, busy: () throws -> Void,
    isOver: @escaping () -> Bool
  ) throws -> (killed: String?, count: Int) {
    let report = project.path("trace")
    try Files.makeFolder(project.path("logs/.devstart"), mode: 0o700)
    let tracer = try project.start(
      Build.fixture,
      [
        "devstart-fixture", "trace-kill", String(number), "--count", report, "--armed", "--changes",
        "--", Build.devstart, "supervise", "--manifest", project.manifestPath,
      ])
    eventually("it listens") { Files.exists(project.path("logs/.devstart/control.sock")) }
    try start()
    tracer.signal(SIGUSR1)
    try waitForFile(report) { $0.contains("armed") }
    try busy()
    eventually("it is over, or KILLed", within: .seconds(30)) {
      isOver() || (Files.text(report) ?? "").contains("killed")
    }
    tracer.signal(SIGUSR2)
    try waitForFile(report) { $0.contains("count") || $0.contains("ended") }
    let lines = Files.lines(report)
    let count = lines.last.flatMap { $0.split(separator: " ").last }.flatMap { Int($0) } ?? 0
    return (lines.first { $0.hasPrefix("killed") }, count)
  }

  private func moments(_ count: Int, sample: Int, seed: Int) -> [Int] {
    guard !Build.isLong, count > sample else { return Array(1...max(1, count)) }
    var generator = SeededRandom(seed: Build.seed(seed))
    let shift = Int.random(in: 0..<max(1, count / sample), using: &generator)
    return (0..<sample).map { 1 + shift + $0 * count / sample }.filter { $0 <= count }
  }

  // MARK: Automatic restart

  /// Its main is KILLed, and the supervisor at one change from then on until it is up again.
  private func restart(killedAt number: Int) throws -> Int {
    var count = 0
    let service = JSON.service(
      "lock", "bot.lock", "setsid",
      with: [
        "restart": ["policy": "on-failure", "backoff": "0s"], "ready": ["delay": "1ms"],
        "hooks": ["ready": "echo up >> ready"],
      ])
    try withProject(["bot": service, "anchor": .service("sleep")]) { project in
      var anchor: ProcessHandle?
      let outcome = try trace(
        project, killedAt: number,
        start: {
          try project.run("start", exits: 0)
          anchor = try project.main(of: "anchor")
        }, busy: { try project.main(of: "bot").kill() },
        isOver: { Files.lines(project.path("ready")).count > 1 })
      count = outcome.count
      let moment = "change \(number): \(outcome.killed ?? "not KILLed")"
      let start = try project.run("start", "--if-running", "keep")
      #expect(start.status == 0, "\(moment): \(start.output)\(project.supervisorLog)")
      #expect(project.living("bot").count == 1, "\(moment)")
      #expect(project.records("DOUBLE").isEmpty, "\(moment)")
      #expect(anchor?.isAlive == true, "\(moment)")
      eventually("no hook is left, \(moment)") {
        project.processes().filter(\.isKeeper).count == 2
      }
      try project.run("stop", exits: 0)
      #expect(project.survivors.isEmpty, "\(moment)")
    }
    return count
  }

  @Test func `during an automatic restart: one of each afterwards, nothing doubled`() throws {
    let count = try restart(killedAt: 0)
    #expect(count > 8)
    for number in moments(count, sample: 6, seed: 31) { _ = try restart(killedAt: number) }
  }

  // MARK: Log moves

  private static let lines = 60_000

  /// The log of a service that writes is moved, and the supervisor KILLed at one change of that.
  private func move(killedAt number: Int) throws -> Int {
    var count = 0
    try withProject { project in
      let (gate, end) = (Gate("\(project.base)/gate"), Gate("\(project.base)/end"))
      try project.write([
        "bot": .service(
          "gate", gate.path, "print-lines", String(Self.lines), "--varied", "gate", end.path,
          with: ["log": ["maxSize": "256KB", "keep": 500]]),
        "anchor": .service("sleep"),
      ])
      let outcome = try trace(
        project, killedAt: number, start: { try project.run("start", exits: 0) },
        busy: {
          gate.open()
          try project.waitForRecord("at-gate", count: 2, within: .seconds(30))
        },
        isOver: {
          (Files.status(project.path("logs/dev_bot.log"))?.st_size ?? .max) <= 256 << 10
        })
      count = outcome.count
      let moment = "change \(number): \(outcome.killed ?? "not KILLed")"
      let start = try project.run("start", "--if-running", "keep")
      #expect(start.status == 0, "\(moment): \(start.output)")
      // The next supervisor finishes it, as the log is too large still.
      eventually("it is small, \(moment)", within: .seconds(20)) {
        (Files.status(project.path("logs/dev_bot.log"))?.st_size ?? .max) <= 256 << 10
          && !Files.names(in: project.path("logs/.devstart")).contains { $0.hasSuffix(".copied") }
      }
      expectEveryLine(of: project, moment)
      try project.run("stop", exits: 0)
      let left = Files.names(in: project.path("logs/.devstart")).filter { $0.contains(".cop") }
      #expect(left.isEmpty, "\(moment): \(left)")
    }
    return count
  }

  private func expectEveryLine(of project: Project, _ moment: String) {
    var texts = [project.log("bot")]
    var number = 1
    while let text = Files.text(project.path("logs/dev_bot.log.\(number)")) {
      texts.append(text)
      number += 1
    }
    let all: [Substring] = texts.reversed().flatMap { text in text.split(separator: "\n") }
    let lines = all.filter { line in !line.allSatisfy { $0 == " " } }
    for (index, line) in lines.enumerated() {
      let head = "line \(index + 1)"
      guard line.hasPrefix(head), line.dropFirst(head.count).allSatisfy({ $0 == "." }) else {
        Issue.record("\(moment): «\(line)» instead of \(head)")
        return
      }
    }
    #expect(lines.count == Self.lines, "\(moment)")
  }

  @Test func `during the move of a log: every line exactly once`() throws {
    let count = try move(killedAt: 0)
    guard count > 0 else { return }
    for number in moments(count, sample: 6, seed: 32) { _ = try move(killedAt: number) }
  }
}
