#if os(Linux)
import CDevstart
package import DevstartCore
import Glibc

/// A listening TCP socket that never blocks (tcp(7)).
package struct TCPListener: ~Copyable {
  package enum Arrival: ~Copyable {
    /// A connection, and the local address that it was made to.
    case connection(OwnedDescriptor, IPAddress)
    case nothing
    /// It waits and cannot be taken: descriptors or memory are scarce.
    case noRoom
  }

  /// Connections that wait to be accepted.
  private static let backlog: Int32 = 128
  /// An answer is the kernel's at once, so that a slow reader is not the supervisor's concern.
  private static let sendBuffer: Int32 = 256 << 10

  private let socket: OwnedDescriptor

  package var descriptor: Int32 { socket.number }

  /// Listens on one address; an IPv6 one takes no IPv4 connections.
  package init(_ address: IPAddress, port: UInt16) throws(SystemError) {
    socket = try Self.listening(at: IPSocketAddress(address: address, port: port))
  }

  private static func listening(at place: IPSocketAddress) throws(SystemError) -> OwnedDescriptor {
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let shown = "port \(place.port)"
    let socket = OwnedDescriptor(
      owning: try systemCall("socket", shown) { Glibc.socket(place.family, kind, 0) })
    let number = socket.number
    // An earlier supervisor's connections that linger (TIME_WAIT) do not hold the port.
    try set(number, SOL_SOCKET, SO_REUSEADDR, 1)
    try set(number, SOL_SOCKET, SO_SNDBUF, sendBuffer)
    if place.family == AF_INET6 { try set(number, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1) }
    try systemCall("bind", shown) { place.with { bind(number, $0, $1) } }
    try systemCall("listen", shown) { Glibc.listen(number, backlog) }
    return socket
  }

  private static func set(
    _ socket: Int32, _ level: Int32, _ option: Int32, _ value: Int32
  ) throws(SystemError) {
    var value = value
    try systemCall("setsockopt") {
      setsockopt(socket, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }
  }

  /// The next connection.
  package func accept() -> Arrival {
    while true {
      let number = cd_accept(socket.number)
      if number >= 0 {
        let connection = OwnedDescriptor(owning: number)
        guard let address = IPSocketAddress.local(of: number) else { continue }
        return .connection(connection, address)
      }
      switch errno {
      case EAGAIN: return .nothing
      case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .noRoom
      // What fails of one connection is that one's alone (accept(2)).
      case _: continue
      }
    }
  }
}

extension SystemError {
  /// Somebody else listens there.
  package var isAddressTaken: Bool { code == EADDRINUSE }

  /// This machine has no such address, or no such kind of address.
  package var isNoAddressHere: Bool { code == EADDRNOTAVAIL || code == EAFNOSUPPORT }
}

extension IPSocketAddress {
  /// The address at this end of a connected socket (getsockname(2)).
  fileprivate static func local(of socket: Int32) -> IPAddress? {
    var storage = sockaddr_in6()
    var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
    let isKnown = withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        getsockname(socket, $0, &size) == 0
      }
    }
    guard isKnown else { return nil }
    let family = storage.sin6_family
    return withUnsafeBytes(of: &storage) { bytes in
      if family == sa_family_t(AF_INET) {
        // `sin_addr` follows family and port.
        return .version4(UInt32(bigEndian: bytes.load(fromByteOffset: 4, as: UInt32.self)))
      }
      let first = bytes.load(fromByteOffset: 8, as: UInt64.self)
      let last = bytes.load(fromByteOffset: 16, as: UInt64.self)
      return .version6(UInt64(bigEndian: first), UInt64(bigEndian: last))
    }
  }
}
#endif
