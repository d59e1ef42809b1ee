import Foundation

/// How much garbage a parser is given: little in every run, a million pieces with
/// `DEVSTART_LONG=1`.
enum Fuzzing {
  static let count =
    ProcessInfo.processInfo.environment["DEVSTART_LONG"] == nil ? 3_000 : 1_000_000
}

extension [UInt8] {
  /// These bytes, cut, doubled, exchanged or with others among them.
  func mutated(by generator: inout SeededGenerator) -> [UInt8] {
    var bytes = self
    for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
      let place = Int.random(in: bytes.indices, using: &generator)
      let end = Swift.min(bytes.count, place + Int.random(in: 0...12, using: &generator))
      switch Int.random(in: 0..<6, using: &generator) {
      case 0: bytes[place] = .random(in: 0...255, using: &generator)
      case 1: bytes.removeSubrange(place..<end)
      case 2: bytes.insert(contentsOf: bytes[place..<end], at: place)
      case 3: bytes.removeLast(bytes.count - place)
      case 4: bytes[place] = Array("\"{}[],:-0919 \n".utf8).randomElement(using: &generator) ?? 0
      default:
        bytes.insert(contentsOf: Array("99999999999999999999".utf8), at: place)
      }
    }
    return bytes
  }
}
