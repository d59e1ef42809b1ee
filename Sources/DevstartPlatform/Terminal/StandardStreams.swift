import CDevstart

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The process's own output and error streams.
package enum StandardStream: Int32, Sendable {
  case output = 1
  case error = 2

  package var isTerminal: Bool { isatty(rawValue) == 1 }

  /// Columns and rows; nil where it is no terminal, or one that does not tell.
  package var size: (columns: Int, rows: Int)? {
    var size = winsize()
    guard ioctl(rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
      return nil
    }
    return (Int(size.ws_col), Int(size.ws_row))
  }

  /// Why not everything was written.
  package enum Loss: Equatable, Sendable {
    /// There is nobody left to tell: a pipe whose other end is closed.
    case readerGone
    case failed(SystemError)
  }

  /// Writes all of it, in one call where the stream takes it; nil where that went well.
  package func put(_ bytes: [UInt8]) -> Loss? {
    var start = 0
    while start < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        write(rawValue, buffer.baseAddress?.advanced(by: start), bytes.count - start)
      }
      if count > 0 {
        start += count
      } else if errno == EAGAIN {
        var entry = pollfd(fd: rawValue, events: Int16(POLLOUT), revents: 0)
        _ = poll(&entry, 1, -1)
      } else if errno != EINTR {
        guard errno != EPIPE else { return .readerGone }
        return .failed(SystemError(call: "write", operand: "the output", code: errno))
      }
    }
    return nil
  }

  /// Makes sure that 0, 1 and 2 are open, before any file is.
  package static func ensureOpen() { cd_fill_standard_descriptors() }
}
