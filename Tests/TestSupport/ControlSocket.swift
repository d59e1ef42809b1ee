import Glibc

/// A bare connection to a Unix socket.
package final class ControlSocket {
  private let descriptor: Int32

  package init(_ path: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    try withUnixAddress(path, "connect") { [descriptor] in connect(descriptor, $0, $1) }
  }

  deinit { close(descriptor) }

  package func send(_ bytes: [UInt8]) {
    _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }

  /// A line, or what there was before the end; nil where nothing comes in time.
  package func readLine(within time: Duration = .seconds(20)) -> String? {
    var line: [UInt8] = []
    while Poll.isReadable(descriptor, within: time) {
      var byte: UInt8 = 0
      guard read(descriptor, &byte, 1) == 1, byte != UInt8(ascii: "\n") else {
        return String(decoding: line, as: UTF8.self)
      }
      line.append(byte)
    }
    return nil
  }
}
