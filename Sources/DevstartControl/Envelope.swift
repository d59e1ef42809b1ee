package import DevstartCore

/// One line on the control socket: JSON-RPC 2.0 (jsonrpc.org/specification) as one object per
/// line. Both sides write and read the same type.
package enum Envelope: Equatable, Sendable {
  /// From a command; answered by one `result` or `failure` of the same `id`.
  case request(id: Int, greeting: Greeting, request: Request)
  /// From a command, without an answer: `cancel`.
  case notification(Request)
  /// The answer to a request: the reply's JSON.
  case result(id: Int, JSON)
  /// The request was refused; what was wrong and what to do, for people.
  case refusal(id: Int, RequestError)
  /// The line could not be understood; `id` is nil where it could not be read.
  case failure(id: Int?, ProtocolError)
  /// From the supervisor while a request is under way.
  case progress(Progress)
  /// From the supervisor to a `watch`, after each change.
  case status(StatusReply)
}

/// Why a line is no request, in the standard's codes.
package struct ProtocolError: Error, Equatable {
  /// Section 5.1 of the specification.
  package enum Code: Int, Sendable {
    case parseError = -32700
    case invalidRequest = -32600
    case methodNotFound = -32601
    case invalidParameters = -32602
    /// The supervisor cannot hear anybody now.
    case internalError = -32603
  }

  package var code: Code
  package var text: String
  /// The request's, where it could be read.
  package var id: Int?
  /// A notification is never answered, however wrong it is (section 4.1).
  package var isAnswered = true
  /// Who asked, where that could be read: a request of a newer protocol may be unknown here,
  /// and its greeting tells which program understands it.
  package var greeting: Greeting?

  package init(code: Code, text: String, id: Int? = nil) {
    self.code = code
    self.text = text
    self.id = id
  }

  /// What to send back, if anything.
  package var answer: Envelope? { isAnswered ? .failure(id: id, self) : nil }
}

/// `RequestError`s travel under this code, which the specification leaves to the application.
let refusalCode = -32000

// MARK: Writing

extension Envelope {
  /// The envelope as UTF-8, with the line's end.
  package var line: [UInt8] {
    var bytes = json.bytes
    bytes.append(UInt8(ascii: "\n"))
    return bytes
  }

  private var json: JSON {
    switch self {
    case .request(let id, let greeting, let request):
      [
        "jsonrpc": "2.0", "id": JSON(id), "method": JSON(request.method),
        "params": request.parameters.adding("greeting", greeting.json),
      ]
    case .notification(let request):
      ["jsonrpc": "2.0", "method": JSON(request.method), "params": request.parameters]
    case .result(let id, let result):
      ["jsonrpc": "2.0", "id": JSON(id), "result": result]
    case .refusal(let id, let error):
      [
        "jsonrpc": "2.0", "id": JSON(id),
        "error": ["code": JSON(refusalCode), "message": JSON(error.text), "data": error.json],
      ]
    case .failure(let id, let error):
      [
        "jsonrpc": "2.0", "id": JSON(id),
        "error": ["code": JSON(error.code.rawValue), "message": JSON(error.text)],
      ]
    case .progress(let progress):
      ["jsonrpc": "2.0", "method": "progress", "params": progress.json]
    case .status(let status):
      ["jsonrpc": "2.0", "method": "status", "params": status.json]
    }
  }
}

extension JSON {
  /// An object with one more member; anything else as it is.
  fileprivate func adding(_ key: String, _ value: JSON) -> JSON {
    guard let members else { return self }
    return JSON(.object(members + [Member(key: key, value: value)]))
  }
}
