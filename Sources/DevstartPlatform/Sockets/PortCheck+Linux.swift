#if os(Linux)
import Glibc

/// Whether something could listen on a TCP port now.
package enum PortCheck {
  /// False where a socket listens on the port, on any address of either family.
  package static func isFree(_ port: UInt16) -> Bool {
    var four = sockaddr_in()
    four.sin_family = sa_family_t(AF_INET)
    four.sin_port = port.bigEndian
    var six = sockaddr_in6()
    six.sin6_family = sa_family_t(AF_INET6)
    six.sin6_port = port.bigEndian
    return canBind(AF_INET, &four, MemoryLayout<sockaddr_in>.size)
      && canBind(AF_INET6, &six, MemoryLayout<sockaddr_in6>.size)
  }

  /// Only a taken address counts: a machine without IPv6 or a privileged port is no holder.
  private static func canBind(
    _ family: Int32, _ address: UnsafeMutableRawPointer, _ size: Int
  ) -> Bool {
    let number = socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard number >= 0 else { return true }
    let descriptor = OwnedDescriptor(owning: number)
    var one: Int32 = 1
    let length = socklen_t(MemoryLayout<Int32>.size)
    // Without it connections that ended a minute ago would count as a holder (TIME_WAIT, socket(7)).
    setsockopt(descriptor.number, SOL_SOCKET, SO_REUSEADDR, &one, length)
    setsockopt(descriptor.number, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &one, length)
    let result = bind(
      descriptor.number, address.assumingMemoryBound(to: sockaddr.self), socklen_t(size))
    return result == 0 || errno != EADDRINUSE
  }
}
#endif
