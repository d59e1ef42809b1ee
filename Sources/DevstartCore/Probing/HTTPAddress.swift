/// What a probe may ask: an address, or `localhost`. Any other name would have to be looked up, and
/// the supervisor waits for nobody.
package enum ProbedHost: Hashable, Sendable {
  case localhost
  case address(IPAddress)

  /// nil where the text is neither; an IPv6 address stands without brackets.
  package init?(_ text: some StringProtocol) {
    if text.lowercased() == "localhost" {
      self = .localhost
    } else if let address = IPAddress(text) {
      self = .address(address)
    } else {
      return nil
    }
  }

  /// Where to connect, in this order.
  package var addresses: [IPAddress] {
    switch self {
    case .localhost: [.loopback4, .loopback6]
    case .address(let address): [address]
    }
  }
}

/// What an HTTP probe asks: `http://127.0.0.1:8000/health`, `http://[::1]`, `http://localhost`
/// (RFC 9110, section 4.2.1).
package struct HTTPAddress: Hashable, Sendable {
  /// Why a text is none.
  package enum Problem: Error, Equatable, Sendable {
    /// Probes speak no TLS.
    case https
    case malformed
  }

  package var host: ProbedHost
  /// 80 where the text names none.
  package var port: UInt16
  /// Path and query, as the request line has them (RFC 9112, section 3.2.1).
  package var target: String
  /// The value of the field `Host` (RFC 9110, section 7.2).
  package var hostField: String

  /// Reads an address. What cannot stand in a request line, such as a blank or a letter beyond
  /// ASCII, is percent-encoded; a fragment is the client's own business and left out.
  package init(_ text: String) throws(Problem) {
    guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") else {
      throw .malformed
    }
    let scheme = text[..<colon]
    guard scheme != "https" else { throw .https }
    guard scheme == "http" else { throw .malformed }
    let rest = text[colon...].dropFirst(3)
    let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    guard let (host, port) = Self.hostAndPort(authority) else { throw .malformed }
    self.host = host
    self.port = port
    hostField = String(authority)
    target = Self.target(rest[authority.endIndex...])
  }

  /// The address as other programs take it.
  var text: String { "http://" + hostField + target }

  /// The request, whole (RFC 9112, section 3). The connection is not used again.
  package func request(version: String = programVersion) -> [UInt8] {
    let lines = [
      "GET \(target) HTTP/1.1", "Host: \(hostField)", "User-Agent: devstart/\(version)",
      "Accept: */*", "Connection: close", "", "",
    ]
    return Array(lines.joined(separator: "\r\n").utf8)
  }

  static func hostAndPort(_ authority: Substring) -> (ProbedHost, UInt16)? {
    var (name, rest) = (authority.prefix { $0 != ":" }, authority.drop { $0 != ":" })
    let isBracketed = authority.hasPrefix("[")
    if isBracketed {
      guard let end = authority.firstIndex(of: "]") else { return nil }
      name = authority[..<end].dropFirst()
      rest = authority[end...].dropFirst()
    }
    // Brackets are there for IPv6 addresses, and for nothing else (RFC 3986, section 3.2.2).
    guard let host = ProbedHost(name), name.utf8.contains(UInt8(ascii: ":")) == isBracketed else {
      return nil
    }
    if rest.isEmpty { return (host, 80) }
    guard rest.hasPrefix(":"), let port = DecimalNumber(rest.dropFirst(), upTo: 65_535),
      port.value > 0
    else { return nil }
    return (host, UInt16(port.value))
  }

  private static func target(_ text: Substring) -> String {
    let hex = Array("0123456789ABCDEF")
    var target = text.hasPrefix("/") ? "" : "/"
    for byte in text.prefix(while: { $0 != "#" }).utf8 {
      if (0x21...0x7E).contains(byte) {
        target.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        target += "%\(hex[Int(byte >> 4)])\(hex[Int(byte & 15)])"
      }
    }
    return target
  }
}
