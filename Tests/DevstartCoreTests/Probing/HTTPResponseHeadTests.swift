import DevstartCore
import TestSupport
import Testing

@Suite struct HTTPResponseHeadTests {
  /// The result after all pieces; an issue where one came before the last.
  private func result(_ pieces: [[UInt8]]) -> HTTPProbeResult? {
    var head = HTTPResponseHead()
    for (index, piece) in pieces.enumerated() {
      if let result = head.take(piece) {
        if index < pieces.count - 1 { Issue.record("\(result) before \(pieces[index + 1])") }
        return result
      }
    }
    return nil
  }

  private func result(_ text: String) -> HTTPProbeResult? { result([Array(text.utf8)]) }

  @Test(arguments: [
    ("HTTP/1.1 200 OK\r\n\r\n", 200), ("HTTP/1.0 404 Not Found\r\nA: b\r\n\r\nbody", 404),
    ("HTTP/1.1 301 \r\nLocation: /x\r\n\r\n", 301), ("HTTP/1.1 204\r\n\r\n", 204),
    ("HTTP/1.1 500 a b\nA: b\n\n", 500), ("HTTP/1.9 999 ?\r\n\r\n", 999),
    ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", 200),
    (
      "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 102 P\r\n\r\nHTTP/1.1 503 x\r\n\r\n", 503
    ),
    ("HTTP/1.1 101 Switching Protocols\r\n\r\n", 101),
    ("HTTP/1.1 200 \u{FF}\r\nX: \u{0}\r\n\r\n", 200),
  ])
  func `a head gives its status, whole or in single bytes`(text: String, status: Int) {
    #expect(result(text) == .status(status))
    var head = HTTPResponseHead()
    let results = text.utf8.compactMap { head.take([$0]) }
    #expect(results.first == .status(status))
  }

  @Test(arguments: [
    "", "H", "HTTP/1.1 200 OK", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nA: b\r\n",
    "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 100 C\r\n\r\nHTTP/1.1 200 OK\r\n",
  ])
  func `an unfinished head gives nothing yet`(text: String) { #expect(result(text) == nil) }

  @Test(arguments: [
    ("SSH-2.0-OpenSSH_9.6\r\nmore", "SSH-2.0-OpenSSH_9.6"), ("+PONG\r\n", "+PONG"),
    ("HTTP/2 200\r\n", "HTTP/2 200"), ("HTTP/1.x 200 OK\r\n", "HTTP/1.x 200 OK"),
    ("HTTP/1.1 20 OK\r\n", "HTTP/1.1 20 OK"), ("HTTP/1.1 099 OK\r\n", "HTTP/1.1 099 OK"),
    ("HTTP/1.1 2000 OK\r\n", "HTTP/1.1 2000 OK"), ("HTTP/1.1\r\n", "HTTP/1.1"), ("\r\n", ""),
    ("http/1.1 200 OK\r\n", "http/1.1 200 OK"), ("HTTP/1.1  200 OK\r\n", "HTTP/1.1  200 OK"),
    ("HTTP/1.1 +20 OK\r\n", "HTTP/1.1 +20 OK"), ("HTTP/1. 200 OK\r\n", "HTTP/1. 200 OK"),
    ("HTTP/1.1 100 C\r\n\r\nbody\r\n", "body"),
  ])
  func `what is no HTTP is told by its beginning`(text: String, excerpt: String) {
    #expect(result(text) == .failed(.noHTTP(excerpt)))
  }

  @Test func `garbage is seen at its first byte, and shown without obeying it`() {
    let failure = HTTPProbeFailure.noHTTP("\u{1B}[2J" + String(repeating: "x", count: 56))
    #expect(result("\u{1B}[2J" + String(repeating: "x", count: 5000)) == .failed(failure))
    #expect(!failure.description.contains("\u{1B}"))
    #expect(result([[0x15, 0x03, 0x03, 0, 2, 2, 70]]) == .failed(.speaksTLS))
  }

  @Test func `a head without end is given up`() {
    let line = Array("X: \(String(repeating: "y", count: 95))\r\n".utf8)
    var pieces = [Array("HTTP/1.1 200 OK\r\n".utf8)] + Array(repeating: line, count: 164)
    #expect(result(pieces) == .failed(.headTooLong))
    pieces.removeLast()
    #expect(result(pieces + [Array("\r\n".utf8)]) == .status(200))
    let interim = Array("HTTP/1.1 100 C\r\n\r\n".utf8)
    #expect(
      result([Array(repeating: interim, count: 1000).flatMap(\.self)]) == .failed(.headTooLong))
    #expect(result([[UInt8](repeating: UInt8(ascii: "H"), count: 20_000)]) != nil)
  }

  @Test func `the parser survives whatever it is given`() {
    let whole = Array("HTTP/1.1 100 C\r\n\r\nHTTP/1.1 200 OK\r\nServer: x\r\n\r\n".utf8)
    let tally = Fuzzing.run(
      seed: 5, input: { whole.mutated(by: &$0, bait: "\r\n 1H\u{0}") },
      read: { bytes in
        var head = HTTPResponseHead()
        return head.take(bytes)
      },
      holds: { atOnce, bytes in
        // The pieces never change the result.
        let middle = bytes.count / 2
        var head = HTTPResponseHead()
        let inPieces = head.take(Array(bytes[..<middle])) ?? head.take(Array(bytes[middle...]))
        return inPieces == atOnce || (Self.isNoHTTP(atOnce) && inPieces.map(Self.isNoHTTP) == true)
      })
    #expect(tally.isMixed)
  }

  private static func isNoHTTP(_ result: HTTPProbeResult) -> Bool {
    if case .failed(.noHTTP) = result { true } else { false }
  }
}

@Suite struct HTTPExpectationTests {
  @Test func `any success will do where no status is named, and no redirect`() {
    let any = HTTPExpectation()
    #expect([200, 204, 299].allSatisfy { any.isMet(by: $0) })
    #expect(![101, 199, 300, 301, 404, 503].contains { any.isMet(by: $0) })
    #expect(any.objection(to: .status(301)) == "answered 301, not 200 to 299")
  }

  @Test func `a status that is named is the only one`() {
    let moved = HTTPExpectation(status: 301)
    #expect(moved.isMet(by: 301) && !moved.isMet(by: 200))
    #expect(moved.objection(to: .status(301)) == nil)
    #expect(moved.objection(to: .status(200)) == "answered 200, not 301")
    #expect(moved.objection(to: .failed(.refused)) == "connection refused")
  }
}
