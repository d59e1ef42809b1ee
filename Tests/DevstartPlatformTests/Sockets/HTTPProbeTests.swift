import DevstartCore
import DevstartPlatform
import Glibc
import TestSupport
import Testing

@Suite struct HTTPProbeTests {
  private func probe(_ port: UInt16, host: String = "127.0.0.1") throws -> HTTPProbe {
    let address = try HTTPAddress("http://\(host):\(port)/health")
    return try #require(try HTTPProbe(address, at: address.host.addresses))
  }

  /// Attends to the probe whenever something is there; nil once it waits for the server.
  private func progress(_ probe: HTTPProbe) throws -> HTTPProbeResult? {
    var poll = PollSet<Int>()
    poll.add(probe.descriptor, 1, forWriting: probe.wantsWriting)
    while true {
      let moment = probe.wantsWriting ? Clock.now() + .seconds(10) : Clock.now()
      guard try !poll.wait(until: moment).sources.isEmpty else { return nil }
      if let result = probe.advance() { return result }
      poll.change(probe.descriptor, forWriting: probe.wantsWriting)
    }
  }

  /// Attends until the end.
  private func result(_ probe: HTTPProbe) throws -> HTTPProbeResult? {
    var poll = PollSet<Int>()
    poll.add(probe.descriptor, 1)
    while true {
      poll.change(probe.descriptor, forWriting: probe.wantsWriting)
      guard try !poll.wait(until: Clock.now() + .seconds(10)).sources.isEmpty else { return nil }
      if let result = probe.advance() { return result }
    }
  }

  /// A probe whose request has arrived.
  private func asked(_ server: TestServer, host: String = "127.0.0.1") throws -> HTTPProbe {
    let probe = try probe(server.port, host: host)
    #expect(probe.wantsWriting && probe.standstill == .notConnected)
    #expect(try progress(probe) == nil)
    try server.accept()
    let request = try server.readRequest()
    #expect(request.hasPrefix("GET /health HTTP/1.1\r\nHost: \(host):\(server.port)\r\n"))
    #expect(request.contains("\r\nUser-Agent: devstart/\(programVersion)\r\n"))
    #expect(!probe.wantsWriting && probe.standstill == .noAnswer)
    return probe
  }

  @Test(arguments: [("200 OK", 200), ("301 Moved\r\nLocation: /x", 301), ("503 x", 503)])
  func `an answer's status is told, a redirect's as it is`(line: String, status: Int) throws {
    let server = try TestServer()
    let probe = try asked(server)
    try server.send("HTTP/1.1 \(line)\r\nConnection: close\r\n\r\nbody")
    #expect(try result(probe) == .status(status))
  }

  @Test func `an interim answer is passed over`() throws {
    let server = try TestServer()
    let probe = try asked(server)
    try server.send("HTTP/1.1 100 Continue\r\n\r\n")
    #expect(try progress(probe) == nil)
    try server.send("HTTP/1.0 204 No Content\r\n\r\n")
    #expect(try result(probe) == .status(204))
  }

  @Test func `a head may come a byte at a time`() throws {
    let server = try TestServer()
    let probe = try asked(server)
    let head = "HTTP/1.1 200 OK\r\nServer: slow\r\n\r\n"
    for byte in head.dropLast() {
      try server.send(String(byte))
      #expect(try progress(probe) == nil)
    }
    #expect(probe.standstill == .unfinishedAnswer)
    try server.send("\n")
    #expect(try result(probe) == .status(200))
  }

  @Test func `garbage, a huge head and an early end are told apart`() throws {
    let server = try TestServer()
    var probe = try asked(server)
    try server.send("220 mail.example.org ESMTP\r\n")
    #expect(try result(probe) == .failed(.noHTTP("220 mail.example.org ESMTP")))
    probe = try asked(server)
    try server.send("HTTP/1.1 200 OK\r\nX: " + String(repeating: "x", count: 20_000))
    #expect(try result(probe) == .failed(.headTooLong))
    probe = try asked(server)
    server.hangUp()
    #expect(try result(probe) == .failed(.closedEarly))
    probe = try asked(server)
    try server.send("HTTP/1.1 200 OK\r\n")
    server.hangUp()
    #expect(try result(probe) == .failed(.closedEarly))
  }

