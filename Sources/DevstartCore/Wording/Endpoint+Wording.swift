extension Words {
  /// `the project's endpoint`, `the endpoint of api`.
  package static func endpoint(_ owner: EndpointOwner) -> String {
    switch owner {
    case .project: "the project's endpoint"
    case .service(let name): "the endpoint of \(name)"
    }
  }

  /// An endpoint that could not be opened, as a warning; `why` in words.
  package static func notServed(
    _ owner: EndpointOwner, at endpoint: HealthEndpoint, why: String
  ) -> String {
    "\(self.endpoint(owner)) is not served on port \(endpoint.port) of \(endpoint.host): \(why); "
      + "the next start tries again"
  }

  /// An endpoint that cannot be served, whatever else is there.
  package static func clash(_ clash: EndpointClash) -> String {
    let name = endpoint(clash.owner)
    return switch clash.other {
    case .service(let service):
      "\(name) is on port \(clash.port), which is \(service)'s own (\"ports\"); "
        + "give \"health\" another port"
    case .endpoint(let other):
      "\(name) and \(endpoint(other)) are both on port \(clash.port); give one of them another"
    }
  }
}
