/// Whose endpoint it is.
package enum EndpointOwner: Hashable, Sendable {
  case project
  case service(String)
}

/// Where a connection came in.
package struct EndpointDoor: Equatable, Sendable {
  package var owner: EndpointOwner
  /// As the manifest has it.
  package var host: String
  /// The address that the connection was made to.
  package var address: IPAddress

  package init(owner: EndpointOwner, host: String, address: IPAddress) {
    self.owner = owner
    self.host = host
    self.address = address
  }

  /// Whether a `Host` means this endpoint: its address, `localhost` or the configured host, on
  /// whatever port, as it may have been forwarded. Any other name may be a stranger's that was
  /// made to point here (DNS rebinding).
  package func isMeant(by field: String) -> Bool {
    guard let (named, _) = HTTPAddress.hostAndPort(field[...]) else { return false }
    switch named {
    case .localhost: return true
    case .address(let address):
      return address.unmapped == self.address.unmapped
        || ProbedHost(host)?.addresses.contains(address) == true
    }
  }
}

/// What a request asks for.
package enum EndpointQuestion: Equatable, Sendable {
  case health(EndpointOwner)
  case ready(EndpointOwner)
  case metrics(EndpointOwner, MetricsFormat)
  /// There is no such thing.
  case unknown
  case refused(HTTPStatus, String)

  package init(_ request: HTTPRequest, at door: EndpointDoor) {
    guard door.isMeant(by: request.host) else {
      self = .refused(
        .misdirected, "\"Host\" is neither this address nor localhost nor the configured host")
      return
    }
    guard request.method != .other else {
      self = .refused(.methodNotAllowed, "only GET and HEAD")
      return
    }
    guard !request.hasContent else {
      self = .refused(.contentTooLarge, "a request here has no content")
      return
    }
    let parts = request.path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    if parts.count == 1 {
      self = Self.page(parts[0], of: door.owner, request)
    } else if door.owner == .project, parts.count == 3, parts[0] == "services" {
      self = Self.page(parts[2], of: .service(String(parts[1])), request)
    } else {
      self = .unknown
    }
  }

  private static func page(
    _ name: Substring, of owner: EndpointOwner, _ request: HTTPRequest
  ) -> EndpointQuestion {
    switch name {
    case "health": .health(owner)
    case "ready": .ready(owner)
    case "metrics": .metrics(owner, MetricsFormat(accept: request.accept))
    default: .unknown
    }
  }
}

extension HTTPResponse {
  /// Of how many services the pages are listed: who reads them needs an example, not all.
  private static let mostListed = 20

  /// Not found, with what there is; `services` are the project's, on its own port.
  package static func notFound(at owner: EndpointOwner, services: [String]) -> HTTPResponse {
    let pages = ["health", "ready", "metrics"]
    var paths = pages.map { "/\($0)" }
    var error = "there is no such page"
    if owner == .project {
      paths += services.prefix(mostListed).flatMap { name in
        pages.map { "/services/\(name)/\($0)" }
      }
      if services.count > mostListed {
        error += "; these are, and those of \(services.count - mostListed) more services"
      }
    }
    return HTTPResponse(.notFound, ["error": JSON(error), "paths": JSON(paths)])
  }

  /// The answer to a request that could not be read.
  package static func unread(_ status: HTTPStatus) -> HTTPResponse {
    let words =
      switch status {
      case .targetTooLong: "the request line is too long"
      case .headTooLarge: "the request's fields are too long, or too many"
      case .versionNotSupported: "only HTTP/1.1 and HTTP/1.0"
      case .requestTimeout: "the request did not arrive in time"
      case .ok, .badRequest, .notFound, .methodNotAllowed, .contentTooLarge, .misdirected,
        .unavailable:
        "this is no HTTP request"
      }
    return HTTPResponse(refusal: status, words)
  }
}
