import CDevstart
import Glibc

/// A service manager's socket, as another than devstart has it: under a path or an abstract name.
package final class NotifyReceiver {
  /// One datagram; a descriptor that came with it is open until this is gone.
  package final class Datagram {
    package let text: String
    package let pid: Int32
    /// The sender had not ended when the datagram was read.
    package let senderWasAlive: Bool
    private let descriptor: Int32

    package var hasDescriptor: Bool { descriptor >= 0 }

    fileprivate init(_ text: String, _ notice: cd_notice) {
      self.text = text
      pid = notice.pid
      descriptor = notice.descriptor
      senderWasAlive = notice.pidfd >= 0 && !Poll.isReadable(notice.pidfd, within: .zero)
      if notice.pidfd >= 0 { close(notice.pidfd) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }
  }

  /// As `NOTIFY_SOCKET` has it.
  package let address: String
  private let descriptor: Int32

  package init(_ address: String) throws {
    self.address = address
    descriptor = cd_notify_socket()
    var place = sockaddr_un()
    place.sun_family = sa_family_t(AF_UNIX)
    var bytes = Array(address.utf8)
    if bytes.first == UInt8(ascii: "@") { bytes[0] = 0 }
    withUnsafeMutableBytes(of: &place.sun_path) { $0.copyBytes(from: bytes) }
    let head = MemoryLayout.offset(of: \sockaddr_un.sun_path) ?? 2
    let code = withUnsafePointer(to: &place) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(head + bytes.count))
      }
    }
    guard code == 0 else { throw TimedOut(description: "cannot bind \(address): \(errno)") }
  }

  deinit { close(descriptor) }

  /// The next datagram; throws where none comes.
  package func next(within time: Duration = .seconds(20)) throws -> Datagram {
    var bytes = [UInt8](repeating: 0, count: 65_536)
    var notice = cd_notice()
    guard Poll.isReadable(descriptor, within: time) else {
      throw TimedOut(description: "nothing arrives at \(address)")
    }
    let count = cd_notify_receive(descriptor, &bytes, bytes.count, &notice)
    return Datagram(String(decoding: bytes.prefix(max(0, count)), as: UTF8.self), notice)
  }
}
