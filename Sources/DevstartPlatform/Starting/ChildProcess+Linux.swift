#if os(Linux)
import CDevstart
package import DevstartCore
import Glibc

/// A program that runs beside this one, on the same terminal: the command of `smoke`. It is
/// readable once it has ended (pidfd_open(2)).
package final class ChildProcess: Waitable {
  private let pid: Int32
  private let handle: OwnedDescriptor

  package var number: Int32 { handle.number }

  /// Looks the program up in `PATH`, as execvp(3) does. With `mergesOutput` what it writes to
  /// standard output goes to standard error.
  package init(
    arguments: [String], environment: [String], mergesOutput: Bool
  ) throws(SystemError) {
    let pid = try systemCall("start", arguments.first ?? "") {
      withCStrings(arguments) { arguments in
        withCStrings(environment) { cd_spawn_foreground(arguments, $0, mergesOutput ? 1 : 0) }
      }
    }
    self.pid = pid
    handle = OwnedDescriptor(owning: try systemCall("pidfd_open") { cd_pidfd_open(pid) })
  }

  /// Sends it a signal; it has not been waited for, so the handle is it.
  package func send(_ signal: Signal) {
    _ = cd_pidfd_send_signal(handle.number, signal.number, 0)
  }

  /// How it ended, as a shell would say it: its exit code, or 128 and the signal's number.
  package func shellStatus() throws(SystemError) -> Int32 {
    var (code, signal): (Int32, Int32) = (0, 0)
    try systemCall("waitpid") { cd_wait_for(pid, &code, &signal) }
    return signal == 0 ? code : 128 + signal
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
