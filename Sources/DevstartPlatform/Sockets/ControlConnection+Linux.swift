#if os(Linux)
import CDevstart
import DevstartCore
import Glibc

/// A command's end of the control socket.
package final class ControlConnection: Waitable {
  /// Why there is none.
  package enum Failure: Error, Equatable {
    /// No supervisor listens.
    case nobody
    /// Another user's process does: its user ID.
    case foreign(user: UInt32)
    /// One does, and takes none of the many that wait already. The file that names it.
    case notHeard(lock: String)
    case failed(SystemError)

    /// Whether there is one that may be had later.
    package var isDeafness: Bool {
      if case .notHeard = self { true } else { false }
    }
  }

  /// What a read gave.
  package enum Arrival {
    case bytes([UInt8])
    /// Nothing is there now.
    case nothing
    /// The supervisor is gone.
    case end
  }

  private let descriptor: OwnedDescriptor
  /// What the supervisor has not taken yet.
  private var unsent: [UInt8] = []

  package var number: Int32 { descriptor.number }
  package var events: Int32 { Int32(unsent.isEmpty ? POLLIN : POLLIN | POLLOUT) }

  /// Connects to the supervisor of this folder; where too many wait for it, within so many seconds.
  package init(
    to folder: borrowing ControlFolder, withinSeconds seconds: Int = 10
  ) throws(Failure) {
    let path = folder.shortPath(of: ControlFolder.socketName)
    let lock = "\(folder.path)/\(ControlFolder.lockName)"
    do {
      descriptor = try Self.connected(to: path, seconds, lock)
    } catch .nobody {
      guard let other = folder.socketElsewhere() else { throw .nobody }
      // A dead supervisor's word, as a rule: one that lives has the lock.
      do {
        descriptor = try Self.connected(to: other, seconds, lock)
      } catch {
        throw error.isDeafness ? error : .nobody
      }
    } catch {
      throw error
    }
    var user: uid_t = 0
    guard cd_peer_user(descriptor.number, &user) == 0 else {
      throw .failed(SystemError(call: "getsockopt", operand: folder.path, code: errno))
    }
    guard user == getuid() else { throw .foreign(user: user) }
  }

  private static func connected(
    to path: String, _ seconds: Int, _ lock: String
  ) throws(Failure) -> OwnedDescriptor {
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    let number = socket(AF_UNIX, kind, 0)
    guard number >= 0 else {
      throw .failed(SystemError(call: "socket", operand: path, code: errno))
    }
    let descriptor = OwnedDescriptor(owning: number)
    guard let address = UnixAddress.path(path) else {
      throw .failed(SystemError(call: "connect", operand: path, code: ENAMETOOLONG))
    }
    // Else it is waited for ever where as many wait as may (listen(2)); EAGAIN ends that.
    var limit = timeval(tv_sec: seconds, tv_usec: 0)
    setsockopt(
      number, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    do {
      try systemCall("connect", path) { address.with { connect(number, $0, $1) } }
    } catch {
      switch error.code {
      case ENOENT, ECONNREFUSED, ENOTDIR: throw .nobody
      case EAGAIN: throw .notHeard(lock: lock)
      // The call goes on behind an interruption (connect(2)); a local one has ended by then.
      case EISCONN: break
      case _: throw .failed(error)
      }
    }
    return descriptor
  }

  /// Sends what the supervisor takes now, and the rest when `receive` finds that it takes more: who
  /// waits for that hears signals. To one that is gone nothing is sent.
  package func send(_ bytes: [UInt8]) {
    unsent += bytes
    flush()
  }

  private func flush() {
    var start = 0
    while start < unsent.count {
      let count = unsent.withUnsafeBytes { buffer in
        Glibc.send(
          number, buffer.baseAddress?.advanced(by: start), unsent.count - start,
          Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
      }
      if count > 0 {
        start += count
      } else if errno == EAGAIN {
        break
      } else if errno != EINTR {
        start = unsent.count
      }
    }
    unsent.removeFirst(start)
  }

  /// Says that nothing more will be asked.
  package func endSending() { shutdown(number, Int32(SHUT_WR)) }

  /// Ends the conversation, and waits until the supervisor has ended it too, or that long.
  package func leave(within limit: Duration) {
    endSending()
    let end = Clock.now() + limit
    do {
      while try Waiting.wait(for: [self], until: end)[0] {
        if case .end = receive() { return }
      }
    } catch {
      // Left without having been waited for: the answer is there already.
    }
  }

  /// Waits until the supervisor that has left this connection is dead, or that long: until then a
  /// new connection could reach it again, and be left again.
  package func waitForSupervisorToEnd(within limit: Duration) throws(SystemError) {
    let pid = supervisor
    guard pid > 0, let identity = ProcessTable.stat(of: pid)?.identity,
      case .opened(let handle) = ProcessHandle.open(identity)
    else { return }
    let end = Clock.now() + limit
    let waitable = DescriptorWait(number: handle.descriptor)
    // Before Linux 5.3 it has no descriptor, and is looked at.
    while !handle.isDead, Clock.now() < end {
      let next = handle.descriptor < 0 ? Clock.now() + .milliseconds(10) : end
      _ = try Waiting.wait(for: [waitable], until: next)
    }
  }

  /// The supervisor's PID.
  package var supervisor: Int32 { cd_peer_process(descriptor.number) }

  /// Whether the supervisor has taken all that was sent.
  package var isHeard: Bool { unsent.isEmpty && cd_unreceived_bytes(descriptor.number) == 0 }

  /// The supervisor's PID if its process is stopped (SIGSTOP, or a debugger); nil while it runs.
  package var stoppedSupervisor: Int32? {
    let pid = supervisor
    guard pid > 0, let stat = ProcessTable.stat(of: pid) else { return nil }
    return [UInt8(ascii: "T"), UInt8(ascii: "t")].contains(stat.state) ? pid : nil
  }

  private final class DescriptorWait: Waitable {
    let number: Int32

    init(number: Int32) { self.number = number }
  }

  /// What has arrived, without waiting.
  package func receive() -> Arrival {
    flush()
    while true {
      var (count, code) = (0, Int32(0))
      // Not a byte more than arrives is touched.
      let block = [UInt8](unsafeUninitializedCapacity: 65_536) { room, filled in
        count = recv(number, room.baseAddress, room.count, Int32(MSG_DONTWAIT))
        code = errno
        filled = max(0, count)
      }
      if count > 0 { return .bytes(block) }
      if count == 0 { return .end }
      switch code {
      case EINTR: continue
      case EAGAIN: return .nothing
      case _: return .end
      }
    }
  }
}
#endif
