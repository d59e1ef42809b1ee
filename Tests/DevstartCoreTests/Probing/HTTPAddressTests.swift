import DevstartCore
import Testing

@Suite struct HTTPAddressTests {
  private func line(_ text: String) throws -> [Substring] {
    let request = String(decoding: try HTTPAddress(text).request(version: "9"), as: UTF8.self)
    return request.split(separator: "\r\n", omittingEmptySubsequences: false)
  }

  @Test func `host, port and target are read`() throws {
    let address = try HTTPAddress("http://127.0.0.1:8000/health?deep=1#top")
    #expect(address.host.addresses == [.loopback4])
    #expect((address.port, address.target) == (8000, "/health?deep=1"))
    #expect(address.hostField == "127.0.0.1:8000")
    let six = try HTTPAddress("http://[::1]:81")
    #expect(six.host.addresses == [.loopback6])
    #expect((six.port, six.target, six.hostField) == (81, "/", "[::1]:81"))
  }

  @Test func `localhost is both loopback addresses, and the port is 80 by default`() throws {
    let address = try HTTPAddress("http://localhost")
    #expect(address.host.addresses == [.loopback4, .loopback6])
    #expect((address.port, address.hostField) == (80, "localhost"))
    #expect(try HTTPAddress("http://LOCALHOST?x").target == "/?x")
  }

  @Test func `the request is one that every server understands`() throws {
    #expect(
      try line("http://localhost:8000/a b") == [
        "GET /a%20b HTTP/1.1", "Host: localhost:8000", "User-Agent: devstart/9", "Accept: */*",
        "Connection: close", "", "",
      ])
  }

  @Test func `nothing in an address can add a line to the request`() throws {
    #expect(
      try line("http://[::1]/ü\r\nX: y\u{7F}")[0] == "GET /%C3%BC%0D%0AX:%20y%7F HTTP/1.1")
    #expect(throws: HTTPAddress.Problem.malformed) { try HTTPAddress("http://::1\r\nX: y/") }
    #expect(throws: HTTPAddress.Problem.malformed) { try HTTPAddress("http://localhost:1\r\n/") }
  }

  @Test(arguments: [
    "", "localhost:80", "http:/localhost", "http://", "http:///x", "http://example.org/",
    "http://1.2.3/", "http://::1/", "http://[::1/", "http://[::1]80/", "http://[127.0.0.1]/",
    "http://[localhost]/", "http://localhost:0/", "http://localhost:/", "http://localhost:65536",
    "http://localhost:+80", "http://localhost:8 0", "http://me@localhost/", "ftp://localhost",
    "http://localhost:80:80",
  ])
  func `what cannot be asked is refused`(text: String) {
    #expect(throws: HTTPAddress.Problem.malformed) { try HTTPAddress(text) }
  }

  @Test func `https is refused in plain words`() {
    #expect(throws: HTTPAddress.Problem.https) { try HTTPAddress("https://localhost") }
    #expect(
      words(#""ready": {"http": "https://localhost:8443/"}"#).contains(
        "services.a.ready.http: https is not supported by probes: name the plain http port"))
    #expect(
      words(#""ready": {"http": "http://example.org"}"#).contains {
        $0.hasSuffix("the host is an address or localhost")
      })
  }
}
