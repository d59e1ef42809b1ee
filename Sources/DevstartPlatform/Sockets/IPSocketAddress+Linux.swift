#if os(Linux)
import DevstartCore
import Glibc

/// The address of a TCP socket (ip(7), ipv6(7)).
struct IPSocketAddress {
  let address: IPAddress
  let port: UInt16

  var family: Int32 {
    switch address {
    case .version4: AF_INET
    case .version6: AF_INET6
    }
  }

  /// Lends the address to a system call.
  func with<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    switch address {
    case .version4(let number):
      var socketAddress = sockaddr_in()
      socketAddress.sin_family = sa_family_t(AF_INET)
      socketAddress.sin_port = port.bigEndian
      socketAddress.sin_addr.s_addr = number.bigEndian
      return Self.lend(socketAddress, body)
    case .version6(let first, let last):
      var socketAddress = sockaddr_in6()
      socketAddress.sin6_family = sa_family_t(AF_INET6)
      socketAddress.sin6_port = port.bigEndian
      withUnsafeMutableBytes(of: &socketAddress.sin6_addr) { bytes in
        bytes.storeBytes(of: first.bigEndian, as: UInt64.self)
        bytes.storeBytes(of: last.bigEndian, toByteOffset: 8, as: UInt64.self)
      }
      return Self.lend(socketAddress, body)
    }
  }

  private static func lend<Address, Result>(
    _ address: Address, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    withUnsafePointer(to: address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<Address>.size))
      }
    }
  }
}
#endif
