import Foundation
package import Testing

/// What a parser of others' bytes is held to, whatever it is given: it does not crash, answers in
/// time, and takes no memory without bound.
package enum Fuzzing {
  /// How many inputs each is given: a few in every run, a million with `DEVSTART_LONG=1`.
  package static let count = Build.isLong ? 1_000_000 : 3_000

  /// For one input, on the processor alone, as others keep it busy; in a debug build the slowest
  /// takes a hundredth of it.
  private static let longest = Duration.seconds(1)
  /// By which the process may grow while all are read, and others run beside it.
  private static let mostGrowth = 256 << 20

  /// How many inputs were understood, and how many were not.
  package struct Tally {
    package var read = 0
    package var refused = 0

    package var isMixed: Bool { read > 0 && refused > 0 }
  }

  /// Hands over one input after the other; nil or an error refuses it. Of what was understood,
  /// `holds` says whether it is as it must be. Ends at the first that is not.
  @discardableResult
  package static func run<Value>(
    seed: UInt64, sourceLocation: SourceLocation = #_sourceLocation,
    input: (inout SeededRandom) -> [UInt8], read: ([UInt8]) throws -> Value?,
    holds: (Value, [UInt8]) throws -> Bool = { _, _ in true }
  ) -> Tally {
    var tally = Tally()
    let peak = peakMemory
    for number in 0..<UInt64(count) {
      // Each has a generator of its own, so that one alone can be had again.
      var random = SeededRandom(seed: seed << 32 &+ number)
      let bytes = input(&random)
      let began = processorTime
      let value = value(of: bytes, read)
      let time = processorTime - began
      var fault: String?
      if let value {
        tally.read += 1
        do {
          if try !holds(value, bytes) { fault = "does not hold: \(value)" }
        } catch {
          fault = "\(error): \(value)"
        }
      } else {
        tally.refused += 1
      }
      if time > longest { fault = "took \(time)" }
      if let fault {
        let text = String(decoding: bytes, as: UTF8.self)
        Issue.record(
          "input \(number), \(text.debugDescription), \(fault)", sourceLocation: sourceLocation)
        break
      }
    }
    #expect(peakMemory - peak < mostGrowth, sourceLocation: sourceLocation)
    return tally
  }

  private static func value<Value>(
    of bytes: [UInt8], _ read: ([UInt8]) throws -> Value?
  ) -> Value? {
    do { return try read(bytes) } catch { return nil }
  }

  /// Of this thread.
  private static var processorTime: Duration {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }

  /// The most that the process ever had in memory, in bytes (getrusage(2) counts kilobytes).
  private static var peakMemory: Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024
  }
}

extension [UInt8] {
  /// These bytes, cut, doubled, exchanged or with others among them: `bait` is what means
  /// something to their reader.
  package func mutated(
    by random: inout SeededRandom, bait: String = "\"{}[],:-0919 \n"
  ) -> [UInt8] {
    var bytes = self
    for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
      let place = Int.random(in: bytes.indices, using: &random)
      let end = Swift.min(bytes.count, place + Int.random(in: 0...12, using: &random))
      switch Int.random(in: 0..<8, using: &random) {
      case 0: bytes[place] = .random(in: 0...255, using: &random)
      case 1: bytes.removeSubrange(place..<end)
      case 2: bytes.insert(contentsOf: bytes[place..<end], at: place)
      case 3: bytes.removeLast(bytes.count - place)
      case 4, 5: bytes[place] = bait.utf8.randomElement(using: &random) ?? 0
      case 6:
        let times = Int.random(in: 2...100, using: &random)
        bytes.insert(
          contentsOf: repeatElement(bytes[place..<end], count: times).joined(), at: place)
      default: bytes.insert(contentsOf: "99999999999999999999".utf8, at: place)
      }
    }
    return bytes
  }
}
