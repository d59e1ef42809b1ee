#if os(Linux)
import CDevstart
package import DevstartCore
import Glibc

/// A service's end of the notify socket (sd_notify(3)), of devstart or any other service manager.
package struct NotifyClient: ~Copyable {
  /// Why nothing was told, or nobody knows whether it was read.
  package enum Failure: Error, Equatable {
    /// The address is neither an absolute path nor an abstract name.
    case notAnAddress
    /// Nobody listens there.
    case nobody
    /// The service manager did not read it in that time.
    case silent(Duration)
    case failed(SystemError)
  }

  /// The environment variable that holds the address.
  package static let variable = "NOTIFY_SOCKET"

  private let address: String
  private let socket: OwnedDescriptor

  /// For `/path` or `@abstract`, as `NOTIFY_SOCKET` has it.
  package static func connect(to address: String) throws(Failure) -> NotifyClient {
    let isPath = address.hasPrefix("/")
    guard let target = isPath ? UnixAddress.path(address) : UnixAddress.abstract(address) else {
      throw .notAnAddress
    }
    do {
      return NotifyClient(address: address, socket: try connected(to: target, address))
    } catch {
      throw [ENOENT, ECONNREFUSED].contains(error.code) ? .nobody : .failed(error)
    }
  }

  private init(address: String, socket: consuming OwnedDescriptor) {
    self.address = address
    self.socket = socket
  }

  private static func connected(
    to target: UnixAddress, _ address: String
  ) throws(SystemError) -> OwnedDescriptor {
    let kind = Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let number = try systemCall("socket", address) { Glibc.socket(AF_UNIX, kind, 0) }
    let socket = OwnedDescriptor(owning: number)
    try systemCall("connect", address) { target.with { Glibc.connect(number, $0, $1) } }
    return socket
  }

  /// Sends the message and waits until it has been read, at most so long: who sends and ends at
  /// once may be gone before anybody can see whose process it was.
  package func tell(_ message: NotifyMessage, within limit: Duration) throws(Failure) {
    let isRead: Bool
    do {
      isRead = try self.isRead(message, before: Clock.now() + limit)
    } catch {
      throw error.code == ECONNREFUSED ? .nobody : .failed(error)
    }
    guard isRead else { throw .silent(limit) }
  }

  /// Sends the message and does not wait until it is read; a full queue is waited for so long.
  package func say(_ message: NotifyMessage, within limit: Duration) throws(Failure) {
    let bytes = message.datagram
    let isSent: Bool
    do {
      isSent = try send(before: Clock.now() + limit) {
        Glibc.send(socket.number, bytes, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
      }
    } catch {
      throw error.code == ECONNREFUSED ? .nobody : .failed(error)
    }
    guard isSent else { throw .silent(limit) }
  }

  private func isRead(
    _ message: NotifyMessage, before deadline: Instant
  ) throws(SystemError) -> Bool {
    let bytes = message.datagram
    let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
    let isSent = try send(before: deadline) {
      Glibc.send(socket.number, bytes, bytes.count, flags)
    }
    guard isSent else { return false }

    let barrier = NotifyMessage([.barrier]).datagram
    var ends: [Int32] = [-1, -1]
    try systemCall("pipe2", address) { cd_pipe(&ends) }
    let answer = Answer(OwnedDescriptor(owning: ends[0]))
    let held = OwnedDescriptor(owning: ends[1])
    let isAsked = try send(before: deadline) {
      cd_notify_send(socket.number, barrier, barrier.count, held.number)
    }
    // From here on the service manager alone has that end: its closing is the answer.
    _ = consume held
    guard isAsked else { return false }
    return try Waiting.wait(for: [answer], until: deadline) == [true]
  }

  /// False where the queue was full until then.
  private func send(before deadline: Instant, _ body: () -> Int) throws(SystemError) -> Bool {
    var poll = PollSet<Never>()
    while true {
      do {
        try systemCall("send", address, body)
        return true
      } catch  where error.code == EAGAIN {
        guard Clock.now() < deadline else { return false }
        _ = try poll.wait(until: deadline, alsoFor: [(socket.number, wantsWriting: true)])
      }
    }
  }

  private final class Answer: Waitable {
    private let descriptor: OwnedDescriptor
    var number: Int32 { descriptor.number }

    init(_ descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }
  }
}
#endif
