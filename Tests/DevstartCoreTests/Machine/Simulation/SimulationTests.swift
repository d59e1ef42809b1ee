import Foundation
import Testing

@Suite struct SimulationTests {
  /// `$DEVSTART_SCHEDULES`, or as many as take a CI machine half a minute; a million with
  /// `$DEVSTART_LONG`. `$DEVSTART_SEED` is the first one's seed.
  @Test(arguments: 0..<2)
  func `no schedule breaks a promise`(half: UInt64) {
    let environment = ProcessInfo.processInfo.environment
    let byDefault = environment["DEVSTART_LONG"] == nil ? 20_000 : 1_000_000
    let count = environment["DEVSTART_SCHEDULES"].flatMap { Int($0) } ?? byDefault
    let first = environment["DEVSTART_SEED"].flatMap { UInt64($0) } ?? 1
    let failure = Simulation.firstFailure(
      from: first &+ half, count: (count + 1 - Int(half)) / 2, every: 2)
    if let failure { Issue.record("\(failure.report)") }
  }
}
