import DevstartCore

extension Envelope {
  /// Reads one line. Throws `ProtocolError` with the standard's code for what is none, and with
  /// the request's number and greeting as far as they could be read.
  package init(line: [UInt8]) throws(ProtocolError) {
    let json: JSON
    do {
      json = try JSON.parse(line)
    } catch {
      throw ProtocolError(
        code: .parseError, text: "no JSON: \(error.problem), at byte \(error.offset)")
    }
    guard json.members != nil else {
      throw ProtocolError(code: .invalidRequest, text: "\(json.kindName) is no request")
    }
    let id = try Self.number(of: json)
    guard json["jsonrpc"]?.string == "2.0" else {
      throw ProtocolError(code: .invalidRequest, text: #""jsonrpc" is not "2.0""#, id: id)
    }
    if let method = json["method"] {
      guard let method = method.string else {
        throw ProtocolError(code: .invalidRequest, text: #""method" is no string"#, id: id)
      }
      let parameters = json["params"] ?? [:]
      self =
        if let id {
          try Self.request(id: id, method: method, parameters: parameters)
        } else {
          try Self.notification(method: method, parameters: parameters)
        }
    } else {
      self = try Self.answer(id: id, json)
    }
  }

  /// nil where there is none, or null: an answer to what could not be read has that.
  private static func number(of json: JSON) throws(ProtocolError) -> Int? {
    guard let id = json["id"], !id.isNull else { return nil }
    guard let number = id.integer else {
      throw ProtocolError(code: .invalidRequest, text: #""id" is no whole number"#)
    }
    return number
  }

  private static func request(
    id: Int, method: String, parameters: JSON
  ) throws(ProtocolError) -> Envelope {
    var problem = ProtocolError(
      code: .invalidParameters, text: #""greeting" is missing or wrong"#, id: id)
    let greeting: Greeting
    do {
      greeting = try Greeting(json: parameters["greeting"] ?? nil)
    } catch {
      throw problem
    }
    problem.greeting = greeting
    do {
      if let request = try Request(method: method, parameters: parameters) {
        return .request(id: id, greeting: greeting, request: request)
      }
      problem.code = .methodNotFound
      problem.text = #"there is no method "\#(method)""#
    } catch {
      problem.text = #""\#(error.key)" is missing or wrong"#
    }
    throw problem
  }

  private static func notification(
    method: String, parameters: JSON
  ) throws(ProtocolError) -> Envelope {
    var problem = ProtocolError(code: .methodNotFound, text: #"there is no method "\#(method)""#)
    problem.isAnswered = false
    do {
      switch method {
      case "progress": return .progress(try Progress(json: parameters))
      case "status": return .status(try StatusReply(json: parameters))
      case let other:
        if let request = try Request(method: other, parameters: parameters) {
          return .notification(request)
        }
      }
    } catch {
      problem.code = .invalidParameters
      problem.text = #""\#(error.key)" is missing or wrong"#
    }
    throw problem
  }

  private static func answer(id: Int?, _ json: JSON) throws(ProtocolError) -> Envelope {
    if let id, let result = json["result"] { return .result(id: id, result) }
    guard let error = json["error"], let code = error["code"]?.integer,
      let text = error["message"]?.string
    else {
      throw ProtocolError(
        code: .invalidRequest, text: "neither a request nor an answer", id: id)
    }
    if let id, code == refusalCode {
      do {
        return .refusal(id: id, try RequestError(json: error["data"] ?? nil))
      } catch {
        return .refusal(id: id, RequestError(verdict: .failed, text: text))
      }
    }
    let known = ProtocolError.Code(rawValue: code) ?? .invalidRequest
    return .failure(id: id, ProtocolError(code: known, text: text, id: id))
  }
}
