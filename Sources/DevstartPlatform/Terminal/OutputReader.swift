#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Whoever reads the standard output. Ready when that is nobody any more: the pipe's other end is
/// closed (poll(2), POLLERR; a socket's, POLLHUP). One that reads on, a file and a terminal never
/// are; a lost terminal is a signal.
package final class OutputReader: Waitable {
  private let stream: StandardStream

  /// nil where the stream is a terminal.
  package init?(of stream: StandardStream) {
    guard !stream.isTerminal else { return nil }
    self.stream = stream
  }

  package var number: Int32 { stream.rawValue }
  package var events: Int32 { 0 }

  package var isGone: Bool {
    var entry = pollfd(fd: number, events: 0, revents: 0)
    return poll(&entry, 1, 0) > 0
  }
}
