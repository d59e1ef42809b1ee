/// Reads the head of one request as it arrives, whatever the pieces (RFC 9112, sections 2 to 5).
/// Strict: what the grammar does not have is refused, a bare line feed too. What a client can make
/// it keep is bounded: the request line, and the values of the few fields that matter.
package struct HTTPRequestReader: Sendable {
  package enum Outcome: Equatable, Sendable {
    case request(HTTPRequest)
    case refused(HTTPStatus)
  }

  package static let longestRequestLine = 1024
  /// Of a field that matters; others are read past.
  package static let longestValue = 1024
  /// All of it together, in bytes: browsers bring cookies.
  package static let longestHead = 16_384
  package static let mostFields = 100

  private enum Step { case requestLine, name, value }

  private enum Field: String {
    case host
    case accept
    case contentLength = "content-length"
    case transferEncoding = "transfer-encoding"
  }

  /// One byte more than the longest name that matters: no longer one does.
  private static let longestName = 18

  private var step = Step.requestLine
  /// What of the line is kept: the request line, a name, or a value that matters.
  private var kept: [UInt8] = []
  private var field: Field?
  private var isAfterReturn = false
  private var isAfterEmptyLine = false
  private var size = 0
  private var fields = 0
  private var request = HTTPRequest(.get, "", host: "")
  /// The authority of an absolute target: it stands above `Host` (RFC 9112, section 3.2.2).
  private var authority: String?
  private var host: String?
  private var contentLength: [UInt8]?

  package init() {}

  /// Whether only the head of an answer may be sent, also to what is refused or never ends.
  package var isHead: Bool { request.method == .head }

  /// Nothing of a request has come yet.
  package var isEmpty: Bool { size == 0 }

  /// Takes what arrived; the outcome once it is known, and how many of the bytes it took.
  package mutating func take(_ bytes: [UInt8]) -> (outcome: Outcome, taken: Int)? {
    for index in bytes.indices {
      size += 1
      let outcome = size > Self.longestHead ? .refused(.headTooLarge) : take(bytes[index])
      if let outcome { return (outcome, index + 1) }
    }
    return nil
  }

  private mutating func take(_ byte: UInt8) -> Outcome? {
    if isAfterReturn {
      isAfterReturn = false
      return byte == UInt8(ascii: "\n") ? endLine() : .refused(.badRequest)
    }
    if byte == UInt8(ascii: "\r") {
      isAfterReturn = true
      return nil
    }
    switch step {
    case .requestLine: return takeRequestLine(byte)
    case .name: return takeName(byte)
    case .value: return takeValue(byte)
    }
  }

  private mutating func endLine() -> Outcome? {
    switch step {
    case .requestLine:
      // One empty line before it is passed over (RFC 9112, section 2.2).
      if kept.isEmpty, !isAfterEmptyLine {
        isAfterEmptyLine = true
        return nil
      }
      if let refused = endRequestLine() { return .refused(refused) }
    case .name: return kept.isEmpty ? end() : .refused(.badRequest)
    case .value: if let refused = endValue() { return .refused(refused) }
    }
    step = .name
    kept.removeAll(keepingCapacity: true)
    return nil
  }

  private mutating func end() -> Outcome {
    guard let host = authority ?? host, self.host != nil else { return .refused(.badRequest) }
    request.host = host
    return .request(request)
  }

  // MARK: The request line

  private mutating func takeRequestLine(_ byte: UInt8) -> Outcome? {
    guard (0x20...0x7E).contains(byte) else { return .refused(.badRequest) }
    kept.append(byte)
    return kept.count > Self.longestRequestLine ? .refused(.targetTooLong) : nil
  }

  /// `GET /health HTTP/1.1`: why it is refused, or nil.
  private mutating func endRequestLine() -> HTTPStatus? {
    let parts = kept.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard parts.count == 3, !parts[0].isEmpty, parts[0].allSatisfy(Self.isToken) else {
      return .badRequest
    }
    switch String(decoding: parts[0], as: UTF8.self) {
    case "GET": request.method = .get
    case "HEAD": request.method = .head
    default: request.method = .other
    }
    let version = String(decoding: parts[2], as: UTF8.self)
    guard ["HTTP/1.1", "HTTP/1.0"].contains(version) else {
      let bytes = Array(version.utf8)
      let isHTTP =
        bytes.count == 8 && version.hasPrefix("HTTP/") && Self.isDigit(bytes[5])
        && bytes[6] == UInt8(ascii: ".") && Self.isDigit(bytes[7])
      return isHTTP ? .versionNotSupported : .badRequest
    }
    return takeTarget(String(decoding: parts[1], as: UTF8.self))
  }

  private mutating func takeTarget(_ target: String) -> HTTPStatus? {
    var path = target[...]
    let scheme = "http://"
    if target.prefix(scheme.count).lowercased() == scheme {
      let rest = target.dropFirst(scheme.count)
      authority = String(rest.prefix { $0 != "/" && $0 != "?" })
      path = rest.drop { $0 != "/" && $0 != "?" }
      if !path.hasPrefix("/") { path = "/" + path }
    }
    guard path.hasPrefix("/"), authority != "" else { return .badRequest }
    request.path = String(path.prefix { $0 != "?" })
    return nil
  }

  // MARK: Fields

  private mutating func takeName(_ byte: UInt8) -> Outcome? {
    if byte == UInt8(ascii: ":"), !kept.isEmpty {
      fields += 1
      if fields > Self.mostFields { return .refused(.headTooLarge) }
      field = Field(rawValue: String(decoding: kept, as: UTF8.self))
      step = .value
      kept.removeAll(keepingCapacity: true)
      return nil
    }
    // A blank first would continue a line, as nobody may (RFC 9112, section 5.2).
    guard Self.isToken(byte) else { return .refused(.badRequest) }
    let isCapital = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    if kept.count < Self.longestName { kept.append(isCapital ? byte | 0x20 : byte) }
    return nil
  }

  private mutating func takeValue(_ byte: UInt8) -> Outcome? {
    guard byte >= 0x20 && byte != 0x7F || byte == UInt8(ascii: "\t") else {
      return .refused(.badRequest)
    }
    guard field != nil else { return nil }
    kept.append(byte)
    return kept.count > Self.longestValue ? .refused(.headTooLarge) : nil
  }

  private mutating func endValue() -> HTTPStatus? {
    guard let field else { return nil }
    let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
    let bytes = kept.drop(while: isBlank)
    let value = Array(
      bytes.prefix(
        (bytes.lastIndex { !isBlank($0) } ?? bytes.startIndex - 1) + 1 - bytes.startIndex))
    let text = String(decoding: value, as: UTF8.self)
    switch field {
    case .host:
      guard host == nil else { return .badRequest }
      host = text
    case .accept:
      let accept = request.accept.map { "\($0), \(text)" } ?? text
      guard accept.utf8.count <= Self.longestValue else { return .headTooLarge }
      request.accept = accept
    case .contentLength:
      guard !value.isEmpty, value.allSatisfy(Self.isDigit), contentLength ?? value == value else {
        return .badRequest
      }
      contentLength = value
      if value.contains(where: { $0 != UInt8(ascii: "0") }) { request.hasContent = true }
    case .transferEncoding: request.hasContent = true
    }
    return nil
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  /// `tchar` (RFC 9110, section 5.6.2).
  private static func isToken(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"): true
    case _: tokenMarks.contains(byte)
    }
  }

  private static let tokenMarks = Array("!#$%&'*+-.^_`|~".utf8)
}
