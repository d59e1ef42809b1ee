/// What names one process for ever on this boot: its PID and when it started, as PIDs are reused.
package struct ProcessIdentity: Hashable, Sendable {
  package var pid: Int32
  /// Clock ticks from boot to the process's start: field 22 of `/proc/PID/stat` (proc(5)).
  package var startTicks: UInt64

  package init(pid: Int32, startTicks: UInt64) {
    self.pid = pid
    self.startTicks = startTicks
  }
}

/// Where PIDs and start times mean something: one boot and one PID namespace.
package struct ProcessWorld: Hashable, Sendable {
  /// `/proc/sys/kernel/random/boot_id`.
  package var bootID: String
  /// The inode of `/proc/self/ns/pid`.
  package var pidNamespace: UInt64

  package init(bootID: String, pidNamespace: UInt64) {
    self.bootID = bootID
    self.pidNamespace = pidNamespace
  }
}
