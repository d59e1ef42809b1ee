import Glibc

/// A Unix socket where somebody listens and never takes what is said: a supervisor that hangs.
package final class DeafListener {
  private let descriptor: Int32

  package init(_ path: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    try withUnixAddress(path, "listen") { [descriptor] address, size in
      bind(descriptor, address, size) == 0 ? listen(descriptor, 8) : -1
    }
  }

  deinit { close(descriptor) }
}
