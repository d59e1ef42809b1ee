/// Reads the head of a response as it arrives, whatever the pieces (RFC 9112, sections 2 to 5):
/// the status line, and past the fields to the empty line that ends them. Interim answers
/// (`100 Continue`) are passed over. Bounded, as nobody knows what listens on a port.
package struct HTTPResponseHead {
  /// The most bytes that all heads of an answer may have together.
  package static let limit = 16_384
  /// How much of something that is no HTTP is kept for people.
  private static let longestExcerpt = 60
  private static let protocolName = Array("HTTP/1.".utf8)

  /// The line that is being read, without its end.
  private var line: [UInt8] = []
  private var size = 0
  /// Once the status line has been read.
  private var status: Int?

  package init() {}

  /// Nothing of an answer has come yet.
  package var isEmpty: Bool { size == 0 }

  /// Takes what arrived: the result once it is known. What comes after that is of no interest.
  package mutating func take(_ bytes: [UInt8]) -> HTTPProbeResult? {
    for index in bytes.indices {
      size += 1
      guard size <= Self.limit else { return .failed(.headTooLong) }
      guard bytes[index] == UInt8(ascii: "\n") else {
        line.append(bytes[index])
        if status == nil, !mayBeStatusLine { return .failed(noHTTP(bytes[(index + 1)...])) }
        continue
      }
      // A bare line feed counts as a line's end too (RFC 9112, section 2.2).
      if line.last == UInt8(ascii: "\r") { line.removeLast() }
      if let result = endLine() { return result }
      line.removeAll(keepingCapacity: true)
    }
    return nil
  }

  private var mayBeStatusLine: Bool {
    let index = line.count - 1
    return index >= Self.protocolName.count || line[index] == Self.protocolName[index]
  }

  private mutating func endLine() -> HTTPProbeResult? {
    guard let status else {
      status = Self.status(of: line)
      return status == nil ? .failed(noHTTP([])) : nil
    }
    guard line.isEmpty else { return nil }
    // 101 is the last word in HTTP; nobody asked for it (RFC 9110, section 15.2.2).
    guard (100..<200).contains(status), status != 101 else { return .status(status) }
    self.status = nil
    return nil
  }

  /// `HTTP/1.1 200 OK`; the reason, and for some servers the blank before it, may be missing.
  private static func status(of line: [UInt8]) -> Int? {
    let parts = line.split(
      separator: UInt8(ascii: " "), maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count >= 2, parts[0].count == protocolName.count + 1,
      parts[0].starts(with: protocolName), parts[0].last.map(isDigit) == true,
      parts[1].count == 3, parts[1].allSatisfy(isDigit)
    else { return nil }
    let status = parts[1].reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    return status >= 100 ? status : nil
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private func noHTTP(_ rest: ArraySlice<UInt8>) -> HTTPProbeFailure {
    let start = line + rest.prefix(Self.longestExcerpt)
    // The record of an alert, version 3 (RFC 8446, section 5.1).
    if start.starts(with: [0x15, 0x03]) { return .speaksTLS }
    let text = start.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
    return .noHTTP(String(decoding: text.prefix(Self.longestExcerpt), as: UTF8.self))
  }
}
