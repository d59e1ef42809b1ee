/// Whether a service, or all of a project's, is as it should be.
package struct ServiceHealth: Equatable, Sendable {
  package var isHealthy: Bool
  /// Why not, in words.
  package var reason: String?

  package init(isHealthy: Bool, reason: String? = nil) {
    self.isHealthy = isHealthy
    self.reason = reason
  }

  /// A service is healthy while it is ready, and a oneshot once it has completed.
  package init(_ machine: ServiceMachine, isOneshot: Bool) {
    let state = machine.life.shown
    switch state {
    case .ready: self.init(isHealthy: true)
    case .completed where isOneshot: self.init(isHealthy: true)
    case .completed, .stopped, .waiting, .starting, .unhealthy, .stopping, .backoff, .failed:
      let words = Words.statusReason(machine.life)
      self.init(
        isHealthy: false, reason: words.map { "\(state.rawValue): \($0)" } ?? state.rawValue)
    }
  }

  /// How many services a project's reason names.
  private static let mostNamed = 3

  /// A project is healthy while all its services are, but for those that somebody stopped.
  package init(ofAll services: [(name: String, state: ServiceState, health: ServiceHealth)]) {
    let bad = services.filter { $0.state != .stopped && !$0.health.isHealthy }
    var named = bad.prefix(Self.mostNamed).map { "\($0.name): \($0.health.reason ?? "")" }
    if bad.count > named.count { named.append("and \(bad.count - named.count) more") }
    self.init(isHealthy: bad.isEmpty, reason: bad.isEmpty ? nil : named.joined(separator: "; "))
  }

  var json: JSON { ["is_healthy": JSON(isHealthy), "reason": JSON(reason)] }
}

extension HTTPResponse {
  /// The answer to `/health`.
  package static func health(_ health: ServiceHealth) -> HTTPResponse {
    HTTPResponse(health.isHealthy ? .ok : .unavailable, health.json)
  }

  /// The answer to `/ready`.
  package static func ready(_ health: ServiceHealth) -> HTTPResponse {
    HTTPResponse(
      health.isHealthy ? .ok : .unavailable,
      ["is_ready": JSON(health.isHealthy), "reason": JSON(health.reason)])
  }
}
