import DevstartCore
import TestSupport
import Testing

@Suite struct HTTPRequestReaderTests {
  private func outcome(_ text: String) -> HTTPRequestReader.Outcome? {
    var reader = HTTPRequestReader()
    let whole = reader.take(Array(text.utf8))?.outcome
    var bytewise = HTTPRequestReader()
    var single: HTTPRequestReader.Outcome?
    for byte in text.utf8 where single == nil { single = bytewise.take([byte])?.outcome }
    #expect(whole == single, "in pieces it is the same: \(text)")
    return whole
  }

  private func request(_ text: String) throws -> HTTPRequest {
    guard case .request(let request) = outcome(text) else {
      throw MessageError(key: "\(String(describing: outcome(text)))")
    }
    return request
  }

  @Test func `a request is read`() throws {
    let read = try request(
      "GET /metrics?x=1 HTTP/1.1\r\nhost:  a:1 \r\nAccept: text/plain\r\nX: y\r\naccept:*/*\r\n\r\n"
    )
    #expect(read.method == .get && read.path == "/metrics" && read.host == "a:1")
    #expect(read.accept == "text/plain, */*" && !read.hasContent)
  }

  @Test func `an absolute target stands above Host, and one empty line may come first`() throws {
    let read = try request("\r\nHEAD HTTP://b:2/health HTTP/1.0\r\nHost: a\r\n\r\n")
    #expect(read.method == .head && read.path == "/health" && read.host == "b:2")
    #expect(try request("GET http://b HTTP/1.1\r\nHost: a\r\n\r\n").path == "/")
  }

  @Test(arguments: [
    ("POST", "Content-Length: 0", false), ("PUT", "Content-Length: 1", true),
    ("DELETE", "Transfer-Encoding: chunked", true),
  ])
  func `content is noticed`(method: String, field: String, hasContent: Bool) throws {
    let read = try request("\(method) / HTTP/1.1\r\nHost: a\r\n\(field)\r\n\r\n")
    #expect(read.method == .other && read.hasContent == hasContent)
  }

  @Test(arguments: [
    "GET / HTTP/1.1\n\n", "GET / HTTP/1.1\r\nHost: a\n\r\n", "GET  / HTTP/1.1\r\n",
    "GET /\r\n", "GET / HTTP/1.1 x\r\n", " GET / HTTP/1.1\r\n", "G(T / HTTP/1.1\r\n",
    "GET health HTTP/1.1\r\n", "GET * HTTP/1.1\r\n", "GET http:///x HTTP/1.1\r\n",
    "GET / FTP/1.1\r\n", "GET / HTTP/1\r\n", "GET /\u{E9} HTTP/1.1\r\n", "GET /\t HTTP/1.1\r\n",
    "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost : a\r\n", "GET / HTTP/1.1\r\n: a\r\n",
    "GET / HTTP/1.1\r\nHost\r\n", "GET / HTTP/1.1\r\nHost: a\r\n b\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n", "GET / HTTP/1.1\r\nA: \u{0}\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n", "\r\n\r\n", "\u{16}\u{3}\u{1}",
    "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n", "GET / HTTP/1.1\rX",
  ])
  func `what the grammar does not have is refused`(text: String) {
    #expect(outcome(text) == .refused(.badRequest))
  }

  @Test(arguments: ["HTTP/2.0", "HTTP/1.2", "HTTP/0.9"])
  func `another version is refused`(version: String) {
    #expect(outcome("GET / \(version)\r\n") == .refused(.versionNotSupported))
  }

  @Test func `every bound holds, at the byte`() {
    let line = HTTPRequestReader.longestRequestLine - "GET / HTTP/1.1".utf8.count
    let path = String(repeating: "a", count: line)
    #expect(outcome("GET /\(path) HTTP/1.1\r\n") == nil)
    #expect(outcome("GET /\(path)a HTTP/1.1\r\n") == .refused(.targetTooLong))
    let value = String(repeating: "b", count: HTTPRequestReader.longestValue)
    #expect(outcome("GET / HTTP/1.1\r\nHost:\(value)\r\n") == nil)
    #expect(outcome("GET / HTTP/1.1\r\nHost:\(value)b\r\n") == .refused(.headTooLarge))
    let fields = String(repeating: "A:\r\n", count: HTTPRequestReader.mostFields)
    #expect(outcome("GET / HTTP/1.1\r\n" + fields) == nil)
    #expect(outcome("GET / HTTP/1.1\r\n" + fields + "A:\r\n") == .refused(.headTooLarge))
    let start = "GET / HTTP/1.1\r\nCookie:"
    let rest = HTTPRequestReader.longestHead - start.utf8.count
    #expect(outcome(start + String(repeating: "c", count: rest)) == nil)
    #expect(outcome(start + String(repeating: "c", count: rest + 1)) == .refused(.headTooLarge))
    #expect(
      outcome("GET / HTTP/1.1\r\n" + String(repeating: "N", count: 300) + ": x\r\n") == nil)
  }

  /// Requests with some bytes changed, and bytes that were never one.
  private func nonsense(_ random: inout SeededRandom) -> [UInt8] {
    let model =
      "GET /services/a/health HTTP/1.1\r\nHost: localhost:9090\r\nAccept: text/plain;q=0.5\r\n\r\n"
    if Int.random(in: 0..<8, using: &random) > 0 {
      return Array(model.utf8).mutated(by: &random, bait: "\r\n :/?,;=H1")
    }
    return (0..<Int.random(in: 0..<600, using: &random)).map { _ in
      .random(in: 0...255, using: &random)
    }
  }

  @Test func `nonsense has an outcome or none, in pieces the same, and never more than it may`() {
    var (requests, refusals) = (0, 0)
    Fuzzing.run(
      seed: 71, input: { nonsense(&$0) },
      read: { bytes in
        var reader = HTTPRequestReader()
        return reader.take(bytes)
      },
      holds: { result, bytes in
        let (outcome, taken) = result
        var pieces = HTTPRequestReader()
        let middle = taken / 2
        guard pieces.take(Array(bytes[..<middle])) == nil,
          let rest = pieces.take(Array(bytes[middle...])), rest == (outcome, taken - middle)
        else { return false }
        guard case .request(let request) = outcome else {
          refusals += 1
          return true
        }
        requests += 1
        let door = EndpointDoor(owner: .project, host: "127.0.0.1", address: .loopback4)
        _ = EndpointQuestion(request, at: door)
        return request.path.hasPrefix("/")
          && request.path.utf8.count <= HTTPRequestReader.longestRequestLine
          // A byte that is no UTF-8 becomes three.
          && request.host.utf8.count <= 3 * HTTPRequestReader.longestValue
      })
    #expect(requests > 0 && refusals > 0)
  }
}
