package import DevstartCore
import DevstartPlatform

/// A command's conversation with the supervisor: one request, what is told meanwhile, one answer.
package final class ControlClient {
  private let address: SupervisorAddress
  private let startsSupervisor: Bool
  private let takesSignals: Bool
  /// From the first request on; until then a signal ends the command, which has done nothing.
  private var signals: SignalQueue?
  private var connection: ControlConnection?
  private var buffer = LineBuffer()
  private var nextID = 0
  private var hasCancelled = false
  /// When the last message was sent, and when to look whether the supervisor hears it.
  private var sentAt = Clock.now()
  private var looksAt: Instant?
  /// The supervisor was seen to hear nothing: a signal leaves it alone, unless it hears by then.
  private var isDeaf = false
  /// A request waits for its answer.
  private var isAwaiting = false
  /// What was sent already, and waits for its `call`.
  private var asked: Request?

  /// `startsSupervisor` is false for what only looks. With `takesSignals` they are told to the
  /// delegate from the moment a request is on its way; else they do what they do by themselves.
  package init(address: SupervisorAddress, startsSupervisor: Bool, takesSignals: Bool) {
    self.address = address
    self.startsSupervisor = startsSupervisor
    self.takesSignals = takesSignals
  }

  /// Whether a supervisor listens, without starting one: connects where it does.
  package func isReachable() throws(CallError) -> Bool {
    if connection == nil { connection = try address.connect() }
    return connection != nil
  }

  /// Sends the request and waits for its answer. Where the supervisor ends in between, the request
  /// is sent again, twice at most, as every request may be repeated; but not after a `cancel`, and not by
  /// what only looks.
  package func call(
    _ request: Request, delegate: any CallDelegate
  ) throws(CallError) -> JSON {
    hasCancelled = false
    let began = Clock.now()
    for attempt in 1... {
      try connect(delegate)
      do {
        return try converse(
          attempt == 1 ? request : request.asked(after: Clock.now() - began), delegate)
      } catch {
        guard case .lost = error else { throw error }
        if hasCancelled { throw .lostAfterCancel }
        guard attempt < Self.mostAttempts, startsSupervisor else { throw error }
        try waitForSupervisorToEnd()
        disconnect()
        delegate.noted(.supervisorEnded)
      }
    }
    throw .lost
  }

  /// Sends a request ahead of its `call`, so that the supervisor works on it meanwhile. Where it
  /// cannot be sent, nothing has happened, and `call` will say why.
  package func ask(_ request: Request) {
    do throws(CallError) {
      connection = try address.connect()
      guard connection != nil else { return }
      _ = try send(request)
      asked = request
    } catch {
      disconnect()
    }
  }

  /// Ends the conversation, and waits until the supervisor has seen that: one that ends with its
  /// last client has removed its socket by then, and the folder can be deleted.
  package func leave() {
    if !isDeaf { connection?.leave(within: .seconds(1)) }
    disconnect()
  }

  /// Ends the conversation; what was launched as a lease is stopped by it.
  package func disconnect() {
    connection = nil
    buffer = LineBuffer()
    asked = nil
  }

  private func connect(_ delegate: any CallDelegate) throws(CallError) {
    guard connection == nil else { return }
    if startsSupervisor {
      connection = try address.connectOrStart { delegate.noted($0) }
    } else {
      guard let found = try address.connect() else { throw .noSupervisor }
      connection = found
    }
  }

  private func converse(
    _ request: Request, _ delegate: any CallDelegate
  ) throws(CallError) -> JSON {
    let connection: ControlConnection
    if let held = self.connection, asked == request {
      connection = held
    } else {
      connection = try send(request)
    }
    asked = nil
    isDeaf = false
    isAwaiting = true
    defer { isAwaiting = false }
    while true {
      if let answer = try takeLines(delegate) { return answer }
      try wait(on: connection, until: looksAt, delegate)
      if let moment = looksAt, moment <= Clock.now() { try look(at: connection, delegate) }
    }
  }

  /// Tells once of a supervisor that has heard nothing for a while.
  private func look(
    at connection: ControlConnection, _ delegate: any CallDelegate
  ) throws(CallError) {
    looksAt = nil
    if let pid = connection.stoppedSupervisor {
      delegate.noted(.supervisorIsStopped(pid: pid))
    } else if connection.isHeard {
      return
    } else if Clock.now() < sentAt + Self.longPatience {
      looksAt = sentAt + Self.longPatience
      return
    } else {
      let seconds = Int(Self.longPatience.seconds)
      delegate.noted(.supervisorDoesNotHear(pid: connection.supervisor, seconds: seconds))
    }
    isDeaf = true
    // What only looks can look elsewhere.
    if !startsSupervisor, !delegate.staysWithTheDeaf { throw .lost }
  }

  private func hasSent() {
    sentAt = Clock.now()
    looksAt = sentAt + Self.patience
  }

  private func send(_ request: Request) throws(CallError) -> ControlConnection {
    guard let connection else { throw .noSupervisor }
    if takesSignals, signals == nil {
      do {
        signals = try SignalQueue()
      } catch {
        throw .system(error)
      }
    }
    nextID += 1
    let greeting = Greeting(
      protocolVersion: protocolVersion, programVersion: programVersion,
      executable: OwnProcess.executable())
    let envelope = Envelope.request(id: nextID, greeting: greeting, request: request)
    // Where the supervisor has left already, what it said before is to be read, and then its end.
    connection.send(envelope.line)
    hasSent()
    return connection
  }

  /// Keeps the connection, and with it a lease, until `isOver`. The requests of `standing` are
  /// asked one after the other, now and of each supervisor that follows; the last may be `watch`.
  /// Gives up on a supervisor that always ends at once.
  package func hold(
    _ standing: [Request], delegate: any CallDelegate, until isOver: () -> Bool
  ) throws(CallError) {
    var (connectedAt, quickEnds, hasAsked) = (Clock.now(), 0, false)
    while !isOver() {
      do throws(CallError) {
        if connection == nil {
          try connect(delegate)
          (connectedAt, hasAsked) = (Clock.now(), false)
        }
        if !hasAsked { try ask(standing, delegate) }
        hasAsked = true
        guard let connection else { throw .noSupervisor }
        _ = try takeLines(delegate)
        if isOver() { return }
        try wait(on: connection, delegate)
      } catch {
        if error == .left, isOver() {
          // An answer that is still to come would be taken for the next request's.
          if !hasAsked { disconnect() }
          return
        }
        quickEnds = Clock.now() - connectedAt < .seconds(1) ? quickEnds + 1 : 0
        guard case .lost = error, quickEnds <= Self.mostQuickEnds else { throw error }
        try waitForSupervisorToEnd()
        disconnect()
        delegate.noted(.supervisorEnded)
      }
    }
  }

  /// A connection has one request at a time: what is answered is waited for.
  private func ask(_ standing: [Request], _ delegate: any CallDelegate) throws(CallError) {
    for request in standing {
      if request == .watch { _ = try send(request) } else { _ = try converse(request, delegate) }
    }
  }

  /// Asks a supervisor that is watched for the status once more, which the delegate receives; while
  /// another request waits for its answer, the `watch` that follows it is enough. That the
  /// connection is lost is met by who holds it.
  package func watchAgain() {
    if isAwaiting { return }
    do {
      _ = try send(.watch)
    } catch {}
  }

  /// After so long without an answer it is looked whether the supervisor can answer at all; and
  /// whether it hears, after a time that no take-over needs.
  private static let patience = Duration.seconds(1)
  private static let longPatience = Duration.seconds(10)
  private static let mostQuickEnds = 5
  private static let mostAttempts = 3

  private func waitForSupervisorToEnd() throws(CallError) {
    do {
      try connection?.waitForSupervisorToEnd(within: .seconds(5))
    } catch {
      throw .system(error)
    }
  }

  /// Waits for one thing to happen, and takes it.
  private func wait(
    on connection: ControlConnection, until moment: Instant? = nil, _ delegate: any CallDelegate
  ) throws(CallError) {
    var sources: [any Waitable] = [connection]
    if let signals { sources.append(signals) }
    let own = sources.count
    sources += delegate.others
    let wakesAt = delegate.wakesAt
    let ready: [Bool]
    do {
      ready = try Waiting.wait(for: sources, until: [wakesAt, moment].compactMap(\.self).min())
    } catch {
      throw .system(error)
    }
    // One that came since, too: an answer may have come with it.
    if let signals { try take(signals, connection, delegate) }
    if ready[0] {
      switch connection.receive() {
      case .bytes(let bytes): buffer.append(bytes)
      case .nothing: break
      case .end: throw .lost
      }
    } else if let wakesAt, wakesAt <= Clock.now() {
      delegate.woke()
    }
    if ready[own...].contains(true) { delegate.othersAreReady() }
    if delegate.leaves { throw .left }
  }

  private func take(
    _ signals: SignalQueue, _ connection: ControlConnection, _ delegate: any CallDelegate
  ) throws(CallError) {
    while let signal = signals.next() {
      if isDeaf { isDeaf = !connection.isHeard || connection.stoppedSupervisor != nil }
      if isDeaf, signal != .windowChange, !delegate.staysWithTheDeaf { throw .left }
      switch delegate.received(signal) {
      case .carryOn: break
      case .send(let request):
        hasCancelled = true
        connection.send(Envelope.notification(request).line)
        hasSent()
      case .leave: throw .left
      }
    }
  }

  /// Takes the lines that have arrived; the answer if it is among them.
  private func takeLines(_ delegate: any CallDelegate) throws(CallError) -> JSON? {
    do {
      while let line = try buffer.next() {
        switch try Envelope(line: line) {
        case .progress(let progress): delegate.received(progress)
        case .status(let status): delegate.received(status)
        case .result(let id, let result): if id == nextID { return result }
        case .refusal(let id, let error): if id == nextID { throw CallError.refused(error) }
        case .failure(_, let error) where error.code == .internalError:
          throw CallError.refused(RequestError(verdict: .failed, text: error.text))
        case .failure(_, let error): throw CallError.notUnderstood(error)
        case .request, .notification: break  // Nothing asks a command.
        }
      }
      return nil
    } catch let error as CallError {
      throw error
    } catch let error as ProtocolError {
      throw .notUnderstood(error)
    } catch {
      throw .notUnderstood(
        ProtocolError(code: .invalidRequest, text: "a line of more than 16 MB"))
    }
  }
}
