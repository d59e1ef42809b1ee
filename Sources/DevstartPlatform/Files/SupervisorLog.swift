#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

import DevstartCore

/// What the supervisor did and why, a line each, on its standard error: the supervisor's log,
/// unless it was started by hand.
package final class SupervisorLog {
  /// A log that has grown past this begins anew.
  private static let largestSize = 1 << 20
  /// Lines of this turn of the loop.
  private var pending: [UInt8] = []

  package init() {
    var information = stat()
    if fstat(STDERR_FILENO, &information) == 0, information.st_mode & S_IFMT == S_IFREG,
      information.st_size > Self.largestSize
    {
      ftruncate(STDERR_FILENO, 0)
    }
  }

  deinit { flush() }

  /// Keeps a line, with the time before it, for the next `flush`.
  package func write(_ text: String) {
    pending.append(contentsOf: Timestamp.text(Clock.milliseconds()).utf8)
    pending.append(UInt8(ascii: " "))
    pending.append(contentsOf: text.utf8)
    pending.append(UInt8(ascii: "\n"))
  }

  /// Writes what was kept: before the loop sleeps, and before another program takes its place.
  package func flush() {
    guard !pending.isEmpty else { return }
    _ = StandardStream.error.put(pending)
    pending.removeAll(keepingCapacity: pending.count < 4096)
  }

  /// Goes on in the control folder's log, after that folder was deleted.
  package func reopen(in files: LaunchFiles) {
    flush()
    guard isatty(STDERR_FILENO) == 0 else { return }
    do {
      let log = try files.control.openLog()
      dup2(log.number, STDERR_FILENO)
      dup2(log.number, STDOUT_FILENO)
    } catch {
      write("cannot open its log anew: \(error)")
    }
  }
}
