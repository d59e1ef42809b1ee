import Glibc
import Synchronization

/// TCP ports that no other test and no connection of this machine uses.
package enum Ports {
  /// Below the range that the system gives to outgoing connections (from 32768).
  private static let next = Mutex(12_000 + Int(getpid()) % 150 * 130)

  /// A port on which nobody listens.
  package static func free() -> Int {
    next.withLock { number in
      repeat { number = number >= 32_000 ? 12_000 : number + 1 } while isTaken(number)
      return number
    }
  }

  /// True where 127.0.0.1 cannot be bound at this port.
  package static func isTaken(_ port: Int) -> Bool {
    Files.exclusively { !isBindable(port) }
  }

  private static func isBindable(_ port: Int) -> Bool {
    let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    defer { close(socket) }
    var yes: Int32 = 1
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }
}
