package import DevstartCore
package import DevstartPlatform

/// The supervisor's side of the control socket: whom it hears, and what it tells them.
package final class ControlServer {
  private struct Client {
    let connection: ServerConnection
    let peer: Int32
    /// The request's number, for its reply; and for the program that takes over its line, and that
    /// of what was said of it since: a cancel.
    var pending: (id: Int, line: [UInt8], notice: [UInt8]?)?
    var isDead = false
  }

  /// What is said to a command that comes when there is no descriptor for its connection.
  private static let regret = Envelope.failure(
    id: nil,
    ProtocolError(
      code: .internalError,
      text: "the supervisor has no descriptors left; try again, or raise the limit of open files "
        + "(ulimit -Hn)")
  ).line

  private var listener: ControlListener
  private var clients: [ClientID: Client] = [:]
  private var byDescriptor: [Int32: ClientID] = [:]
  /// Who has left, until what that leads to is done: the end of its connection says so.
  private var leaving: [ServerConnection] = []
  private var nextClient = 1
  private let project: String
  private let runtimeFolder: String?
  private var folder: LaunchFiles
  /// What an earlier program had been asked and not answered.
  private var inherited: [ClientArrival] = []

  /// Listens in the control folder.
  package init(
    project: String, files: LaunchFiles, runtimeFolder: String?
  ) throws(ControlFolder.Refusal) {
    self.project = project
    self.runtimeFolder = runtimeFolder
    folder = files
    listener = try ControlListener.listen(
      in: files.control, project: project, runtimeFolder: runtimeFolder)
  }

  /// Goes on with the socket and the clients of the program that this process was before.
  package init(
    project: String, files: LaunchFiles, runtimeFolder: String?, handover: JSON
  ) {
    self.project = project
    self.runtimeFolder = runtimeFolder
    folder = files
    listener = ControlListener(
      inherited: Int32(handover["listener"]?.integer ?? -1),
      elsewhere: handover["elsewhere"]?.string)
    OwnProcess.setClosedOnExec(listener.descriptor, true)
    for entry in handover["clients"]?.array ?? [] {
      guard let number = entry["descriptor"]?.integer else { continue }
      let stream = SocketStream(OwnedDescriptor(owning: Int32(number)))
      let client = add(
        ServerConnection(
          stream, received: Self.bytes(entry["received"]), unsent: Self.bytes(entry["unsent"])),
        peer: stream.peer)
      OwnProcess.setClosedOnExec(Int32(number), true)
      for line in [entry["line"]?.string, entry["notice"]?.string].compactMap(\.self) {
        if let arrival = take(Array(line.utf8), from: client) { inherited.append(arrival) }
      }
    }
  }

  package var socketElsewhere: String? { listener.elsewhere }
  package var hasClients: Bool { !clients.isEmpty || !inherited.isEmpty }
  package var peers: [Int32] { clients.values.map(\.peer) }

  /// In the order in which they came, so that who came first is heard first; who is about to come
  /// is the last.
  package var descriptors: [(descriptor: Int32, wantsWriting: Bool)] {
    clients.sorted { $0.key < $1.key }.map { _, client in
      (client.connection.descriptor, client.connection.wantsWriting)
    } + [(listener.descriptor, !inherited.isEmpty)]
  }

  /// What an earlier program had been asked and not answered.
  package func takeInherited() -> [ClientArrival] {
    defer { inherited = [] }
    return inherited
  }

  package func attend(to descriptor: Int32) -> [ClientArrival] {
    if descriptor == listener.descriptor {
      var arrivals: [ClientArrival] = []
      // As a rule the request is there already.
      while let accepted = listener.accept(orSay: Self.regret) {
        arrivals += attend(to: add(SocketStream(accepted)))
      }
      return arrivals
    }
    return byDescriptor[descriptor].map { attend(to: $0) } ?? []
  }

  private func attend(to id: ClientID) -> [ClientArrival] {
    guard let client = clients[id] else { return [] }
    if !client.connection.flush() { return [drop(id)] }
    switch client.connection.receive() {
    case .end: return [drop(id)]
    case .lines(let lines): return lines.compactMap { take($0, from: id) }
    }
  }

  private func add(_ stream: SocketStream) -> ClientID {
    add(ServerConnection(stream), peer: stream.peer)
  }

  private func add(_ connection: ServerConnection, peer: Int32) -> ClientID {
    let id = ClientID(nextClient)
    nextClient += 1
    clients[id] = Client(connection: connection, peer: peer)
    byDescriptor[connection.descriptor] = id
    return id
  }

  private func drop(_ id: ClientID) -> ClientArrival {
    if let client = clients.removeValue(forKey: id) {
      byDescriptor[client.connection.descriptor] = nil
      leaving.append(client.connection)
    }
    return .gone(id)
  }

  private func take(_ line: [UInt8], from client: ClientID) -> ClientArrival? {
    do {
      switch try Envelope(line: line) {
      case .request(let id, let greeting, let request):
        clients[client]?.pending = (id, line, nil)
        return .request(client, greeting, request, peer: clients[client]?.peer ?? 0)
      case .notification(let request):
        clients[client]?.pending?.notice = line
        return .notification(client, request)
      case .result, .refusal, .failure, .progress, .status:
        let error = ProtocolError(code: .invalidRequest, text: "a supervisor takes requests alone")
        clients[client]?.connection.queue(Envelope.failure(id: nil, error).line)
        return nil
      }
    } catch {
      // What is unknown here may be known to the newer program that asks: it is told by its
      // greeting, and the supervisor decides.
      if let greeting = error.greeting, greeting.protocolVersion > protocolVersion {
        clients[client]?.pending = (error.id ?? 0, line, nil)
        return .request(client, greeting, .status, peer: clients[client]?.peer ?? 0)
      }
      if let answer = error.answer { clients[client]?.connection.queue(answer.line) }
      return nil
    }
  }

  package func send(_ message: ClientMessage, to client: ClientID) {
    guard let known = clients[client] else { return }
    let id = known.pending?.id ?? 0
    let envelope: Envelope
    switch message {
    case .reply(let reply): envelope = .result(id: id, reply.json)
    case .status(let reply): envelope = .result(id: id, reply.json)
    case .changed(let reply): envelope = .status(reply)
    case .refusal(let error): envelope = .refusal(id: id, error)
    case .progress(let progress): envelope = .progress(progress)
    }
    switch message {
    case .reply, .status, .refusal: clients[client]?.pending = nil
    case .changed, .progress: break
    }
    known.connection.queue(envelope.line)
  }

  /// Sends what was queued, and lets go who has left; a client that is gone, or has not read for
  /// far too long, is met at the next look.
  package func flush() {
    leaving = []
    for client in clients.values where client.connection.wantsWriting {
      if !client.connection.flush() { client.connection.giveUp() }
    }
  }

  package func close() -> Bool {
    listener.withdraw(from: folder.control)
    var hasCome = false
    // What waits at a listener that is closed is lost.
    while let late = listener.accept(orSay: Self.regret) {
      _ = add(SocketStream(late))
      hasCome = true
    }
    guard hasCome else { return true }
    do {
      try reopen(in: folder)
    } catch {
      // It asks again, and starts a supervisor of its own.
      return true
    }
    return false
  }

  package func reopen(in files: LaunchFiles) throws(ControlFolder.Refusal) {
    let isSameFolder = folder === files
    folder = files
    if isSameFolder, listener.isInPlace(in: files.control) { return }
    listener = try ControlListener.listen(
      in: files.control, project: project, runtimeFolder: runtimeFolder)
  }

  package func handOver() -> JSON {
    flush()
    OwnProcess.setClosedOnExec(listener.descriptor, false)
    let handed = clients.sorted { $0.key < $1.key }.map { _, client -> JSON in
      OwnProcess.setClosedOnExec(client.connection.descriptor, false)
      return [
        "descriptor": JSON(Int(client.connection.descriptor)),
        "line": JSON(client.pending.map { String(decoding: $0.line, as: UTF8.self) }),
        "notice": JSON(client.pending?.notice.map { String(decoding: $0, as: UTF8.self) }),
        "received": Self.text(client.connection.received),
        "unsent": Self.text(client.connection.unsent),
      ]
    }
    return [
      "listener": JSON(Int(listener.descriptor)), "elsewhere": JSON(listener.elsewhere),
      "clients": JSON(handed),
    ]
  }

  /// A part of a line may end within a character: each byte stands as the scalar of its number.
  private static func text(_ bytes: some Sequence<UInt8>) -> JSON {
    var scalars = String.UnicodeScalarView()
    for byte in bytes { scalars.append(Unicode.Scalar(byte)) }
    return JSON(String(scalars))
  }

  private static func bytes(_ text: JSON?) -> [UInt8] {
    text?.string?.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) } ?? []
  }

  /// The handover did not happen: the descriptors are this program's alone again.
  package func keep() {
    OwnProcess.setClosedOnExec(listener.descriptor, true)
    for client in clients.values {
      OwnProcess.setClosedOnExec(client.connection.descriptor, true)
    }
  }
}
