#if os(Linux)
import CDevstart
package import DevstartCore
import Glibc

/// A program that runs beside this one, on the same terminal: the command of `smoke`. Something is
/// to be read when a child has ended: this one, or another, as PID 1 inherits every orphan.
package final class ChildProcess: Waitable {
  private let pid: Int32
  /// Of SIGCHLD (signalfd(2)).
  private let ends: OwnedDescriptor
  /// How it ended, as a shell would say it: its exit code, or 128 and the signal's number; nil
  /// while it runs.
  package private(set) var shellStatus: Int32?

  package var number: Int32 { ends.number }

  /// Runs what execvp(3) finds, with this process's environment, to the byte. With `mergesOutput`
  /// what it writes to standard output goes to standard error.
  package init(arguments: [String], mergesOutput: Bool) throws(SystemError) {
    // Whoever ignores it, as its parent may have, is not told how its children ended.
    signal(SIGCHLD, SIG_DFL)
    ends = OwnedDescriptor(
      owning: try systemCall("signalfd") { cd_signals_open([SIGCHLD], 1) })
    pid = try systemCall("start", arguments.first ?? "") {
      withCStrings(arguments) { cd_spawn_foreground($0, mergesOutput ? 1 : 0) }
    }
  }

  /// Sends it a signal. Until it was reaped, which is done here alone, its PID is nobody else's.
  package func send(_ signal: Signal) {
    if shellStatus == nil { kill(pid, signal.number) }
  }

  /// Reaps every child that has ended; true once this one has.
  package func hasEnded() -> Bool {
    while cd_signals_next(ends.number) != 0 {}
    while shellStatus == nil {
      var (value, isSignal) = (Int32(0), Int32(0))
      let ended = cd_reap_any(&value, &isSignal)
      guard ended > 0 else { break }
      if ended == pid { shellStatus = isSignal == 0 ? value : 128 + value }
    }
    return shellStatus != nil
  }
}

/// Lends strings as the zero-terminated array of C strings that exec takes.
func withCStrings<Result>(
  _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
  var pointers = strings.map { strdup($0) }
  pointers.append(nil)
  defer { for pointer in pointers { free(pointer) } }
  return body(&pointers)
}
#endif
