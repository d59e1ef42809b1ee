#if os(Linux)
import Glibc

/// The address of a Unix socket (unix(7)).
struct UnixAddress {
  private var address = sockaddr_un()
  private let length: socklen_t

  /// nil where the path is too long: 107 bytes are the most.
  static func path(_ path: String) -> UnixAddress? {
    let bytes = Array(path.utf8)
    guard !bytes.isEmpty, bytes.count < MemoryLayout.size(ofValue: sockaddr_un().sun_path) else {
      return nil
    }
    return UnixAddress(bytes: bytes)
  }

  private init(bytes: [UInt8]) {
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    length = socklen_t(MemoryLayout<sockaddr_un>.size)
  }

  /// Lends the address to a system call.
  func with<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    withUnsafePointer(to: address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
    }
  }
}
#endif
