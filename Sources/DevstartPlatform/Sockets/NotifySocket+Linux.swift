#if os(Linux)
import CDevstart
package import DevstartCore
import Glibc

/// The socket on which one launch tells of itself (sd_notify(3)): `NOTIFY_SOCKET` is its name.
///
/// Every user of the machine can see the name (`/proc/net/unix`) and send to it: who sent is told
/// of each datagram, and whether that one may speak is for the caller to say. A sender that finds
/// the queue full (`net.unix.max_dgram_qlen`) waits.
package final class NotifySocket {
  /// One datagram.
  package struct Arrival {
    package let message: NotifyMessage
    package let sender: NotifySender
    /// Whom a `BARRIER=1` keeps waiting, to be let go once this datagram and all before it have
    /// been handled; nil where nobody waits.
    package let barrier: NotifyBarrier?
  }

  /// As it stands in the environment: `@devstart/…`.
  package let name: String
  private let socket: OwnedDescriptor

  /// Readable when something has arrived; stays this object's.
  package var descriptor: Int32 { socket.number }

  /// A name that nobody can guess, and bind before it is bound; it says whose launch it is.
  package static func newName(launch: String) -> String {
    var random = SystemRandomNumberGenerator()
    let digits = (0..<2).map { _ in
      let text = String(random.next(), radix: 16)
      return String(repeating: "0", count: 16 - text.count) + text
    }
    return "@devstart/\(launch)/\(digits.joined())"
  }

  /// Binds the name, also one whose last socket died with its supervisor. Throws EADDRINUSE where
  /// another socket has it: of a supervisor that is still ending, which may be given `patience`
  /// to do so, or of who wants to hear what is not said to him.
  package init(name: String, patience: Duration = .zero) throws(SystemError) {
    guard let address = UnixAddress.abstract(name) else {
      throw SystemError(call: "bind", operand: name, code: EINVAL)
    }
    socket = OwnedDescriptor(owning: try systemCall("socket", name) { cd_notify_socket() })
    self.name = name
    let deadline = Clock.now() + patience
    while true {
      do {
        try systemCall("bind", name) { address.with { bind(socket.number, $0, $1) } }
        return
      } catch  where error.code == EADDRINUSE && Clock.now() < deadline {
        // Nothing tells when a name is free.
        _ = poll(nil, 0, 1)
      }
    }
  }

  /// Goes on with the socket of the program that this process was before: what waits in it is
  /// read, and senders that are connected to it stay so.
  package init(inherited descriptor: Int32, name: String) {
    socket = OwnedDescriptor(owning: descriptor)
    self.name = name
    OwnProcess.setClosedOnExec(descriptor, true)
  }

  /// What has arrived, in its order, without waiting: at most `limit` datagrams, so that a flood
  /// lets others have their turn. What is left keeps the descriptor readable.
  package func arrivals(atMost limit: Int = 32) -> [Arrival] {
    var arrivals: [Arrival] = []
    // One more than may be read, so that the message sees when there was too much.
    var bytes = [UInt8](repeating: 0, count: NotifyMessage.sizeLimit + 1)
    while arrivals.count < limit {
      var notice = cd_notice()
      let count = cd_notify_receive(socket.number, &bytes, bytes.count, &notice)
      if count < 0 {
        if errno == EINTR { continue }
        break
      }
      arrivals.append(Self.arrival(NotifyMessage(datagram: bytes[..<count]), notice))
    }
    return arrivals
  }

  /// Descriptors that nobody asked for are closed here.
  private static func arrival(_ message: NotifyMessage, _ notice: cd_notice) -> Arrival {
    let descriptor = OwnedDescriptor(owning: notice.descriptor)
    let isBarrier = notice.descriptor >= 0 && message.assignments.contains(.barrier)
    let barrier = isBarrier ? NotifyBarrier(descriptor) : nil
    let proof: NotifySender.Proof =
      switch notice.pidfd {
      case 0...: .pidfd(OwnedDescriptor(owning: notice.pidfd))
      case Int32(CD_PIDFD_ENDED): .ended
      case _: .none
      }
    return Arrival(
      message: message,
      sender: NotifySender(pid: notice.pid, user: notice.user, proof: proof), barrier: barrier)
  }
}

/// The end of a pipe whose other end a sender waits at (sd_notify_barrier(3)); at the latest it is
/// let go with the last reference to this.
package final class NotifyBarrier {
  private var descriptor: OwnedDescriptor?

  fileprivate init(_ descriptor: consuming OwnedDescriptor) {
    self.descriptor = consume descriptor
  }

  /// Lets the sender go on.
  package func release() { descriptor = nil }
}
#endif
