#if os(Linux)
import CDevstart
import Glibc

/// The system calls that a handle is made of. Tests give it others, for a world in which processes
/// begin and end between any two of them.
final class ProcessCalls: Sendable {
  let openPidfd: @Sendable (pid_t) -> Int32
  let sendToPidfd: @Sendable (_ pidfd: Int32, _ signal: Int32, _ flags: UInt32) -> Int32
  let kill: @Sendable (pid_t, _ signal: Int32) -> Int32
  /// nil where no process has that PID.
  let stat: @Sendable (pid_t) throws(SystemError) -> ProcessStat?

  /// Those of the kernel.
  static let kernel = ProcessCalls()

  init(
    openPidfd: @escaping @Sendable (pid_t) -> Int32 = { cd_pidfd_open($0) },
    sendToPidfd: @escaping @Sendable (Int32, Int32, UInt32) -> Int32 = {
      cd_pidfd_send_signal($0, $1, $2)
    },
    kill: @escaping @Sendable (pid_t, Int32) -> Int32 = { Glibc.kill($0, $1) },
    stat: @escaping @Sendable (pid_t) throws(SystemError) -> ProcessStat? = ProcessCalls.read
  ) {
    self.openPidfd = openPidfd
    self.sendToPidfd = sendToPidfd
    self.kill = kill
    self.stat = stat
  }

  @Sendable private static func read(_ pid: pid_t) throws(SystemError) -> ProcessStat? {
    var reader = try ProcReader(capacity: 2048)
    return try reader.stat(of: pid)
  }
}
#endif
