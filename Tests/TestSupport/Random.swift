import Foundation

/// Random numbers that a printed seed brings back (SplitMix64).
package struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}

extension Build {
  /// `$DEVSTART_SEED`, or another for every run; printed, as a failure needs it.
  private static let baseSeed: UInt64 = {
    let given = ProcessInfo.processInfo.environment["DEVSTART_SEED"].flatMap { UInt64($0) }
    let seed = given ?? UInt64.random(in: 0..<1_000_000)
    print("DEVSTART_SEED=\(seed)")
    return seed
  }()

  /// The seed of one test.
  package static func seed(_ number: Int) -> UInt64 { baseSeed &+ UInt64(number) << 32 }
}
