#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Whoever reads the standard output. Ready when that is nobody any more: the pipe's other end is
/// closed (poll(2), POLLERR; a socket's, POLLHUP), the terminal is lost (POLLHUP, of which not
/// everybody there gets a signal). One that reads on, and a file, never are.
package final class OutputReader: Waitable {
  private let stream: StandardStream

  package init(of stream: StandardStream) { self.stream = stream }

  package var isTerminal: Bool { stream.isTerminal }

  package var number: Int32 { stream.rawValue }
  package var events: Int32 { 0 }

  package var isGone: Bool {
    var entry = pollfd(fd: number, events: 0, revents: 0)
    return poll(&entry, 1, 0) > 0
  }
}
