/// A request to one of devstart's endpoints (RFC 9112, section 3).
package struct HTTPRequest: Equatable, Sendable {
  package enum Method: Equatable, Sendable {
    case get, head
    /// Whatever else a client may want: no endpoint has it.
    case other
  }

  package var method: Method
  /// The path, without its query.
  package var path: String
  /// The value of `Host`, or the authority of a target that names one.
  package var host: String
  /// The values of every `Accept`, joined; nil where there was none.
  package var accept: String?
  /// It announces content, which no endpoint takes.
  package var hasContent = false

  package init(_ method: Method, _ path: String, host: String) {
    self.method = method
    self.path = path
    self.host = host
  }
}

/// The status codes that endpoints answer with (RFC 9110, section 15; RFC 6585 for 431).
package enum HTTPStatus: Int, Sendable {
  case ok = 200
  case badRequest = 400
  case notFound = 404
  case methodNotAllowed = 405
  case requestTimeout = 408
  case contentTooLarge = 413
  case targetTooLong = 414
  case misdirected = 421
  case headTooLarge = 431
  case unavailable = 503
  case versionNotSupported = 505

  package var phrase: String {
    switch self {
    case .ok: "OK"
    case .badRequest: "Bad Request"
    case .notFound: "Not Found"
    case .methodNotAllowed: "Method Not Allowed"
    case .requestTimeout: "Request Timeout"
    case .contentTooLarge: "Content Too Large"
    case .targetTooLong: "URI Too Long"
    case .misdirected: "Misdirected Request"
    case .headTooLarge: "Request Header Fields Too Large"
    case .unavailable: "Service Unavailable"
    case .versionNotSupported: "HTTP Version Not Supported"
    }
  }
}

/// An answer; the connection ends with it.
package struct HTTPResponse: Equatable, Sendable {
  package var status: HTTPStatus
  package var contentType: String
  package var body: [UInt8]

  package init(_ status: HTTPStatus, contentType: String, body: [UInt8]) {
    self.status = status
    self.contentType = contentType
    self.body = body
  }

  /// JSON that people can read.
  package init(_ status: HTTPStatus, _ json: JSON) {
    self.init(
      status, contentType: "application/json", body: json.indentedBytes + [UInt8(ascii: "\n")])
  }

  /// Why a request was not answered, in words.
  package init(refusal status: HTTPStatus, _ words: String) {
    self.init(status, ["error": JSON(words)])
  }

  /// What is sent: the head, and the body unless only the head was asked for; `now` in
  /// milliseconds since 1970.
  package func bytes(isHead: Bool, at now: Int) -> [UInt8] {
    var lines = [
      "HTTP/1.1 \(status.rawValue) \(status.phrase)", "Date: \(Timestamp.httpDate(now))",
      "Content-Type: \(contentType)", "Content-Length: \(body.count)", "Cache-Control: no-store",
      "X-Content-Type-Options: nosniff", "Vary: Accept",
    ]
    if status == .methodNotAllowed { lines.append("Allow: GET, HEAD") }
    lines += ["Connection: close", "", ""]
    return Array(lines.joined(separator: "\r\n").utf8) + (isHead ? [] : body)
  }
}

extension Timestamp {
  private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// `Fri, 02 Jan 2026 03:04:05 GMT` (RFC 9110, section 5.6.7), of milliseconds since 1970.
  package static func httpDate(_ milliseconds: Int) -> String {
    let text = Array(text(max(0, milliseconds)).utf8)
    func piece(_ range: Range<Int>) -> String { String(decoding: text[range], as: UTF8.self) }
    let weekday = weekdays[max(0, milliseconds) / 86_400_000 % 7]
    let month = Int(piece(5..<7)).map { months[($0 + 11) % 12] } ?? months[0]
    return "\(weekday), \(piece(8..<10)) \(month) \(piece(0..<4)) \(piece(11..<19)) GMT"
  }
}
