import Glibc

/// A Unix socket where somebody listens and never takes what is said: a supervisor that hangs.
package final class DeafListener {
  private let descriptor: Int32

  package init(_ path: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    let code = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard code == 0, listen(descriptor, 8) == 0 else {
      throw TimedOut(description: "cannot listen at \(path): \(String(cString: strerror(errno)))")
    }
  }

  deinit { close(descriptor) }
}
