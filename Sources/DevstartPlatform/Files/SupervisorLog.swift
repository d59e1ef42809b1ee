#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

import DevstartCore

/// What the supervisor did and why, a line each, on its standard error: the supervisor's log,
/// unless it was started by hand.
package struct SupervisorLog: Sendable {
  /// A log that has grown past this begins anew.
  private static let largestSize = 1 << 20

  package init() {
    var information = stat()
    if fstat(STDERR_FILENO, &information) == 0, information.st_mode & S_IFMT == S_IFREG,
      information.st_size > Self.largestSize
    {
      ftruncate(STDERR_FILENO, 0)
    }
  }

  /// Writes a line with the time before it.
  package func write(_ text: String) {
    let line = Array("\(Timestamp.text(Clock.milliseconds())) \(text)\n".utf8)
    StandardStream.error.put(line)
  }

  /// Goes on in the control folder's log, after that folder was deleted.
  package func reopen(in files: LaunchFiles) {
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
