import Glibc

/// Gives a Unix socket's address to bind(2) or connect(2); throws with errno, or where the path is
/// too long for one.
func withUnixAddress(
  _ path: String, _ call: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
) throws {
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  let bytes = Array(path.utf8)
  let hasRoom = withUnsafeMutableBytes(of: &address.sun_path) { place in
    guard bytes.count < place.count else { return false }
    place.copyBytes(from: bytes)
    return true
  }
  guard hasRoom else { throw TimedOut(description: "\(call) \(path): too long") }
  let code = withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
    }
  }
  guard code == 0 else {
    throw TimedOut(description: "\(call) \(path): \(String(cString: strerror(errno)))")
  }
}
