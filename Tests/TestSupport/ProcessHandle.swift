import CDevstart
import Glibc

/// A hold on one process, which cannot become another's however long the test runs (pidfd).
package final class ProcessHandle {
  package let process: LinuxProcess
  /// nil where it was gone when its start was read.
  package let startTicks: UInt64?
  private let descriptor: Int32

  package var pid: Int32 { process.pid }

  /// nil where no process has that PID, or where the one that has it began at another time.
  package init?(pid: Int32, startTicks expected: UInt64? = nil) {
    descriptor = cd_pidfd_open(pid)
    process = LinuxProcess(pid: pid)
    startTicks = process.startTicks
    guard descriptor >= 0 else { return nil }
    if let expected, startTicks != expected { return nil }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// True until the last thread has ended; a zombie is dead, whoever has not waited for it.
  package var isAlive: Bool { !hasEnded(within: .zero) }

  /// Waits for the end; false where the time passes first.
  package func hasEnded(within time: Duration = .seconds(20)) -> Bool {
    Poll.isReadable(descriptor, within: time)
  }

  /// Sends a signal; true where there was a process to get it.
  @discardableResult
  package func signal(_ number: Int32) -> Bool {
    cd_pidfd_send_signal(descriptor, number, 0) == 0
  }

  /// KILLs it and waits for its end.
  package func kill() {
    signal(SIGKILL)
    _ = hasEnded()
  }
}

package enum Poll {
  /// Waits until a descriptor has something to read, or an end; false where the time passes.
  package static func isReadable(_ descriptor: Int32, within time: Duration) -> Bool {
    let deadline = ContinuousClock.now + time
    while true {
      let left = max(.zero, deadline - ContinuousClock.now)
      var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let count = poll(&entry, 1, Int32((left / .milliseconds(1)).rounded(.up)))
      if count > 0 { return true }
      if count == 0 || errno != EINTR { return false }
    }
  }
}
