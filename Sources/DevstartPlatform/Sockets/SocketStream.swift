import CDevstart

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A connected socket that never blocks.
package final class SocketStream {
  /// What a read gave.
  package enum Arrival {
    case bytes([UInt8])
    case nothing
    case end
  }

  private let socket: OwnedDescriptor

  package var descriptor: Int32 { socket.number }

  /// The process at the other end, as it was when it connected; 0 where it cannot be told.
  package var peer: Int32 { max(0, cd_peer_process(socket.number)) }

  package init(_ socket: consuming OwnedDescriptor) { self.socket = socket }

  /// What has arrived: at most one block of it, of so many bytes.
  package func receive(atMost size: Int = 65_536) -> Arrival {
    while true {
      var (count, code) = (0, Int32(0))
      // Not a byte more than arrives is touched.
      let block = [UInt8](unsafeUninitializedCapacity: size) { room, filled in
        count = recv(socket.number, room.baseAddress, room.count, Int32(MSG_DONTWAIT))
        code = errno
        filled = max(0, count)
      }
      if count > 0 { return .bytes(block) }
      if count == 0 { return .end }
      switch code {
      case EINTR: continue
      case EAGAIN: return .nothing
      case _: return .end
      }
    }
  }

  /// Says that nothing more will be sent; what the peer sends can still be read.
  package func endSending() { shutdown(socket.number, Int32(SHUT_WR)) }

  /// Takes nothing more from the peer: once what it has sent is read, its end is met.
  package func endReceiving() { shutdown(socket.number, Int32(SHUT_RD)) }

  /// Sends what the peer takes now: how many bytes that were, or nil where the peer is gone.
  package func send(_ bytes: [UInt8]) -> Int? {
    var start = 0
    while start < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        Glibc.send(
          socket.number, buffer.baseAddress?.advanced(by: start), bytes.count - start,
          Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
      }
      if count > 0 {
        start += count
      } else if errno == EAGAIN {
        return start
      } else if errno != EINTR {
        return nil
      }
    }
    return start
  }
}
