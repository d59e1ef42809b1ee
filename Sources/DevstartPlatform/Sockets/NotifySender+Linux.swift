#if os(Linux)
package import DevstartCore
import Glibc

/// Who sent a datagram, by the kernel's word (SCM_CREDENTIALS and SCM_PIDFD, unix(7)).
package struct NotifySender: Equatable, Sendable {
  /// What the sender was when its datagram was read.
  package enum Process: Equatable, Sendable {
    /// It lived: whether it is a member can be seen.
    case alive(ProcessIdentity)
    /// It had ended, reaped or not; its PID may be another's by now.
    case gone(pid: Int32)
    /// It cannot be seen: it is in a PID namespace above or beside this one, or `/proc` hides it.
    case hidden
  }

  package let process: Process
  /// Its real user ID when it sent; `UInt32.max` where the kernel did not say.
  package let user: UInt32

  /// What the kernel tells of the sender's process beside its PID.
  enum Proof: ~Copyable {
    /// A pidfd of it.
    case pidfd(OwnedDescriptor)
    /// There was nothing left to make one of.
    case ended
    /// Before Linux 6.5, or no descriptor was free: the PID is taken for whose it is now.
    case none
  }

  init(pid: Int32, user: UInt32, proof: consuming Proof) {
    self.user = user
    switch consume proof {
    case .ended: process = .gone(pid: pid)
    case _ where pid <= 0: process = .hidden
    case .pidfd(let pidfd): process = Self.process(pid, heldBy: pidfd)
    case .none: process = Self.process(pid)
    }
  }

  /// What was read of the PID was the sender's if the sender is alive after it.
  private static func process(_ pid: Int32, heldBy pidfd: borrowing OwnedDescriptor) -> Process {
    let identity: ProcessIdentity?
    do {
      identity = try stat(of: pid)?.identity
    } catch {
      identity = nil
    }
    if hasEnded(pidfd) { return .gone(pid: pid) }
    return identity.map { .alive($0) } ?? .hidden
  }

  private static func process(_ pid: Int32) -> Process {
    do {
      guard let stat = try stat(of: pid) else { return .gone(pid: pid) }
      let isZombie = stat.state == UInt8(ascii: "Z") && stat.threads <= 1
      return isZombie ? .gone(pid: pid) : .alive(stat.identity)
    } catch {
      return .hidden
    }
  }

  private static func stat(of pid: Int32) throws(SystemError) -> ProcessStat? {
    var reader = try ProcReader(capacity: 2048)
    return try reader.stat(of: pid)
  }

  /// A pidfd is readable once its process is dead (pidfd_open(2)).
  private static func hasEnded(_ pidfd: borrowing OwnedDescriptor) -> Bool {
    var entry = pollfd(fd: pidfd.number, events: Int16(POLLIN), revents: 0)
    while true {
      let count = poll(&entry, 1, 0)
      if count >= 0 { return count > 0 }
      if errno != EINTR { return false }
    }
  }
}
#endif
