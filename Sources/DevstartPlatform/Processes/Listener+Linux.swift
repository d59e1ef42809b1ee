#if os(Linux)
package import DevstartCore

/// A TCP socket that listens, as `/proc/PID/net/tcp` and `tcp6` list it (proc(5)).
package struct Listener: Equatable, Sendable {
  /// What it listens on, as seen from `localhost`.
  package enum Address: Equatable, Sendable {
    /// Every address: `0.0.0.0` or `::`.
    case any
    /// `127.0.0.1` or `::1`.
    case loopback
    case other
  }

  package var port: UInt16
  /// As it was bound.
  package var ip: IPAddress
  /// Bound to `::`, it takes no IPv4 connections; false where the source of this does not say.
  package var takesVersion6Only = false
  /// The effective user ID of the process that made the socket.
  package var user: UInt32
  /// What `/proc/PID/fd` shows as `socket:[inode]`.
  package var inode: UInt64

  /// What it was bound to, seen from here.
  package var address: Address {
    // ::ffff:a.b.c.d is IPv4 in an IPv6 socket.
    switch ip.unmapped {
    case .version4(0), .version6(0, 0): .any
    case .loopback4, .loopback6: .loopback
    case .version4, .version6: .other
    }
  }

  /// Whether a connection to `localhost` reaches it.
  package var isReachableLocally: Bool { address != .other }

  /// The listeners (state 0A) in the content of `/proc/PID/net/tcp` or `tcp6`; lines of another
  /// shape are passed over.
  package static func parse(_ bytes: Span<UInt8>) -> [Listener] {
    var found: [Listener] = []
    var start = 0
    while start < bytes.count {
      var end = start
      while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
      if let listener = listener(bytes.extracting(start..<end)) { found.append(listener) }
      start = end + 1
    }
    return found
  }

  /// One line: `sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode …`.
  private static func listener(_ line: Span<UInt8>) -> Listener? {
    var fields = FieldReader()
    guard let slot = fields.next(in: line), line[slot.upperBound - 1] == UInt8(ascii: ":"),
      let local = fields.next(in: line), fields.next(in: line) != nil,
      let state = fields.next(in: line), number(line, state, radix: 16) == 0x0a,
      fields.next(in: line) != nil, fields.next(in: line) != nil, fields.next(in: line) != nil,
      let owner = fields.next(in: line), fields.next(in: line) != nil,
      let last = fields.next(in: line),
      let user = number(line, owner, radix: 10), let inode = number(line, last, radix: 10)
    else { return nil }
    // ADDRESS:PORT in hexadecimal, 8 or 32 digits and 4.
    let colon = local.upperBound - 5
    guard colon - local.lowerBound == 8 || colon - local.lowerBound == 32,
      line[colon] == UInt8(ascii: ":"),
      let port = number(line, colon + 1..<local.upperBound, radix: 16),
      let ip = ip(line, local.lowerBound..<colon), let user = UInt32(exactly: user)
    else { return nil }
    return Listener(port: UInt16(port), ip: ip, user: user, inode: inode)
  }

  /// An address is printed as 32-bit words in the machine's own byte order.
  private static func ip(_ line: Span<UInt8>, _ digits: Range<Int>) -> IPAddress? {
    var words: (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
    for index in 0..<digits.count / 8 {
      let start = digits.lowerBound + index * 8
      guard let word = number(line, start..<start + 8, radix: 16) else { return nil }
      words = (words.1, words.2, words.3, UInt32(word))
    }
    return digits.count == 8
      ? .version4(UInt32(bigEndian: words.3)) : IPAddress(networkOrder: words)
  }

  private static func number(
    _ line: Span<UInt8>, _ range: Range<Int>, radix: UInt64
  ) -> UInt64? {
    var value: UInt64 = 0
    for index in range {
      let byte = line[index]
      let digit: UInt8
      switch byte {
      case 48...57: digit = byte - 48
      case 65...70: digit = byte - 55
      case 97...102: digit = byte - 87
      default: return nil
      }
      guard digit < radix else { return nil }
      let (product, overflow) = value.multipliedReportingOverflow(by: radix)
      guard !overflow else { return nil }
      value = product &+ UInt64(digit)
    }
    return value
  }
}

extension IPAddress {
  /// IPv6's, from four words in network byte order.
  init(networkOrder words: (UInt32, UInt32, UInt32, UInt32)) {
    let (first, second) = (UInt32(bigEndian: words.0), UInt32(bigEndian: words.1))
    let (third, fourth) = (UInt32(bigEndian: words.2), UInt32(bigEndian: words.3))
    self = .version6(
      UInt64(first) << 32 | UInt64(second), UInt64(third) << 32 | UInt64(fourth))
  }
}

/// Finds fields between blanks.
private struct FieldReader {
  private var position = 0

  mutating func next(in line: Span<UInt8>) -> Range<Int>? {
    while position < line.count, line[position] == UInt8(ascii: " ") { position += 1 }
    let start = position
    while position < line.count, line[position] != UInt8(ascii: " ") { position += 1 }
    return position > start ? start..<position : nil
  }
}
#endif
