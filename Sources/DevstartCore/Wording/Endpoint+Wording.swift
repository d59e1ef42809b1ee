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
}
