package import DevstartCore
package import DevstartPlatform

/// One client's connection to an endpoint: one request, one answer, and its end. Nothing that it
/// keeps is larger because of what the client sends.
package final class EndpointConnection {
  /// A request and its answer may take this long together.
  package static let time = Duration.seconds(5)
  /// A client that was refused may go on sending this long, in time and bytes, so that it sees
  /// the answer: closing with something unread would take it away (RFC 9112, section 9.6).
  private static let drainTime = Duration.seconds(1)
  private static let drainLimit = 1 << 20
  /// What is taken at once: as a rule, all of a request. The memory stays the supervisor's.
  private static let block = 4096

  private enum Step {
    case reading(HTTPRequestReader)
    case sending
    case draining(left: Int)
  }

  private let stream: SocketStream
  package let door: EndpointDoor
  package private(set) var deadline: Instant
  private var step = Step.reading(HTTPRequestReader())
  private var output: [UInt8] = []
  private var drains = false

  package init(_ stream: SocketStream, at door: EndpointDoor, now: Instant) {
    self.stream = stream
    self.door = door
    deadline = now + Self.time
  }

  package var descriptor: Int32 { stream.descriptor }

  /// An answer that the client does not take is kept.
  package var wantsWriting: Bool { !output.isEmpty }

  /// Goes on as far as it can without waiting; false once it is over.
  package func advance(
    at now: Instant, answer: (EndpointDoor, HTTPRequest) -> HTTPResponse
  ) -> Bool {
    switch step {
    case .reading(var reader):
      // While it is read it is nobody else's: no copy is made.
      step = .sending
      return read(&reader, at: now, answer: answer)
    case .sending: return send(at: now)
    case .draining(let left): return drain(left)
    }
  }

  /// Its time is over: whoever has sent half a request is told.
  package func expire(at now: Instant) {
    guard case .reading(let reader) = step, !reader.isEmpty else { return }
    _ = stream.send(
      HTTPResponse.unread(.requestTimeout).bytes(
        isHead: reader.isHead, at: Clock.milliseconds()))
    stream.endSending()
  }

  private func read(
    _ reader: inout HTTPRequestReader, at now: Instant,
    answer: (EndpointDoor, HTTPRequest) -> HTTPResponse
  ) -> Bool {
    switch stream.receive(atMost: Self.block) {
    case .end: return false
    case .nothing:
      step = .reading(reader)
      return true
    case .bytes(let bytes):
      guard let (outcome, taken) = reader.take(bytes) else {
        step = .reading(reader)
        return true
      }
      let response: HTTPResponse
      switch outcome {
      case .refused(let status):
        response = .unread(status)
        drains = true
      case .request(let request):
        response = answer(door, request)
        drains = taken < bytes.count || request.hasContent
      }
      output = response.bytes(isHead: reader.isHead, at: Clock.milliseconds())
      return send(at: now)
    }
  }

  private func send(at now: Instant) -> Bool {
    guard let count = stream.send(output) else { return false }
    if count < output.count {
      output.removeFirst(count)
      return true
    }
    output = []
    guard drains else { return false }
    stream.endSending()
    step = .draining(left: Self.drainLimit)
    deadline = min(deadline, now + Self.drainTime)
    return drain(Self.drainLimit)
  }

  private func drain(_ left: Int) -> Bool {
    switch stream.receive(atMost: Self.block) {
    case .end: return false
    case .nothing: return true
    case .bytes(let bytes):
      step = .draining(left: left - bytes.count)
      return left > bytes.count
    }
  }
}
