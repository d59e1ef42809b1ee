#if os(Linux)
import CDevstart
package import DevstartCore
import Glibc

/// One request to an HTTP server, for a poll loop: `advance` whenever the descriptor has something
/// (it is readable, or writable where `wantsWriting`), until there is a result. It never blocks
/// and knows no time limit; the caller drops it when its time is over, and `standstill` says what
/// was missing then.
///
/// A stranger's server on the port must not make a service ready, so the caller asks only where
/// the launch's own members listen, and nobody where there are none:
///
///     let own = try ListenerTable.addresses(
///       address.host.addresses, port: address.port, heldBy: members)
///     guard let probe = try HTTPProbe(address, at: own) else { return }  // not yet
package final class HTTPProbe {
  private enum Step {
    case connecting
    case sending
    case receiving
  }

  private let port: UInt16
  /// Where to connect once this address has refused.
  private var others: ArraySlice<IPAddress>
  private var current: IPAddress
  private var stream: SocketStream
  private var step = Step.connecting
  /// What of the request was not sent yet.
  private var request: [UInt8]
  private var head = HTTPResponseHead()
  /// Why the first address could not be connected to: it is what people expect to be asked.
  private var firstFailure: HTTPProbeFailure?

  /// Begins to connect: the addresses are tried in this order until one accepts. nil where there
  /// are none; throws where there can be no socket.
  package init?(_ address: HTTPAddress, at addresses: [IPAddress]) throws(SystemError) {
    guard let first = addresses.first else { return nil }
    port = address.port
    current = first
    others = addresses.dropFirst()
    request = address.request()
    stream = SocketStream(try Self.socket(for: current, port))
    _ = connect()
  }

  /// The same for the whole life of the probe.
  package var descriptor: Int32 { stream.descriptor }

  /// Whether to wait for it to be writable too; it may change with every `advance`.
  package var wantsWriting: Bool {
    switch step {
    case .connecting, .sending: true
    case .receiving: false
    }
  }

  /// What it waits for, as the failure that it is once the time has passed.
  package var standstill: HTTPProbeFailure {
    switch step {
    case .connecting: .notConnected
    case .sending, .receiving: head.isEmpty ? .noAnswer : .unfinishedAnswer
    }
  }

  /// Goes on as far as it can without waiting; nil until there is a result. After that it is over.
  package func advance() -> HTTPProbeResult? {
    if case .connecting = step {
      if let failure = connect() { return .failed(failure) }
      if case .connecting = step { return nil }
    }
    if case .sending = step { send() }
    return receive()
  }

  // MARK: Connecting

  /// Connects, or asks how far that is: a connect(2) that goes on answers EALREADY when it is
  /// called again, and its own result once it is over. nil unless every address has failed.
  private func connect() -> HTTPProbeFailure? {
    while true {
      let number = descriptor
      do {
        try systemCall("connect") {
          IPSocketAddress(address: current, port: port).with { Glibc.connect(number, $0, $1) }
        }
        step = .sending
        return nil
      } catch {
        switch error.code {
        case EINPROGRESS, EALREADY: return nil
        case EISCONN:
          step = .sending
          return nil
        case _:
          let failure = firstFailure ?? Self.failure(error)
          firstFailure = failure
          guard takeNextAddress() else { return failure }
        }
      }
    }
  }

  private static func failure(_ error: SystemError) -> HTTPProbeFailure {
    switch error.code {
    case ECONNREFUSED: .refused
    // It was accepted and dropped before anybody looked.
    case ECONNRESET, EPIPE: .closedEarly
    case _: .unreachable(error.reason)
    }
  }

  /// Another socket in the place of the one that failed, so that the loop's number stays good;
  /// false where there is none.
  private func takeNextAddress() -> Bool {
    while let address = others.popFirst() {
      let number = descriptor
      do {
        let socket = try Self.socket(for: address, port)
        let new = socket.number
        try systemCall("dup3") { cd_replace(new, number) }
        _ = consume socket
        current = address
        return true
      } catch {
        continue  // such as a system without IPv6
      }
    }
    return false
  }

  private static func socket(
    for address: IPAddress, _ port: UInt16
  ) throws(SystemError) -> OwnedDescriptor {
    let family = IPSocketAddress(address: address, port: port).family
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    return OwnedDescriptor(owning: try systemCall("socket") { Glibc.socket(family, kind, 0) })
  }

  // MARK: Asking

  private func send() {
    guard let count = stream.send(request) else {
      // It takes no more, but may have answered before it closed.
      step = .receiving
      return
    }
    request.removeFirst(count)
    if request.isEmpty { step = .receiving }
  }

  /// At most a head's length, as more than that is a result.
  private func receive() -> HTTPProbeResult? {
    while true {
      switch stream.receive() {
      case .nothing: return nil
      case .end: return .failed(.closedEarly)
      case .bytes(let bytes):
        if let result = head.take(bytes) { return result }
      }
    }
  }
}
#endif
