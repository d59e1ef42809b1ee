extension FleetMachine {
  /// What a service waits for now, in words; nil where it waits for nothing.
  package func waitingFor(_ name: String, client: ClientID?) -> String? {
    guard let machine = services[name] else { return nil }
    switch machine.life {
    case .down, .resting, .ready, .finished: return nil
    case .backoff(_, _, let ending):
      return "its restart: it \(Words.ending(ending))"
    case .waiting(let specification): return waitingToLaunch(specification.service, client)
    case .starting(let launch, _):
      return launch.service.isOneshot
        ? "its end" : Words.check(launch.service.readiness.check)
    case .stopping(let launch, let stopping):
      switch stopping.step {
      case .command: return "its stop command"
      case .asked:
        let signal = launch.service.stop.signal.rawValue
        return "its processes to end on \(signal), KILL after \(Words.seconds(stopping.timeout))"
      case .killing, .naming: return "its processes to end on KILL"
      case .stuck: return Words.survived(machine.lastStop?.survivors ?? [])
      }
    }
  }

  private func waitingToLaunch(_ service: Service, _ client: ClientID?) -> String? {
    guard let client, case .start(let operation) = operations[client] else { return nil }
    if operation.isClearing(service.name), strayEndings[service.name]?.isEmpty == false {
      return "its strays to end"
    }
    let missing = service.dependsOn.filter { dependency in
      guard let life = services[dependency.service]?.life else { return true }
      if case .ready = life { return false }
      return operation.services[dependency.service] != nil
    }
    guard let first = missing.first else { return nil }
    return "\(first.service) to be \(first.condition.rawValue)"
  }
}
