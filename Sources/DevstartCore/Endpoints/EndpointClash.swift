/// An endpoint whose port the manifest gives to something else as well: it will not be served.
package struct EndpointClash: Equatable, Sendable {
  /// Who has the port, too.
  package enum Other: Equatable, Sendable {
    case endpoint(EndpointOwner)
    /// A service that listens on it itself (`ports`).
    case service(String)
  }

  package var owner: EndpointOwner
  package var port: UInt16
  package var other: Other
}

extension Manifest {
  /// Every such endpoint of these services and of the project. Two services of which one only
  /// starts when it is named may be meant to take turns: that is none.
  package func endpointClashes(of services: [Service]) -> [EndpointClash] {
    let automatic = Set(launchOrder(of: services.filter(\.startsAutomatically)).map(\.name))
    func meet(_ owner: EndpointOwner, _ other: EndpointOwner) -> Bool {
      guard case .service(let one) = owner, case .service(let two) = other else { return true }
      return one == two || automatic.contains(one) && automatic.contains(two)
    }
    var endpoints: [(owner: EndpointOwner, endpoint: HealthEndpoint)] = []
    if let health { endpoints.append((.project, health)) }
    for service in services {
      if let health = service.health { endpoints.append((.service(service.name), health)) }
    }
    return endpoints.indices.compactMap { index -> EndpointClash? in
      let (owner, endpoint) = endpoints[index]
      let listener = services.first {
        $0.ports.contains(endpoint.port) && meet(owner, .service($0.name))
      }
      let rival = endpoints[..<index].first {
        $0.endpoint.excludes(endpoint) && meet(owner, $0.owner)
      }
      let other = listener.map { EndpointClash.Other.service($0.name) }
      return (other ?? rival.map { .endpoint($0.owner) }).map {
        EndpointClash(owner: owner, port: endpoint.port, other: $0)
      }
    }
  }
}

extension HealthEndpoint {
  /// Whether both cannot be served at once.
  fileprivate func excludes(_ other: HealthEndpoint) -> Bool {
    guard port == other.port else { return false }
    let (addresses, others) = (self.addresses, other.addresses)
    return addresses.contains { address in
      others.contains { address == $0 || address.covers($0) || $0.covers(address) }
    }
  }

  private var addresses: [IPAddress] { ProbedHost(host)?.addresses ?? [] }
}

extension IPAddress {
  /// Whether a listener at this address, which stands for all of its kind, is one at the other.
  fileprivate func covers(_ other: IPAddress) -> Bool {
    switch (self, other) {
    case (.version4(0), .version4), (.version6(0, 0), .version6): true
    case (.version4, _), (.version6, _): false
    }
  }
}
