package import DevstartCore
package import DevstartPlatform

/// The HTTP endpoints of a project: a small server for GET and HEAD, on the supervisor's loop.
/// Bounded in all that clients may have: connections, time, bytes, answers that wait.
package final class EndpointServer {
  /// Open connections; a further one takes the place of the oldest.
  package static let mostConnections = 32
  /// Connections with an answer that their client does not read.
  private static let mostWaiting = 2
  /// Where descriptors are scarce, the next connection is taken after this.
  private static let pause = Duration.seconds(1)

  private final class Listener {
    let socket: TCPListener
    let owner: EndpointOwner
    let endpoint: HealthEndpoint

    init(_ socket: consuming TCPListener, _ owner: EndpointOwner, _ endpoint: HealthEndpoint) {
      self.socket = socket
      self.owner = owner
      self.endpoint = endpoint
    }
  }

  private var listeners: [Listener] = []
  /// The oldest first.
  private var connections: [EndpointConnection] = []
  private var pausedUntil: Instant?

  package init() {}

  package var readers: [Int32] {
    if listeners.isEmpty { return [] }
    let doors = pausedUntil == nil ? listeners.map { $0.socket.descriptor } : []
    return doors + connections.filter { !$0.wantsWriting }.map(\.descriptor)
  }

  package var writers: [Int32] { connections.filter(\.wantsWriting).map(\.descriptor) }

  package var deadline: Instant? {
    var earliest = pausedUntil
    for connection in connections { earliest = min(earliest ?? .max, connection.deadline) }
    return earliest
  }

  // MARK: Listening

  package func open(_ endpoint: HealthEndpoint, of owner: EndpointOwner) throws(SystemError) {
    close(owner)
    var found: [Listener] = []
    var missing: SystemError?
    for address in ProbedHost(endpoint.host)?.addresses ?? [] {
      do {
        found.append(Listener(try TCPListener(address, port: endpoint.port), owner, endpoint))
      } catch  where error.isNoAddressHere {
        missing = error  // such as `localhost` without IPv6
      }
    }
    if found.isEmpty, let missing { throw missing }
    listeners += found
  }

  package func close(_ owner: EndpointOwner) {
    listeners.removeAll { $0.owner == owner }
    connections.removeAll { $0.door.owner == owner }
  }

  package func owner(ofPort port: UInt16) -> EndpointOwner? {
    listeners.first { $0.endpoint.port == port }?.owner
  }

  // MARK: Serving

  package func attend(
    to descriptor: Int32, at now: Instant, answer: (EndpointDoor, HTTPRequest) -> HTTPResponse
  ) -> Bool {
    if let listener = listeners.first(where: { $0.socket.descriptor == descriptor }) {
      accept(from: listener, at: now, answer: answer)
      return true
    }
    guard let connection = connections.first(where: { $0.descriptor == descriptor }) else {
      return false
    }
    advance(connection, at: now, answer: answer)
    return true
  }

  /// As many as there may be: what else waits is met the next time, after all else.
  private func accept(
    from listener: Listener, at now: Instant,
    answer: (EndpointDoor, HTTPRequest) -> HTTPResponse
  ) {
    for _ in 0..<Self.mostConnections {
      switch listener.socket.accept() {
      case .nothing: return
      case .noRoom:
        if connections.isEmpty { pausedUntil = now + Self.pause } else { connections.removeFirst() }
        return
      case .connection(let socket, let address):
        let door = EndpointDoor(
          owner: listener.owner, host: listener.endpoint.host, address: address)
        let connection = EndpointConnection(SocketStream(socket), at: door, now: now)
        if connections.count == Self.mostConnections { connections.removeFirst() }
        connections.append(connection)
        // As a rule the request is there already.
        advance(connection, at: now, answer: answer)
      }
    }
  }

  private func advance(
    _ connection: EndpointConnection, at now: Instant,
    answer: (EndpointDoor, HTTPRequest) -> HTTPResponse
  ) {
    guard connection.advance(at: now, answer: answer) else {
      connections.removeAll { $0 === connection }
      return
    }
    let waiting = connections.filter(\.wantsWriting)
    if waiting.count > Self.mostWaiting { connections.removeAll { $0 === waiting[0] } }
  }

  package func endOverdue(at now: Instant) {
    if let moment = pausedUntil, moment <= now { pausedUntil = nil }
    guard connections.contains(where: { $0.deadline <= now }) else { return }
    for connection in connections where connection.deadline <= now { connection.expire(at: now) }
    connections.removeAll { $0.deadline <= now }
  }
}
