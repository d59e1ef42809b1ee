import DevstartCore

/// When a service is launched again by itself, and when not.
extension SimulatedWorld {
  /// Each launch has a name of its own, and one that follows by itself is the next of its line.
  func checkIdentifier(_ specification: LaunchSpecification, isAgain: Bool) {
    let id = specification.launch
    let name = specification.service.name
    if !usedLaunches.insert(id).inserted {
      violate(.oneOfEach, "\(name) is launched under the name of an earlier launch")
    }
    ledgers[name]?.hasSettled = false
    guard isAgain else {
      if specification.origin != id { violate(.restart, "\(id) was asked for by nobody") }
      origins[id] = (Int(specification.caller.identity.pid), supervisors, name, now)
      ledgers[name, default: Ledger()].restarts = []
      ledgers[name]?.change = nil
      ledgers[name]?.fileRestarts = []
      return
    }
    if ledgers[name]?.last?.specification.origin != specification.origin {
      violate(.restart, "\(id) does not follow the last launch of \(name)")
    }
    if endedOrigins.contains(specification.origin) {
      violate(.restart, "\(name) is launched again, and somebody has had it stopped")
    }
  }

  func checkRestart(_ decision: Decision) {
    if decision.isTreeEmpty { return checkAfterEnd(decision) }
    if case .backoff = decision.after.life, decision.relaunched == nil {
      if case .backoff = decision.before {
      } else {
        violate(.backoff, "\(decision.name) waits to be launched again, and has not ended")
      }
    }
    guard decision.relaunched != nil else { return }
    switch decision.before {
    case .backoff(let specification, let until, _):
      if until == now { ledgers[decision.name]?.change = nil } else { follow(specification) }
    case .resting(let specification, _): follow(specification)
    case .down, .waiting, .starting, .ready, .finished, .stopping:
      violate(.restart, "\(decision.name) is launched again out of the blue")
    }
  }

  /// A launch follows a change of files.
  private func follow(_ specification: LaunchSpecification) {
    let service = specification.service
    guard let change = ledgers[service.name]?.change, let watch = service.watch,
      watch.signal == nil,
      change + watch.debounce <= now || ledgers[service.name]?.hasSettled == true
    else {
      violate(.backoff, "\(service.name) is launched again before its time")
      return
    }
    ledgers[service.name]?.change = nil
    ledgers[service.name]?.fileRestarts.append(now)
  }

  private func checkAfterEnd(_ decision: Decision) {
    guard let launch = decision.launch else { return }
    var cause = Stopping.Cause.mainEnded(after: .zero, wasReady: false)
    var exit = ExitStatus.unknown
    switch decision.before {
    case .stopping(_, let stopping):
      cause = stopping.cause
      exit = stopping.exit ?? .unknown
      if stopping.next != nil {
        if decision.relaunched != nil {
          violate(.restart, "\(decision.name) follows by itself, and a start has planned another")
        }
        return
      }
    case .finished:
      if decision.relaunched != nil { violate(.restart, "\(decision.name) was completed") }
      return
    case .down, .resting, .waiting, .backoff, .starting, .ready: break
    }
    if case .filesChanged = cause {
      if decision.relaunched == nil, !decision.isWantedAnew, !isBeingStopped(decision.name) {
        violate(.files, "the files of \(decision.name) changed, and it is not launched again")
      }
      ledgers[decision.name]?.change = nil
      return
    }
    check(decision, launch.service, isWanted: Self.wantsRestart(launch.service, cause, exit))
  }

  private static func wantsRestart(
    _ service: Service, _ cause: Stopping.Cause, _ exit: ExitStatus
  ) -> Bool {
    let isClean =
      [.code(0), .code(129), .code(130), .code(141), .code(143)].contains(exit)
      || ["HUP", "INT", "PIPE", "TERM"].contains { exit == .signal($0) }
    return switch cause {
    case .asked, .notLaunched, .filesChanged: false
    case .exceeded: service.limits.onExceed == .restart
    case .notReady, .unhealthy: service.restart.policy != .never
    case .mainEnded:
      switch service.restart.policy {
      case .never: false
      case .onFailure: !isClean
      case .always: !(service.isOneshot && exit == .code(0))
      }
    }
  }

  private func check(_ decision: Decision, _ service: Service, isWanted: Bool) {
    let name = decision.name
    let policy = service.restart
    let recent = ledgers[name]?.restarts.count { $0 + policy.within > now } ?? 0
    let isWithinBudget = recent < policy.max
    var pause = min(policy.backoff, policy.maxBackoff)
    for _ in 0..<recent { pause = min(pause * 2, policy.maxBackoff) }
    if let next = decision.relaunched {
      // A change that settled while the launch was being ended is followed at once.
      if !isWanted || pause > .zero || !isWithinBudget { return follow(next) }
      ledgers[name]?.restarts.append(now)
      ledgers[name]?.change = nil
      return
    }
    switch decision.after.life {
    case .backoff(_, let until, _):
      if !isWanted { violate(.restart, "\(name) is to be launched again, and nothing wants that") }
      if !isWithinBudget { violate(.budget, "\(name) has had \(recent) restarts already") }
      let shortest = Duration.nanoseconds(pause.nanoseconds / 4 * 3)
      if until - now > pause || until - now < shortest {
        violate(.backoff, "\(name) waits \(until - now), and not \(shortest) to \(pause)")
      }
      ledgers[name]?.restarts.append(now)
    case .down(let ending), .resting(_, let ending):
      guard isWanted, !(ending.reason == .asked && isBeingStopped(name)) else { return }
      if isWithinBudget { violate(.restart, "\(name) is not launched again: \(ending)") }
      if case .gaveUp = ending.reason, ending.kind == .failed { return }
      violate(.budget, "\(name) is over its budget, and nobody is told: \(ending)")
    case .waiting, .starting, .ready, .finished, .stopping: break
    }
  }

  /// Whether somebody waits for its stop.
  func isBeingStopped(_ name: String) -> Bool {
    clients.values.contains { client in
      guard case .stop(let request) = client.request, !client.isAnswered else { return false }
      return request.includesUnlisted || request.targets.contains(name)
    }
  }
}
