#if os(Linux)
import CDevstart
package import DevstartCore
import Glibc

/// A hold on one process that cannot come to mean another: opened first, identified second.
/// Everything that devstart signals is signalled through one (pidfd_open(2)).
package struct ProcessHandle: ~Copyable {
  /// What asking for a handle comes to.
  package enum Opened: ~Copyable {
    case opened(ProcessHandle)
    /// It has ended; its PID may be another's by now.
    case gone
    /// The system hides it from this user.
    case notPermitted
    case failed(SystemError)
  }

  /// What became of a signal.
  package enum Sent: Equatable, Sendable {
    case sent, alreadyGone, notPermitted
  }

  /// What became of a signal to a process group.
  package enum SentToGroup: Equatable, Sendable {
    case sent, alreadyGone, notPermitted
    /// The kernel cannot (before Linux 6.9): signal each member through its own handle.
    case unsupported
  }

  package let identity: ProcessIdentity
  // nil before Linux 5.3.
  private let pidfd: OwnedDescriptor?
  private let calls: ProcessCalls

  private init(
    _ identity: ProcessIdentity, pidfd: consuming OwnedDescriptor?, _ calls: ProcessCalls
  ) {
    self.identity = identity
    self.pidfd = pidfd
    self.calls = calls
  }

  /// A handle for the process if it still is the one that started then. Its start is compared
  /// after its descriptor is open: what the descriptor holds cannot change any more.
  package static func open(_ identity: ProcessIdentity) -> Opened {
    open(identity, .kernel)
  }

  /// A handle for a child that nobody has reaped: its PID cannot be another's.
  package static func open(child pid: Int32) -> Opened {
    do {
      let number = try systemCall("pidfd_open", String(pid)) { cd_pidfd_open(pid) }
      let pidfd = OwnedDescriptor(owning: number)
      guard let stat = try ProcessCalls.kernel.stat(pid) else { return .gone }
      return .opened(ProcessHandle(stat.identity, pidfd: pidfd, .kernel))
    } catch {
      guard let stat = ProcessTable.stat(of: pid) else { return .gone }
      return open(stat.identity)
    }
  }

  static func open(_ identity: ProcessIdentity, _ calls: ProcessCalls) -> Opened {
    guard identity.pid > 0 else { return .gone }
    var pidfd: OwnedDescriptor?
    do {
      let number = try systemCall("pidfd_open", String(identity.pid)) {
        calls.openPidfd(identity.pid)
      }
      pidfd = OwnedDescriptor(owning: number)
    } catch {
      switch error.code {
      // EINVAL and ENOENT: the PID is a thread's by now, not a process's.
      case ESRCH, EINVAL, ENOENT: return .gone
      // Before Linux 5.3 there is no pidfd: compare start times right before each signal. Old
      // container runtimes answer EPERM to calls that they do not know.
      case ENOSYS, EPERM: pidfd = nil
      default: return .failed(error)
      }
    }
    do {
      guard try stat(of: identity, calls) != nil else { return .gone }
      return .opened(ProcessHandle(identity, pidfd: pidfd, calls))
    } catch {
      return error.meansHidden ? .notPermitted : .failed(error)
    }
  }

  /// nil where the process has ended, or its PID is another's.
  private static func stat(
    of identity: ProcessIdentity, _ calls: ProcessCalls
  ) throws(SystemError) -> ProcessStat? {
    guard let stat = try calls.stat(identity.pid), stat.identity == identity else { return nil }
    return stat
  }

  /// Signals this process alone.
  package func send(_ signal: Signal) -> Sent {
    let result: Int32
    if let descriptor = pidfdNumber {
      result = calls.sendToPidfd(descriptor, signal.number, 0)
    } else {
      do {
        guard try Self.stat(of: identity, calls) != nil else { return .alreadyGone }
      } catch {
        return .notPermitted  // a number that cannot be identified is not signalled
      }
      result = calls.kill(identity.pid, signal.number)
    }
    if result == 0 { return .sent }
    // Beside EPERM, a security module may refuse with a reason of its own.
    return errno == ESRCH ? .alreadyGone : .notPermitted
  }

  /// Signals the process group that this process leads, which the descriptor keeps from being
  /// another's even after its leader's end; never through kill(-n).
  package func sendToGroup(_ signal: Signal) -> SentToGroup {
    guard let descriptor = pidfdNumber else { return .unsupported }
    let processGroup: UInt32 = 1 << 2  // PIDFD_SIGNAL_PROCESS_GROUP, Linux 6.9
    if calls.sendToPidfd(descriptor, signal.number, processGroup) == 0 { return .sent }
    return switch errno {
    case ESRCH: .alreadyGone
    case EINVAL, ENOSYS: .unsupported
    default: .notPermitted
    }
  }

  /// Whether the whole process has ended: its descriptor is readable. A leader in state `Z` is
  /// not dead while its threads live on; a dead process may still wait for its parent to reap it.
  package var isDead: Bool { hasEnded(within: 0) }

  /// Waits for that, so many milliseconds.
  func hasEnded(within milliseconds: Int32) -> Bool {
    guard let descriptor = pidfdNumber else {
      do {
        guard let stat = try Self.stat(of: identity, calls) else { return true }
        return stat.state == UInt8(ascii: "Z") && stat.threads <= 1
      } catch {
        return false
      }
    }
    var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    while true {
      let ready = Glibc.poll(&poll, 1, milliseconds)
      if ready >= 0 { return ready > 0 }
      if errno != EINTR { return false }
    }
  }

  /// For a poll set, where it is readable once the process is dead; -1, which poll(2) passes
  /// over, where the kernel has no such descriptors.
  package var descriptor: Int32 { pidfdNumber ?? -1 }

  private var pidfdNumber: Int32? {
    switch pidfd {
    case .some(let owned): owned.number
    case .none: nil
    }
  }
}
#endif
