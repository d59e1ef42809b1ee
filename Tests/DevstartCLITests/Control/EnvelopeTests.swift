import DevstartControl
import DevstartCore
import Testing

@Suite struct EnvelopeTests {
  let greeting = Greeting(protocolVersion: 1, programVersion: "0.1.0", executable: "/bin/devstart")

  private func roundTrip(_ envelope: Envelope) throws -> Envelope {
    var line = envelope.line
    #expect(line.removeLast() == UInt8(ascii: "\n"))
    #expect(!line.contains(UInt8(ascii: "\n")))
    return try Envelope(line: line)
  }

  private func problem(of text: String) -> ProtocolError? {
    do {
      _ = try Envelope(line: Array(text.utf8))
      return nil
    } catch {
      return error
    }
  }

  @Test func `a request has the shape of JSON-RPC 2`() {
    let envelope = Envelope.request(id: 7, greeting: greeting, request: .status)
    #expect(
      String(decoding: envelope.line, as: UTF8.self)
        == #"{"jsonrpc":"2.0","id":7,"method":"status","params":{"greeting":"#
        + #"{"protocol":1,"version":"0.1.0","executable":"/bin/devstart"}}}"# + "\n")
  }

  @Test func `every kind of envelope survives its own line`() throws {
    var service = Service(
      name: "böt", command: .shell("sleep 1\nsleep 2"), workingDirectory: "/a b",
      match: [], readiness: .byDefault(ports: [8000]))
    service.environment = ["A": "1", "B": "\u{1F600}\t\""]
    let caller = Caller(
      identity: ProcessIdentity(pid: 4, startTicks: 5), environment: ["X=\u{7}"], umask: 0o22,
      limits: [.init(resource: 7, soft: 1024, hard: .max)])
    var start = StartRequest(services: [service], targets: ["böt"], caller: caller)
    start.timeout = .seconds(3)
    start.conflict = .fail
    let envelopes: [Envelope] = [
      .request(id: 1, greeting: greeting, request: .start(start)),
      .request(id: 2, greeting: greeting, request: .watch),
      .request(
        id: 3, greeting: greeting,
        request: .wait(WaitRequest(targets: ["a"], goal: .stopped, timeout: nil))),
      .notification(.cancel(isForced: true)),
      .result(id: 4, OperationReply(verdict: .done).json),
      .refusal(id: 5, RequestError(verdict: .refused, text: "bot runs: a\nb")),
      .progress(Progress(service: "a", state: .starting, pid: 3, waitingFor: "port 1 to listen")),
      .status(StatusReply(supervisor: 9, services: [ServiceStatus(name: "a")])),
    ]
    for envelope in envelopes { #expect(try roundTrip(envelope) == envelope) }
  }

  @Test func `what is no JSON is a parse error`() {
    for text in ["", "{", "hello", #"{"a":}"#, "\u{0}\u{1}", "[1,2", #"{"jsonrpc":"2.0""#] {
      #expect(problem(of: text)?.code == .parseError, "\(text)")
    }
    #expect(throws: ProtocolError.self) { try Envelope(line: [0xFF, 0xFE, 0x00]) }
  }

  @Test func `JSON that is no request is an invalid request`() {
    for text in [
      "[]", "1", "null", #""x""#, "{}", #"{"jsonrpc":"1.0","id":1,"method":"status"}"#,
      #"{"jsonrpc":"2.0","id":"a","method":"status"}"#, #"{"jsonrpc":"2.0","id":1,"method":5}"#,
      #"{"jsonrpc":"2.0","id":1}"#, #"{"jsonrpc":"2.0","id":1.5,"method":"status"}"#,
    ] {
      #expect(problem(of: text)?.code == .invalidRequest, "\(text)")
    }
  }

  @Test func `an unknown method names itself and keeps the number and the greeting`() {
    let problem = problem(
      of: #"{"jsonrpc":"2.0","id":3,"method":"dance","params":{"greeting":"#
        + #"{"protocol":9,"version":"2","executable":"/x"}}}"#)
    #expect(problem?.code == .methodNotFound)
    #expect(problem?.id == 3)
    #expect(problem?.greeting?.protocolVersion == 9)
    #expect(problem?.text.contains("dance") == true)
    let answer = problem?.answer.map { String(decoding: $0.line, as: UTF8.self) }
    #expect(answer?.contains(#""id":3,"error":{"code":-32601,"#) == true)
  }

  @Test func `wrong parameters name the key`() {
    let greeting = #""greeting":{"protocol":1,"version":"2","executable":"/x"}"#
    let cases = [
      (#"{"jsonrpc":"2.0","id":3,"method":"status"}"#, "greeting"),
      (#"{"jsonrpc":"2.0","id":3,"method":"lease","params":{\#(greeting)}}"#, "launches"),
      (#"{"jsonrpc":"2.0","id":3,"method":"start","params":{\#(greeting)}}"#, "services"),
      (#"{"jsonrpc":"2.0","id":3,"method":"status","params":[1]}"#, "greeting"),
    ]
    for (text, key) in cases {
      #expect(problem(of: text)?.code == .invalidParameters, "\(text)")
      #expect(problem(of: text)?.text.contains(key) == true, "\(text)")
    }
  }

  @Test func `a notification is never answered`() {
    for text in [
      #"{"jsonrpc":"2.0","method":"dance"}"#, #"{"jsonrpc":"2.0","method":"cancel","params":{}}"#,
    ] {
      #expect(problem(of: text) != nil)
      #expect(problem(of: text)?.answer == nil, "\(text)")
    }
  }

  @Test func `a failure that nobody asked for can be read`() throws {
    let line = Envelope.failure(id: nil, ProtocolError(code: .parseError, text: "no JSON")).line
    let read = try Envelope(line: Array(line.dropLast()))
    #expect(read == .failure(id: nil, ProtocolError(code: .parseError, text: "no JSON")))
  }
}