  @Test func `a reset before the request is read ends in a word, not in a signal`() throws {
    let server = try TestServer()
    let probe = try probe(server.port)
    try server.accept()
    server.reset()
    #expect(try result(probe) == .failed(.closedEarly))
  }

  @Test func `an answer that comes before the request counts`() throws {
    let server = try TestServer()
    let probe = try probe(server.port)
    try server.accept()
    try server.send("HTTP/1.1 503 Busy\r\n\r\n")
    #expect(try result(probe) == .status(503))
  }

  @Test func `where nobody listens the connection is refused`() throws {
    let server = try TestServer(listens: false)
    let port = server.port
    #expect(try result(probe(port)) == .failed(.refused))
    #expect(try result(probe(port, host: "localhost")) == .failed(.refused))
    #expect(try result(probe(port, host: "[::1]")) == .failed(.refused))
  }

  @Test func `localhost reaches a server on IPv6 alone, through one descriptor`() throws {
    let server = try TestServer(version6: true)
    for host in ["[::1]", "localhost"] {
      let probe = try probe(server.port, host: host)
      let descriptor = probe.descriptor
      #expect(try progress(probe) == nil)
      try server.accept()
      _ = try server.readRequest()
      try server.send("HTTP/1.1 200 OK\r\n\r\n")
      #expect(try result(probe) == .status(200))
      #expect(probe.descriptor == descriptor)
      #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
      server.hangUp()
    }
  }

  @Test func `a server that takes nothing never blocks the probe`() throws {
    let server = try TestServer()
    let probe = try asked(server)
    #expect(probe.advance() == nil && probe.advance() == nil)
    _ = server
  }

  @Test func `without an address nobody is asked`() throws {
    #expect(try HTTPProbe(HTTPAddress("http://localhost"), at: []) == nil)
  }
}

@Suite struct ListenerAddressTests {
  private let both = [IPAddress.loopback4, .loopback6]

  private func addresses(_ port: UInt16, _ pids: [Int32] = [getpid()]) throws -> [IPAddress] {
    try ListenerTable.addresses(both, port: port, heldBy: pids)
  }

  @Test func `a probe is sent only where a member listens`() throws {
    let four = try TestServer()
    #expect(try addresses(four.port) == [.loopback4])
    let six = try TestServer(version6: true)
    #expect(try addresses(six.port) == [.loopback6])
    let stranger = try ChildProcess(["/bin/sleep", "60"])
    #expect(try addresses(four.port, [stranger.pid]).isEmpty)
    #expect(try addresses(four.port, []).isEmpty)
    #expect(try addresses(four.port, [-1, .max]).isEmpty)
    _ = (four, six)
  }

  @Test func `who listens everywhere is reached at every address of its kind`() throws {
    let all4 = try TestServer(any: true)
    #expect(try addresses(all4.port) == [.loopback4])
    let all6 = try TestServer(version6: true, any: true)
    #expect(try addresses(all6.port) == [.loopback6])
    let all = try TestServer(version6: true, only6: false, any: true)
    #expect(try addresses(all.port) == both)
    #expect(
      try ListenerTable.addresses([.version4(0x0a00_0001)], port: all.port, heldBy: [getpid()])
        .count == 1)
    _ = (all4, all6, all)
  }

  @Test func `a stranger at the address itself comes before a member that listens everywhere`()
    throws
  {
    let member = try TestServer(version6: true, any: true)
    let stranger = try ChildProcess([Build.fixture, "listen", String(member.port), "sleep"])
    try eventually("the stranger listens") {
      try ListenerTable.holders(ofPorts: [member.port]).contains {
        $0.process?.identity.pid == stranger.pid
      }
    }
    #expect(try addresses(member.port) == [.loopback6])
    #expect(try addresses(member.port, [stranger.pid]) == [.loopback4])
    #expect(try addresses(member.port, [stranger.pid, getpid()]) == both)
    _ = member
  }
}
