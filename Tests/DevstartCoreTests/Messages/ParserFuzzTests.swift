import TestSupport
import Testing

@testable import DevstartCore

/// What others may have written, broken at random places: read or refused, never a crash.
@Suite struct ParserFuzzTests {
  @Test func `a launch record`() {
    let text = """
      devstart-launch 1
      launch 0f3c
      folder 2049 131072
      boot 07072d62-70f9 4026531836
      keeper 4711 123456
      main 4712 123457
      exit signal 9

      """
    let tally = Fuzzing.run(
      seed: 41, input: { Array(text.utf8).mutated(by: &$0) },
      read: { LaunchRecord(parsing: String(decoding: $0, as: UTF8.self)) },
      holds: { record, _ in
        // Nobody is signalled for a number that is none.
        record.keeper.pid > 0 && (record.main?.pid ?? 1) > 0
          && LaunchRecord(parsing: Self.written(record)) == record
      })
    #expect(tally.isMixed)
  }

  /// As the keeper of such a launch writes it.
  private static func written(_ record: LaunchRecord) -> String {
    var text = LaunchRecord.head(
      launch: record.launch, folder: record.folder, world: record.world)
    text += "keeper \(record.keeper.pid) \(record.keeper.startTicks)\n"
    text += "main \(record.main?.pid ?? 0) \(record.main?.startTicks ?? 0)\n"
    switch record.exit {
    case .code(let code): text += "exit code \(code)\n"
    case .signal(let number): text += "exit signal \(number)\n"
    case nil: break
    }
    return record.isTreeEmpty ? text + "empty\n" : text
  }

  @Test func `a state file`() throws {
    let world = ProcessWorld(bootID: "boot", pidNamespace: 1)
    var driver = FleetDriver()
    let again = made("again") {
      $0.restart.policy = .always
      $0.restart.backoff = .zero
    }
    driver.bringUp([made("up"), made("crashed"), made("stopping"), made("leaving"), again])
    driver.end("again", .code(1))
    driver.end("crashed", .code(3))
    driver.stop(1, [made("stopping")])
    driver.handle(.service("leaving", .mainExited(.code(1))))
    var state = StateFile(world: world)
    state.update(from: driver.fleet)
    state.leases = [.init(holder: ProcessIdentity(pid: 9, startTicks: 8), launches: ["x"])]
    state.warnings = ["a warning"]
    state.counters.straysFound = 3
    state.counters.straysEnded = [.terminate: 2, .kill: 1]
    let content = state.contentToWrite()
    let whole = try #require(content)
    let tally = Fuzzing.run(
      seed: 42, input: { whole.mutated(by: &$0) },
      read: { try StateFile(parsing: $0, world: world) },
      holds: { state, _ in
        for entry in state.entries.values { goOn(from: entry) }
        var (once, twice) = (state, state)
        let written = once.contentToWrite() ?? []
        twice = try StateFile(parsing: written, world: world)
        return twice.contentToWrite() == written
      })
    #expect(tally.isMixed)
  }

  /// Takes over a launch of which that is known, which ends then and is launched again.
  private func goOn(from entry: StateFile.Entry) {
    let now = Instant(nanoseconds: 1 << 40)
    let id = entry.stopping?.launch ?? entry.ready?.launch ?? "0"
    let service = made("a") { $0.restart.policy = .always }
    let caller = Caller(
      identity: ProcessIdentity(pid: 1, startTicks: 1), environment: [], umask: 0, limits: [])
    var launch = Launch(
      specification: LaunchSpecification(
        project: "p", launch: id, service: service, caller: caller), began: now)
    launch.main = ProcessIdentity(pid: 7, startTicks: 1)
    let life = ServiceLife(takingOver: launch, exit: nil, known: entry, at: now)
    var machine = ServiceMachine(name: "a", life: life, restarts: entry.restarts)
    if let news = StateFile.Entry.news(of: life, exit: nil, known: entry) {
      _ = machine.handle(news, at: now)
    }
    _ = machine.handle(.mainExited(.code(1)), at: now)
    _ = machine.handle(.treeEmpty, at: now)
    if let ending = machine.life.ending { _ = Words.ending(ending) }
    if let deadline = machine.deadline { _ = machine.handle(.timePassed, at: deadline) }
  }

  @Test func `a launch's specification`() {
    let caller = Caller(
      identity: ProcessIdentity(pid: 4, startTicks: 5), environment: ["A=b", "C=d e"], umask: 0o22,
      limits: [.init(resource: 7, soft: 1024, hard: 4096)])
    let specification = LaunchSpecification(
      project: "p", launch: "0f3c", service: made("bot"), caller: caller)
    let whole = specification.bytes(CallerTexts(caller))
    let tally = Fuzzing.run(
      seed: 43, input: { whole.mutated(by: &$0) },
      read: { try LaunchSpecification(json: try JSON.parse($0)) },
      holds: { read, _ in
        let bytes = read.bytes(CallerTexts(read.caller))
        return try LaunchSpecification(json: try JSON.parse(bytes)) == read
      })
    #expect(tally.isMixed)
  }

  @Test func `a log's readiness pattern and what it is looked for in`() {
    let pattern = Array(#"^(a|b)*[c-e]+\d{2,3}(?:x|y)?\w$"#.utf8)
    let log = Array("aabbab cde12x\n\u{1B}[1m\n".utf8)
    let tally = Fuzzing.run(
      seed: 44, input: { pattern.mutated(by: &$0, bait: "()[]{}*+?\\|^$.-,:") },
      read: { LogMatcher(String(decoding: $0, as: UTF8.self)) },
      holds: { matcher, bytes in
        var matcher = matcher
        var random = SeededRandom(seed: UInt64(bytes.count))
        _ = matcher.take(log.mutated(by: &random))
        return true
      })
    #expect(tally.isMixed)
  }

  @Test func `a PID file`() {
    let tally = Fuzzing.run(
      seed: 45,
      input: {
        PIDFile.text(of: .random(in: 1 ... .max, using: &$0)).mutated(by: &$0, bait: " \t\r\n+-09")
      },
      read: { PIDFile.pid(in: $0) },
      holds: { pid, bytes in
        // What a shell would hand to kill(1), and nothing beside it.
        let digits = bytes.filter { !" \t\r\n+".utf8.contains($0) }
        return pid > 0 && Int32(String(decoding: digits, as: UTF8.self)) == pid
          && PIDFile.pid(in: PIDFile.text(of: pid)) == pid
      })
    #expect(tally.isMixed)
  }
}
