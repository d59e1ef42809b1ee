extension FleetMachine {
  /// The service's outcome as of now; nil while it is under way.
  func outcome(
    of service: Service, _ operation: StartOperation, at now: Instant
  ) -> ServiceOutcome? {
    let name = service.name
    let life = services[name]?.life ?? .down(.never)
    switch operation.members[name] {
    case .settled(let outcome): return outcome
    case .clearing, nil: return nil
    case .following(let result):
      var outcome = ServiceOutcome(service: name, result: result)
      outcome.pid = life.launch?.main?.pid
      outcome.launch = life.origin
      outcome.replaced = operation.replaced[name]
      outcome.seconds = max(0, ((changedAt[name] ?? now) - operation.began).seconds)
      // What was launched is being stopped, unless another call waits for it.
      if operation.isCancelled || result == .cancelled {
        outcome.result = .cancelled
        if case .stopping(_, let stopping) = life, stopping.next == nil {
          guard stopping.step == .stuck else { return nil }
          outcome.survivors = services[name]?.lastStop?.survivors ?? []
          outcome.reason = Words.survived(outcome.survivors)
        }
        return outcome
      }
      switch life {
      case .waiting: return nil
      case .stopping(_, let stopping):
        guard stopping.step == .stuck else { return nil }
        outcome.result = .failed
        outcome.survivors = services[name]?.lastStop?.survivors ?? []
        outcome.reason = Words.oldLaunchSurvived(outcome.survivors)
      case .starting(let launch, _):
        if operation.request.waits || launch.main == nil { return nil }
        outcome.result = .started
      case .backoff(_, _, let ending):
        // What ended is launched again, and may come up yet; who has waited a whole readiness
        // timeout has waited long enough.
        guard case .notReady = ending.reason else { return nil }
        return ended(outcome, ending, service, operation)
      case .ready(let launch, _):
        outcome.reason = Words.uncheckedReadiness(of: launch.service)
      case .finished(let launch):
        outcome.result = .completed
        outcome.launch = launch.specification.origin
      case .down(let ending), .resting(_, let ending):
        return ended(outcome, ending, service, operation)
      }
      return outcome
    }
  }

  private func ended(
    _ outcome: ServiceOutcome, _ ending: Ending, _ service: Service, _ operation: StartOperation
  ) -> ServiceOutcome {
    var outcome = outcome
    outcome.reason = Words.ending(ending)
    outcome.launch = operation.launched[service.name]
    switch ending.kind {
    case .completed: outcome.result = service.isOneshot ? .completed : .failed
    case .failed: outcome.result = .failed
    case .stopped:
      // Its own limit is not somebody's wish.
      if case .exceeded = ending.reason {
        outcome.result = .failed
      } else {
        outcome.result = .cancelled
      }
    }
    if outcome.result == .completed { outcome.reason = nil }
    return outcome
  }

  mutating func finish(
    _ client: ClientID, _ operation: StartOperation, _ outcomes: [ServiceOutcome]
  ) {
    operations[client] = nil
    if operation.request.isLease, !operation.isCancelled, !operation.isAbandoned {
      for (name, launch) in operation.launched where services[name]?.life.origin == launch {
        leases[client, default: [:]][name] = launch
      }
    }
    guard !operation.isAbandoned else { return }
    var reply = OperationReply(verdict: .done)
    reply.services = outcomes
    reply.sweep = operation.sweep
    reply.sweep.merge(sparedByReplacing(operation))
    reply.warnings = operation.warnings
    let results = outcomes.map(\.result)
    if results.contains(where: { [.failed, .skipped, .cancelled].contains($0) }) {
      reply.verdict = .failed
    } else if results.contains(.timedOut) {
      reply.verdict = .timedOut
    }
    if operation.isCancelled { reply.verdict = .interrupted }
    effects.append(.reply(client, reply))
  }

  /// What the launches left on purpose that had to go.
  private func sparedByReplacing(_ operation: StartOperation) -> SweepReport {
    var report = SweepReport()
    for name in operation.replaced.keys.sorted() {
      guard let stop = services[name]?.lastStop, stop.launch != operation.launched[name] else {
        continue
      }
      report.spared += stop.spared
    }
    return report
  }

  mutating func endAtDeadline(
    _ client: ClientID, _ operation: StartOperation, at now: Instant
  ) {
    let outcomes = operation.request.services.map { service in
      if let outcome = outcome(of: service, operation, at: now) { return outcome }
      var outcome = ServiceOutcome(service: service.name, result: .timedOut)
      outcome.reason = waitingFor(service.name, client: client)
      outcome.seconds = (now - operation.began).seconds
      return outcome
    }
    // What was only planned is planned no more; what was launched runs on.
    for (name, launch) in operation.launched.inOrder {
      if services[name]?.life.planned?.launch == launch, !isFollowed(name, except: client) {
        tell(name, .stop(timeout: nil, isForced: false), at: now)
      }
    }
    finish(client, operation, outcomes)
  }
}
