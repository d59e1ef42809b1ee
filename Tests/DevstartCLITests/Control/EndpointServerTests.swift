import DevstartControl
import DevstartCore
import DevstartPlatform
import TestSupport
import Testing

/// The bounds of the endpoints' server, without a supervisor: the test is its loop and its clock.
@Suite struct EndpointServerTests {
  private let server = EndpointServer()
  private let port: Int
  private let now = Clock.now()
  /// More than any kernel takes at once.
  private let large = HTTPResponse(
    .ok, contentType: "text/plain", body: [UInt8](repeating: 0x61, count: 16 << 20))

  init() throws {
    port = Ports.free()
    try server.open(HealthEndpoint(port: UInt16(port)), of: .project)
  }

  /// Takes what is there, as often as there are readers and writers now.
  private func attend() {
    for descriptor in server.readers + server.writers {
      _ = server.attend(to: descriptor, at: now) { _, _ in large }
    }
  }

  /// A client whose words have arrived: one look of the server's finds them.
  private func client(_ text: String) throws -> HTTPClient {
    let client = try HTTPClient(port: port)
    client.send(text)
    eventually("it has arrived") { client.hasArrived }
    return client
  }

  private let request = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"

  @Test func `idle it waits for connections and for no time`() throws {
    #expect(server.readers.count == 1 && server.writers.isEmpty && server.deadline == nil)
    #expect(server.owner(ofPort: UInt16(port)) == .project && server.owner(ofPort: 1) == nil)
    server.close(.project)
    #expect(server.readers.isEmpty)
    // A program that another test is starting has the listener until it is executed.
    eventually("it is served no more") { !HTTPClient.isServed(port) }
  }

  @Test func `an answer that is not read at once is only written to, and arrives whole`() throws {
    let client = try client(request)
    client.endSending()
    attend()
    #expect(server.readers.count == 1 && server.writers.count == 1)
    let reader = OtherThread { try? client.receive().count }
    while !server.writers.isEmpty { attend() }
    let received = try #require(try reader.value())
    #expect(received > large.body.count && server.deadline == nil)
  }

  @Test func `two wait for slow readers, not more`() throws {
    let clients = try (0..<5).map { _ in try client(request) }
    for _ in 0..<5 { attend() }
    #expect(server.writers.count == 2 && clients.count == 5)
  }

  @Test func `the oldest of too many connections goes`() throws {
    let clients = try (0..<100).map { _ in try client("GET /") }
    for _ in 0..<100 where server.readers.count <= EndpointServer.mostConnections { attend() }
    for _ in 0..<5 { attend() }
    #expect(server.readers.count == EndpointServer.mostConnections + 1)
    #expect(try clients[0].receive().isEmpty)
    clients[99].send("health HTTP/1.1\r\nHost: localhost\r\n\r\n")
    let reader = OtherThread { try? clients[99].receive().count }
    while !reader.hasEnded(within: .zero) { attend() }
    #expect(try reader.value() ?? 0 > large.body.count)
  }

  @Test func `HEAD is answered by a head alone, also where it is refused or never ends`() throws {
    let whole = try client("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    let wrong = try client("HEAD / HTTP/1.1\r\n: x\r\n")
    let half = try client("HEAD / HTTP/1.1\r\nHost")
    wrong.endSending()
    attend()
    server.endOverdue(at: now + EndpointConnection.time)
    for (client, status) in [(whole, 200), (wrong, 400), (half, 408)] {
      let answer = try HTTPAnswer(try client.receive())
      #expect(answer.status == status && answer.body.isEmpty)
      #expect(Int(answer.fields["content-length"] ?? "") ?? 0 > 0)
    }
  }

  @Test func `a connection that has had its time is told and closed`() throws {
    let half = try client("GET / HT")
    let silent = try HTTPClient(port: port)
    // Nothing tells when a connection that says nothing is there to be accepted.
    eventually("both are accepted") {
      attend()
      return server.readers.count == 3
    }
    #expect(server.deadline == now + EndpointConnection.time)
    server.endOverdue(at: now + EndpointConnection.time + .seconds(-1))
    #expect(server.readers.count == 3)
    server.endOverdue(at: now + EndpointConnection.time)
    #expect(server.readers.count == 1 && server.deadline == nil)
    #expect(try HTTPAnswer(try half.receive()).status == 408)
    #expect(try silent.receive().isEmpty)
  }
}
