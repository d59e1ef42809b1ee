import DevstartCore
import DevstartPlatform
import Glibc
import TestSupport
import Testing

@Suite struct ListenerTableTests {
  private let version4 = """
      sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
       0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 12345 1 0 100
       1: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 222 1
       2: 3500007F:0035 00000000:0000 0A 00000000:00000000 00:00000000 00000000   101        0 333 1
       3: 0100007F:1F91 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1000        0 444 1

    """
  private let version6 = """
       0: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 1 1
       1: 00000000000000000000000001000000:0051 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 2 1
       2: 0000000000000000FFFF00000100007F:0052 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 3 1
       3: 000080FE00000000FFEE00000100007F:0053 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 4 1
    """

  private func parse(_ text: String) -> [Listener] { Listener.parse(Array(text.utf8).span) }

  @Test func `listeners are read from IPv4's list`() {
    let found = parse(version4)
    #expect(found.map(\.port) == [8080, 22, 53])
    #expect(found.map(\.address) == [.loopback, .any, .other])
    #expect(found.map(\.inode) == [12345, 222, 333])
    #expect(found.map(\.user) == [1000, 0, 101])
    #expect(found.map(\.isReachableLocally) == [true, true, false])
  }

  @Test func `listeners are read from IPv6's list`() {
    #expect(parse(version6).map(\.address) == [.any, .loopback, .loopback, .other])
    #expect(parse(version6).map(\.port) == [80, 81, 82, 83])
  }

  @Test func `the parser survives whatever it is given`() {
    let whole = Array((version4 + version6).utf8)
    let tally = Fuzzing.run(seed: 4, input: { whole.mutated(by: &$0, bait: " \n:0AF") }) { bytes in
      let found = Listener.parse(bytes.span)
      return found.count < 7 ? nil : found
    }
    #expect(tally.isMixed)
  }

  /// A socket that listens on 127.0.0.1, or on another of the machine's own addresses.
  private struct Socket: ~Copyable {
    let descriptor: OwnedDescriptor
    let port: UInt16

    static func listening(lastByte: UInt32 = 1) throws -> Socket {
      let descriptor = OwnedDescriptor(
        owning: try systemCall("socket") {
          socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        })
      let number = descriptor.number
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = (0x7f00_0000 + lastByte).bigEndian
      var length = socklen_t(MemoryLayout<sockaddr_in>.size)
      try withUnsafeMutablePointer(to: &address) { pointer in
        try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { general in
          try systemCall("bind") { bind(number, general, length) }
          try systemCall("getsockname") { getsockname(number, general, &length) }
        }
      }
      try systemCall("listen") { listen(number, 5) }
      return Socket(descriptor: descriptor, port: UInt16(bigEndian: address.sin_port))
    }
  }

  @Test func `only a member's listener counts`() throws {
    let socket = try Socket.listening()
    let port = socket.port
    let stranger = try ChildProcess(["/bin/sleep", "60"])
    #expect(try ListenerTable.isListening(port: port, amongMembers: [stranger.pid, getpid()]))
    #expect(try !ListenerTable.isListening(port: port, amongMembers: [stranger.pid]))
    #expect(try !ListenerTable.isListening(port: port, amongMembers: []))
    #expect(try !ListenerTable.isListening(port: port, amongMembers: [-1, .max]))
    _ = consume socket
  }

  @Test func `a zombie member is passed over`() throws {
    let zombie = try ChildProcess(["/bin/sleep", "0"])
    zombie.awaitEnd()
    #expect(try !ListenerTable.isListening(port: 1, amongMembers: [zombie.pid]))
  }

  @Test func `a listener that localhost does not reach does not count`() throws {
    let socket = try Socket.listening(lastByte: 2)
    let port = socket.port
    #expect(try !ListenerTable.isListening(port: port, amongMembers: [getpid()]))
    #expect(try ListenerTable.holders(ofPorts: [port]).count == 1)
    _ = consume socket
  }

  @Test func `a port's holder is named`() throws {
    let socket = try Socket.listening()
    let port = socket.port
    let holders = try ListenerTable.holders(ofPorts: [port])
    #expect(holders.map { $0.process?.identity.pid } == [getpid()])
    #expect(holders.first?.listener.user == geteuid())
    _ = consume socket
    // A child that another test is just making has it too, until it is executed.
    try eventually("nobody holds it") { try ListenerTable.holders(ofPorts: [port]).isEmpty }
  }
}
