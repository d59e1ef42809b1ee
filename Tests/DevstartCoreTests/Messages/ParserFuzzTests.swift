import Testing

@testable import DevstartCore

/// What others may have written, broken at random places: read or refused, never a crash.
@Suite struct ParserFuzzTests {
  /// Hands over the broken text, and demands that some is refused and, of single faults, some read.
  private func fuzz(
    _ whole: [UInt8], seed: UInt64, sourceLocation: SourceLocation = #_sourceLocation,
    reads: ([UInt8]) throws -> Bool
  ) {
    var generator = SeededGenerator(state: seed)
    var read = 0
    for _ in 0..<Fuzzing.count {
      do { read += try reads(whole.mutated(by: &generator)) ? 1 : 0 } catch {}
    }
    #expect((1..<Fuzzing.count).contains(read), sourceLocation: sourceLocation)
  }

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
    fuzz(Array(text.utf8), seed: 41) { bytes in
      guard let record = LaunchRecord(parsing: String(decoding: bytes, as: UTF8.self)) else {
        return false
      }
      // Nobody is signalled for a number that is none.
      return record.keeper.pid > 0 && (record.main?.pid ?? 1) > 0
    }
  }

  @Test func `a state file`() throws {
    let world = ProcessWorld(bootID: "boot", pidNamespace: 1)
    var driver = FleetDriver()
    driver.bringUp([made("up"), made("crashed"), made("stopping"), made("leaving")])
    driver.end("crashed", .code(3))
    driver.stop(1, [made("stopping")])
    driver.handle(.service("leaving", .mainExited(.code(1))))
    var state = StateFile(world: world)
    state.update(from: driver.fleet)
    state.leases = [.init(holder: ProcessIdentity(pid: 9, startTicks: 8), launches: ["x"])]
    state.warnings = ["a warning"]
    let content = state.contentToWrite()
    let whole = try #require(content)
    fuzz(whole, seed: 42) { try StateFile(parsing: $0, world: world).entries.count >= 0 }
  }

  @Test func `a launch's specification`() {
    let caller = Caller(
      identity: ProcessIdentity(pid: 4, startTicks: 5), environment: ["A=b", "C=d e"], umask: 0o22,
      limits: [.init(resource: 7, soft: 1024, hard: 4096)])
    let specification = LaunchSpecification(
      project: "p", launch: "0f3c", service: made("bot"), caller: caller)
    fuzz(specification.bytes(CallerTexts(caller)), seed: 43) {
      try LaunchSpecification(json: try JSON.parse($0)).launch.utf8.count >= 0
    }
  }

  @Test func `a log's readiness pattern and what it is looked for in`() {
    var generator = SeededGenerator(state: 44)
    let pattern = Array(#"^(a|b)*[c-e]+\d{2,3}(?:x|y)?\w$"#.utf8)
    var compiled = 0
    for _ in 0..<Fuzzing.count / 10 {
      let text = String(decoding: pattern.mutated(by: &generator), as: UTF8.self)
      guard var matcher = LogMatcher(text) else { continue }
      compiled += 1
      _ = matcher.take(Array("aabbab cde12x\n\u{1B}[1m\n".utf8).mutated(by: &generator))
    }
    #expect(compiled > 0)
  }
}
