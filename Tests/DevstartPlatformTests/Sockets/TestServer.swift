import DevstartCore
import DevstartPlatform
import Glibc
import Testing

/// A TCP server that does what a test says, step by step.
final class TestServer {
  let port: UInt16
  private let listener: OwnedDescriptor
  private var client: Int32 = -1

  /// Listens on a loopback address, or on `any`, at a port of the system's choice; with `listens`
  /// false it only keeps others from it.
  init(
    version6: Bool = false, only6: Bool = true, any: Bool = false, listens: Bool = true
  ) throws {
    let family = version6 ? AF_INET6 : AF_INET
    listener = OwnedDescriptor(
      owning: try systemCall("socket") {
        socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
      })
    let number = listener.number
    var chosen = sockaddr_in6()
    if version6 {
      var only: Int32 = only6 ? 1 : 0
      setsockopt(
        number, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &only, socklen_t(MemoryLayout<Int32>.size))
      var address = sockaddr_in6()
      address.sin6_family = sa_family_t(AF_INET6)
      address.sin6_addr = any ? in6addr_any : in6addr_loopback
      try Self.lend(&address) { general, size in
        try systemCall("bind") { bind(number, general, size) }
      }
    } else {
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = in_addr_t(any ? 0 : 0x7f00_0001).bigEndian
      try Self.lend(&address) { general, size in
        try systemCall("bind") { bind(number, general, size) }
      }
    }
    if listens { try systemCall("listen") { listen(number, 5) } }
    try Self.lend(&chosen) { general, size in
      var size = size
      try systemCall("getsockname") { getsockname(number, general, &size) }
    }
    self.port = UInt16(bigEndian: chosen.sin6_port)  // at the same place in both kinds
  }

  deinit { if client >= 0 { hangUp() } }

  private static func lend<Address>(
    _ address: inout Address, _ body: (UnsafeMutablePointer<sockaddr>, socklen_t) throws -> Void
  ) throws {
    try withUnsafeMutablePointer(to: &address) { pointer in
      try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        try body($0, socklen_t(MemoryLayout<Address>.size))
      }
    }
  }

  /// Takes the next connection.
  func accept() throws {
    let number = listener.number
    client = try systemCall("accept") { Glibc.accept(number, nil, nil) }
    _ = fcntl(client, F_SETFD, FD_CLOEXEC)
  }

  /// Reads until the empty line that ends a request.
  func readRequest() throws -> String {
    var text = ""
    var block = [UInt8](repeating: 0, count: 4096)
    let number = client
    while !text.hasSuffix("\r\n\r\n") {
      let count = try systemCall("recv") { recv(number, &block, block.count, 0) }
      if count == 0 { break }
      text += String(decoding: block[..<count], as: UTF8.self)
    }
    return text
  }

  func send(_ text: String) throws {
    var bytes = Array(text.utf8)[...]
    let number = client
    while !bytes.isEmpty {
      let count = try systemCall("send") {
        bytes.withUnsafeBytes { Glibc.send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      }
      bytes = bytes.dropFirst(count)
    }
  }

  func hangUp() {
    // Not by closing alone: a child that another test is just making may have it too.
    shutdown(client, Int32(SHUT_RDWR))
    close(client)
    client = -1
  }

  /// Ends the connection with a reset: what was not read is lost.
  func reset() {
    var linger = linger(l_onoff: 1, l_linger: 0)
    setsockopt(client, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
    close(client)
    client = -1
  }
}
