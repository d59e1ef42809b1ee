/// Collects what arrives on a stream, in whatever pieces, and gives it back line by line.
package struct LineBuffer: Sendable {
  /// The longest line that either side accepts, in bytes: an environment and a few hundred
  /// services are well under a megabyte.
  package static let longestLine = 16 << 20

  /// A line longer than `longestLine`: whoever sent it is no devstart, and the connection ends.
  package struct TooLong: Error, Equatable {
    package init() {}
  }

  private let limit: Int
  private var bytes: [UInt8] = []
  /// Where the first line that was not taken yet begins.
  private var start = 0
  /// Everything before this was searched for a line's end and has none.
  private var searched = 0

  package init(limit: Int = LineBuffer.longestLine) { self.limit = limit }

  /// Adds what was read.
  package mutating func append(_ piece: some Sequence<UInt8>) {
    if start > 0, start == bytes.count || start > 65_536 {
      bytes.removeFirst(start)
      searched -= start
      start = 0
    }
    bytes.append(contentsOf: piece)
  }

  /// The next whole line without its end; nil until there is one. Throws `TooLong` where a line
  /// has passed the limit, whether or not its end has arrived.
  package mutating func next() throws(TooLong) -> [UInt8]? {
    guard let end = bytes[searched...].firstIndex(of: UInt8(ascii: "\n")) else {
      searched = bytes.count
      if bytes.count - start > limit { throw TooLong() }
      return nil
    }
    if end - start > limit { throw TooLong() }
    let line = Array(bytes[start..<end])
    start = end + 1
    searched = start
    return line
  }

  /// What arrived after the last whole line and is not one yet.
  package var rest: ArraySlice<UInt8> { bytes[start...] }
}
