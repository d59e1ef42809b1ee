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
        guard isOurs else { continue }
        if isFollowed(name, except: client) {
          if life?.origin == launch { bequeath(launch, of: name) }
        } else {
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

  /// A launch whose maker was cancelled is that of somebody who waits for it too, to be stopped
  /// by: rather of one whose services are to last.
  private mutating func bequeath(_ launch: String, of name: String) {
    let heirs = operations.inOrder.compactMap { client, other -> (ClientID, StartOperation)? in
      guard case .start(let start) = other, !start.isCancelled, !start.stopped.contains(name),
        case .following(let result) = start.members[name], result != .cancelled
      else { return nil }
      return (client, start)
    }
    guard let (client, start) = heirs.first(where: { !$1.request.isLease }) ?? heirs.first else {
      return
    }
    var heir = start
    heir.members[name] = .following(.ready)
    heir.launched[name] = launch
    operations[client] = .start(heir)
  }

  /// Whether another call waits for the service too.
  func isFollowed(_ name: String, except client: ClientID) -> Bool {
    operations.contains { other, operation in
      guard other != client, case .start(let start) = operation, !start.isCancelled,
        !start.stopped.contains(name)
      else { return false }
      return start.members[name].map { $0 != .following(.cancelled) } ?? false
    }
  }

  /// A plan whose maker was cancelled, or gave up, is this operation's, if it waits for it.
  func takeOverPlan(of name: String, _ operation: inout StartOperation) {
    guard case .following(let result) = operation.members[name], result != .cancelled,
      !operation.isCancelled, !operation.stopped.contains(name),
      let planned = services[name]?.life.planned, !hasMaker(planned)
    else { return }
    operation.launched[name] = planned.launch
    operation.members[name] = .clearing(planned)
  }

  /// Strays of the service, or its old launch, outlived KILL: nothing is launched beside them, and
  /// whoever waits for that is told so, however they end later.
  mutating func giveUpPlan(_ outcome: ServiceOutcome, at now: Instant) {
    let name = outcome.service
    for (client, other) in operations.inOrder {
      guard case .start(var operation) = other, awaitsPlan(of: name, operation) else { continue }
      operation.members[name] = .settled(outcome)
      operations[client] = .start(operation)
    }
    tell(name, .abandon(Ending(.failed, .notLaunched(outcome.reason ?? ""))), at: now)
  }

  /// What earlier starts have not launched yet, they will not launch after this stop; and what
  /// nobody will launch is planned no more, as a later start would rely on it.
  mutating func dropPlans(of name: String, at now: Instant) {
    for (client, other) in operations {
      guard case .start(var operation) = other else { continue }
      operation.stopped.insert(name)
      if awaitsPlan(of: name, operation) { operation.members[name] = .following(.cancelled) }
      operations[client] = .start(operation)
    }
    if services[name]?.life.planned != nil {
      tell(name, .stop(timeout: nil, isForced: false), at: now)
    }
  }

  /// Whether some start waits for a launch of the service that has not begun.
  func isAwaited(_ name: String) -> Bool {
    operations.values.contains { operation in
      guard case .start(let start) = operation else { return false }
      return awaitsPlan(of: name, start)
    }
  }

  /// Whether the start waits for a launch of the service that has not begun.
  private func awaitsPlan(of name: String, _ operation: StartOperation) -> Bool {
    switch operation.members[name] {
    case .clearing: true
    case .following(let result): result != .cancelled && services[name]?.life.planned != nil
    case .settled, nil: false
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
    // What had been planned before was dropped as the stop began.
    if life.planned != nil { return true }
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
