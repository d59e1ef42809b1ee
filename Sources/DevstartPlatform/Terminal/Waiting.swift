package import DevstartCore

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What a command can wait for beside others: a connection, signals, a child, a folder.
package protocol Waitable: AnyObject {
  /// Readable when there is something to take.
  var number: Int32 { get }
  /// What of it is waited for (poll(2)); POLLERR and POLLHUP always are.
  var events: Int32 { get }
}

extension Waitable {
  package var events: Int32 { Int32(POLLIN) }
}

/// The commands' wait (poll(2)).
package enum Waiting {
  /// Waits until one of these has something, or the moment has come; true for each that has.
  package static func wait(
    for sources: [any Waitable], until deadline: Instant?
  ) throws(SystemError) -> [Bool] {
    var entries = sources.map { pollfd(fd: $0.number, events: Int16($0.events), revents: 0) }
    while true {
      let count = poll(&entries, nfds_t(entries.count), milliseconds(until: deadline))
      if count >= 0 { return entries.map { $0.revents != 0 } }
      // A stopped and continued process is no reason to wait longer than until the deadline.
      if errno != EINTR { throw SystemError(call: "poll", operand: "", code: errno) }
    }
  }

  /// Rounded up, so that the moment has come when the wait is over.
  private static func milliseconds(until deadline: Instant?) -> Int32 {
    guard let deadline else { return -1 }
    let left = (deadline - Clock.now()).nanoseconds
    return Int32(clamping: max(0, (left + 999_999) / 1_000_000))
  }
}
