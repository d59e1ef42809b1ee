import DevstartCore
import Glibc
import TestSupport
import Testing

@testable import DevstartPlatform

@Suite struct NotifyClientTests {
  private let socket: NotifySocket

  init() throws { socket = try NotifySocket(name: NotifySocket.newName(launch: "client")) }

  private static func failure(
    at address: String, within limit: Duration = .zero
  ) -> NotifyClient.Failure? {
    do {
      try NotifyClient.connect(to: address).tell(NotifyMessage([.ready]), within: limit)
      return nil
    } catch {
      return error
    }
  }

  /// Says more than `net.unix.max_dgram_qlen` takes on any usual machine.
  private func fillQueue() {
    for _ in 0..<700 { #expect(Self.failure(at: socket.name) == .silent(.zero)) }
  }

  @Test func `what is told is read before the telling ends`() throws {
    let name = socket.name
    let client = OtherThread { Self.failure(at: name, within: .seconds(10)) }
    let arrivals = try NotifySocketTests.arrivals(2, on: socket)
    #expect(arrivals.map(\.message.assignments) == [[.ready], [.barrier]])
    #expect(!client.hasEnded(within: .milliseconds(50)))
    try #require(arrivals[1].barrier).release()
    #expect(try client.value() == nil)
  }

  @Test(arguments: ["@devstart/nobody", "/nowhere/notify", "/tmp"])
  func `where nobody listens nobody is told`(address: String) {
    #expect(Self.failure(at: address) == .nobody)
  }

  @Test(arguments: ["", "@", "notify", "vsock:2:1", "/" + String(repeating: "x", count: 200)])
  func `what is no address is named as such`(address: String) {
    #expect(Self.failure(at: address) == .notAnAddress)
  }

  @Test func `one who does not read is waited for, and not for ever`() {
    let limit = Duration.milliseconds(20)
    fillQueue()
    let began = Clock.now()
    #expect(Self.failure(at: socket.name, within: limit) == .silent(limit))
    #expect(Clock.now() - began >= limit)
    #expect(socket.arrivals(atMost: 10_000).first?.message.assignments == [.ready])
  }

  @Test func `room in a full queue is used as soon as it is there`() throws {
    fillQueue()
    let name = socket.name
    let client = OtherThread { Self.failure(at: name, within: .seconds(10)) }
    var last: [NotifyMessage.Assignment] = []
    while Poll.isReadable(socket.descriptor, within: .milliseconds(200)) {
      for arrival in socket.arrivals() { last = arrival.message.assignments }
    }
    #expect(last == [.barrier])
    #expect(try client.value() == nil)
  }
}
