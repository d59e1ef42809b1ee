#if os(Linux)
import Glibc

/// The address of a Unix socket (unix(7)).
struct UnixAddress {
  private var address = sockaddr_un()
  private let length: socklen_t

  /// nil where the path is too long: 107 bytes are the most.
  static func path(_ path: String) -> UnixAddress? {
    let bytes = Array(path.utf8)
    guard !bytes.isEmpty, bytes.count < room else { return nil }
    return UnixAddress(bytes: bytes, length: MemoryLayout<sockaddr_un>.size)
  }

  /// An abstract address as people and environments write it, `@name`: no file, and gone with its
  /// socket. nil where it is no such text or longer than 108 bytes.
  static func abstract(_ text: String) -> UnixAddress? {
    var bytes = Array(text.utf8)
    guard bytes.first == UInt8(ascii: "@"), bytes.count > 1, bytes.count <= room else { return nil }
    bytes[0] = 0
    // Every byte of the length is part of the name, zeros too.
    let head = MemoryLayout<sockaddr_un>.size - room
    return UnixAddress(bytes: bytes, length: head + bytes.count)
  }

  private static let room = MemoryLayout.size(ofValue: sockaddr_un().sun_path)

  private init(bytes: [UInt8], length: Int) {
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    self.length = socklen_t(length)
  }

  /// Lends the address to a system call.
  func with<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    withUnsafePointer(to: address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
    }
  }
}
#endif
