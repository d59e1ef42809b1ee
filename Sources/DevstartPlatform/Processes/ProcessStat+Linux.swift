#if os(Linux)
package import DevstartCore

/// What `/proc/PID/stat` tells of one process (proc(5)): all that a sweep, a limit or a check of
/// an identity needs, in one read.
package struct ProcessStat: Equatable, Sendable {
  package var identity: ProcessIdentity
  package var parent: Int32
  package var group: Int32
  package var session: Int32
  /// The state's letter: `Z` is a zombie, or a leader whose threads live on.
  package var state: UInt8
  /// User and system time, in clock ticks.
  package var ticks: UInt64
  /// The same of the children that it waited for, in clock ticks.
  package var childrenTicks: UInt64
  package var residentPages: Int
  package var threads: Int
  /// The kernel's name for it, at most 15 bytes; a program may choose any.
  package var name: String
  package var isKernelThread: Bool

  /// The content of `/proc/PID/stat`; nil where it has another shape. The name stands in
  /// parentheses and may hold blanks, newlines and parentheses, so it ends at the last one.
  package init?(parsing bytes: Span<UInt8>) {
    var close = bytes.count - 1
    while close >= 0, bytes[close] != UInt8(ascii: ")") { close -= 1 }
    var cursor = Cursor(position: 0)
    guard let pid = cursor.number(in: bytes), cursor.position + 1 < close,
      bytes[cursor.position] == UInt8(ascii: " "), bytes[cursor.position + 1] == UInt8(ascii: "("),
      let id = Int32(exactly: pid)
    else { return nil }
    name = Self.text(bytes, from: cursor.position + 2, to: close)
    cursor.position = close + 2
    guard cursor.position < bytes.count else { return nil }
    state = bytes[cursor.position]
    cursor.position += 1

    // Fields 4 to 24, of which the wanted ones are kept.
    var fields = InlineArray<25, Int64>(repeating: 0)
    var field = 4
    while field <= 24 {
      guard let value = cursor.number(in: bytes) else { return nil }
      fields[field] = value
      field += 1
    }
    identity = ProcessIdentity(pid: id, startTicks: UInt64(bitPattern: fields[22]))
    parent = Int32(truncatingIfNeeded: fields[4])
    group = Int32(truncatingIfNeeded: fields[5])
    session = Int32(truncatingIfNeeded: fields[6])
    isKernelThread = fields[9] & 0x0020_0000 != 0  // PF_KTHREAD
    ticks = UInt64(bitPattern: fields[14] &+ fields[15])
    childrenTicks = UInt64(bitPattern: fields[16] &+ fields[17])
    threads = Int(fields[20])
    residentPages = Int(fields[24])
  }

  private static func text(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> String {
    bytes.extracting(start..<end).withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
  }
}

/// Reads decimal numbers from bytes, one after the other.
private struct Cursor {
  var position: Int

  /// The next number after blanks; nil where there is none. Numbers past 64 bits wrap: the
  /// kernel prints some as unsigned.
  mutating func number(in bytes: Span<UInt8>) -> Int64? {
    while position < bytes.count, bytes[position] == UInt8(ascii: " ") { position += 1 }
    guard position < bytes.count else { return nil }
    let isNegative = bytes[position] == UInt8(ascii: "-")
    if isNegative { position += 1 }
    let start = position
    var value: Int64 = 0
    while position < bytes.count {
      let digit = bytes[position] &- 48
      guard digit <= 9 else { break }
      value = value &* 10 &+ Int64(digit)
      position += 1
    }
    guard position > start else { return nil }
    return isNegative ? 0 &- value : value
  }
}
#endif
