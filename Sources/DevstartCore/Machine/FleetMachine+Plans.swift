/// What several requests mean for each other: who launches what another has planned, and who
/// still wants what another would end.
extension FleetMachine {
  mutating func cancel(_ client: ClientID, isForced: Bool, at now: Instant) {
    switch operations[client] {
    case .start(var operation):
      operation.isCancelled = true
      // The operation that was cancelled before its survey has begun nothing.
      operation.isSurveyed = true
      operations[client] = .start(operation)
      for (name, launch) in operation.launched.inOrder {
        let life = services[name]?.life
        let isOurs = life?.origin == launch || life?.planned?.launch == launch
        if isOurs, !isFollowed(name, except: client) {
          tell(name, .stop(timeout: nil, isForced: isForced), at: now)
        }
      }
      for (name, member) in operation.members {
        if case .clearing = member { operation.members[name] = .following(.cancelled) }
      }
      operations[client] = .start(operation)
    case .stop, .clean, .wait:
      operations[client] = nil
    case nil: break
    }
  }

  /// Whether another call waits for the service too.
  func isFollowed(_ name: String, except client: ClientID) -> Bool {
    operations.contains { other, operation in
      guard other != client, case .start(let start) = operation, !start.isCancelled else {
        return false
      }
      return start.members[name].map { $0 != .following(.cancelled) } ?? false
    }
  }

  /// A plan whose maker was cancelled, or gave up, is this operation's, if it waits for it.
  func takeOverPlan(of name: String, _ operation: inout StartOperation) {
    guard case .following(let result) = operation.members[name], result != .cancelled,
      !operation.isCancelled, let planned = services[name]?.life.planned, !hasMaker(planned)
    else { return }
    operation.launched[name] = planned.launch
    operation.members[name] = .clearing(planned)
  }

  /// Strays of the service outlived KILL: nothing is launched beside them.
  mutating func straysSurvived(
    _ failed: [SweepReport.Failed], of name: String, at now: Instant
  ) {
    let why = Words.straysSurvived(failed)
    for (client, other) in operations.inOrder {
      guard case .start(var operation) = other, operation.isClearing(name) else { continue }
      var outcome = ServiceOutcome(service: name, result: .failed)
      outcome.reason = why
      operation.members[name] = .settled(outcome)
      operations[client] = .start(operation)
    }
    tell(name, .abandon(Ending(.failed, .notLaunched(why))), at: now)
  }

  /// What an earlier start has not launched yet, it will not launch after this stop.
  mutating func dropPlans(of name: String) {
    for (client, other) in operations {
      guard case .start(var operation) = other else { continue }
      switch operation.members[name] {
      case .settled, nil: continue
      case .following where services[name]?.life.planned == nil: continue
      case .following, .clearing: operation.members[name] = .following(.cancelled)
      }
      operations[client] = .start(operation)
    }
  }

  /// Whether a stop under way has yet to come to the service.
  func isToBeStopped(_ name: String) -> Bool {
    operations.values.contains { operation in
      guard case .stop(let stop) = operation else { return false }
      return stop.targets.contains(name) && stop.told[name] == nil
    }
  }

  /// Whether a start under way will replace the service, once what depends on it is gone.
  func isToBeReplaced(_ name: String) -> Bool {
    operations.values.contains { operation in
      guard case .start(let start) = operation, start.isSurveyed, !start.isCancelled else {
        return false
      }
      return start.isClearing(name) && start.launched[name] == nil
    }
  }

  /// Whether a start that came after this stop has launched the service, or is about to.
  func isWantedSince(_ operation: StopOperation, _ life: ServiceLife) -> Bool {
    if let planned = life.planned { return hasMaker(planned) }
    // What has ended by itself may be launched again.
    if case .stopping(_, let stopping) = life, stopping.cause == .asked { return false }
    // A launch that followed by itself is as old as the wish for it.
    guard let specification = life.launch?.specification ?? life.expected else { return false }
    if let since = services[specification.service.name]?.restarts.since {
      return since > operation.began
    }
    // Where another supervisor was told of it, such a launch is older than this one's requests.
    guard let launch = life.launch else { return false }
    return launch.id == launch.specification.origin && launch.began > operation.began
  }

  /// Whether some start will launch this, once it may.
  func hasMaker(_ planned: LaunchSpecification) -> Bool {
    operations.values.contains {
      $0.isClearing(planned.service.name, for: planned.launch)
    }
  }
}
