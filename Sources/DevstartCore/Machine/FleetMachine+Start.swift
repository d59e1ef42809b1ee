extension FleetMachine {
  mutating func beginStart(
    _ client: ClientID, _ request: StartRequest, callerBegan: Instant, at now: Instant
  ) {
    let named = Dictionary(request.services.map { ($0.name, $0) }) { first, _ in first }
    definitions.merge(named) { $1 }
    var operation = StartOperation(
      request: request, began: now, callerBegan: callerBegan, services: named)
    for service in request.services {
      operation.members[service.name] = firstMember(service, of: operation)
      // What this command has launched already, asking an earlier supervisor, is its own.
      guard operation.members[service.name] == .following(.joined),
        let life = services[service.name]?.life, life.planned == nil,
        let launch = life.launch, isOwn(launch, operation)
      else { continue }
      operation.members[service.name] = .following(.ready)
      operation.launched[service.name] = launch.specification.origin
    }
    if let refusal = refusal(of: operation) {
      effects.append(.refuse(client, refusal))
      return
    }
    operations[client] = .start(operation)
    let cleared = request.services.filter { operation.isClearing($0.name) }
    if cleared.isEmpty {
      surveyed(client, operation, Survey(), at: now)
    } else {
      effects.append(.survey(client, cleared))
    }
  }

  /// What the request means for a service as it is now.
  private mutating func firstMember(
    _ service: Service, of operation: StartOperation
  ) -> StartOperation.Member {
    let request = operation.request
    let specification = LaunchSpecification(
      project: project, launch: nextLaunch.next(), service: service, caller: request.caller)
    let life = services[service.name]?.life ?? .down(.never)
    let policy = operation.policy(of: service)
    if joins(specification, life, operation) { return .following(.joined) }
    let isUp =
      life.isUpOrComing(isOneshot: service.isOneshot) && !isToBeStopped(service.name)
      && !isToBeReplaced(service.name)
    if !request.targets.contains(service.name), isUp { return .following(.kept) }
    if policy == .keep, life.launch != nil, isUp { return .following(.kept) }
    return .clearing(specification)
  }

  /// Whether the service's launch, or the one that is planned, is what this start would launch.
  private func joins(
    _ specification: LaunchSpecification, _ life: ServiceLife, _ operation: StartOperation
  ) -> Bool {
    if let planned = life.planned { return planned.asksTheSame(as: specification) }
    guard let launch = life.launch, began(launch, after: operation),
      !isToBeStopped(launch.service.name)
    else { return false }
    switch life {
    case .starting, .ready, .finished:
      return launch.specification.asksTheSame(as: specification)
    case .down, .resting, .waiting, .backoff, .stopping: return false
    }
  }

  /// The unit in which the kernel says when a process began (proc(5)): it may have been so much
  /// later.
  private static let tick = Duration.milliseconds(10)

  /// Whether the launch began after the command did that asks now. While somebody waits for the
  /// launch, both may have been typed at once; once they have their answer, the command may follow
  /// from that, and only what is certain counts. A command that asks again, of a new supervisor,
  /// has made the launch itself.
  private func began(_ launch: Launch, after operation: StartOperation) -> Bool {
    let isAwaited = operations.values.contains { other in
      guard case .start(let start) = other, case .following = start.members[launch.service.name]
      else { return false }
      return true
    }
    let isCertain = isOwn(launch, operation) || isAwaited
    return launch.began >= operation.callerBegan + (isCertain ? .zero : Self.tick)
  }

  /// Whether the same command asked for the launch.
  private func isOwn(_ launch: Launch, _ operation: StartOperation) -> Bool {
    launch.specification.caller.identity == operation.request.caller.identity
  }

  private func refusal(of operation: StartOperation) -> RequestError? {
    let running = operation.request.services.filter { service in
      operation.isClearing(service.name) && operation.policy(of: service) == .fail
        && services[service.name]?.life.launch != nil
    }
    guard !running.isEmpty else { return nil }
    return .alreadyRunning(
      running.map { (service: $0.name, pid: services[$0.name]?.life.launch?.main?.pid) })
  }

  mutating func surveyed(
    _ client: ClientID, _ operation: StartOperation, _ survey: Survey, at now: Instant
  ) {
    guard operation.looksAgain.isEmpty else {
      lookedAgain(client, operation, survey, at: now)
      return
    }
    var operation = operation
    operation.isSurveyed = true
    operation.sweep.merge(survey.report)
    operation.rounds.add(survey.strays)
    if let refusal = refusal(of: operation, survey) {
      operations[client] = nil
      effects.append(.refuse(client, refusal))
      return
    }
    if operation.request.isDryRun {
      operations[client] = nil
      effects.append(.reply(client, dryRun(operation)))
      return
    }
    let strays = Dictionary(grouping: survey.strays, by: \.service)
    for service in operation.request.services {
      guard let strays = strays[service.name],
        operation.isClearing(service.name)
      else { continue }
      // What somebody is ending cannot be kept.
      if operation.policy(of: service) == .keep, strayEndings[service.name]?.isEmpty != false {
        var outcome = ServiceOutcome(service: service.name, result: .kept)
        outcome.pid = strays.first?.facts.identity.pid
        outcome.reason = Words.runsOutside(strays)
        operation.members[service.name] = .settled(outcome)
        continue
      }
      sweep(strays, of: service, for: client, &operation)
    }
    operations[client] = .start(operation)
  }

  private mutating func sweep(
    _ strays: [Stray], of service: Service, for client: ClientID, _ operation: inout StartOperation
  ) {
    operation.sweeping.insert(service.name)
    endStrays(
      client, service: service.name, strays, timeout: service.stop.timeout, isForced: false)
  }

  /// One that was ended may have been replaced meanwhile by whoever watches over it.
  mutating func lookAgain(_ client: ClientID, _ operation: StartOperation) {
    let services = operation.request.services.filter { operation.looksAgain.contains($0.name) }
    if !services.isEmpty { effects.append(.survey(client, services)) }
  }

  private mutating func lookedAgain(
    _ client: ClientID, _ operation: StartOperation, _ survey: Survey, at now: Instant
  ) {
    var operation = operation
    operation.looksAgain = []
    operation.sweep.merge(survey.report)
    let found = survey.strays.filter { operation.isClearing($0.service) }
    operation.rounds.add(found)
    let strays = Dictionary(grouping: found, by: \.service)
    guard operation.rounds.areInVain else {
      for service in operation.request.services {
        if let strays = strays[service.name] { sweep(strays, of: service, for: client, &operation) }
      }
      operations[client] = .start(operation)
      return
    }
    let failed = strays.mapValues(SweepReport.cameBack)
    operation.sweep.failed += failed.inOrder.flatMap(\.value)
    operations[client] = .start(operation)
    for (name, failed) in failed.inOrder { straysSurvived(failed, of: name, at: now) }
  }

  /// Why nothing may be touched: something runs and `fail` was asked, or a stranger has a port.
  private func refusal(of operation: StartOperation, _ survey: Survey) -> RequestError? {
    let failing = survey.strays.filter { stray in
      operation.services[stray.service].map { operation.policy(of: $0) } == .fail
    }
    if !failing.isEmpty { return .runsOutside(failing) }
    let ending = Set(survey.strays.map(\.facts.identity.pid))
    let strangers = survey.holders.filter { holder in
      if let pid = holder.pid, ending.contains(pid) { return false }
      // A launch that this start replaces gives its port back.
      return holder.memberOf.map { !operation.isClearing($0) } ?? true
    }
    return strangers.isEmpty ? nil : .portsHeld(strangers)
  }

  private func dryRun(_ operation: StartOperation) -> OperationReply {
    var reply = OperationReply(verdict: .done)
    reply.sweep = operation.sweep
    reply.services = operation.request.services.map { service in
      let launch = services[service.name]?.life.launch
      var outcome = ServiceOutcome(
        service: service.name, result: launch == nil ? .wouldStart : .wouldReplace)
      if case .following(let result) = operation.members[service.name] { outcome.result = result }
      outcome.pid = launch?.main?.pid
      return outcome
    }
    return reply
  }
}

// MARK: Going on

extension FleetMachine {
  mutating func settle(_ client: ClientID, _ operation: StartOperation, at now: Instant) {
    guard operation.isSurveyed else { return }
    var operation = operation
    if let deadline = operation.deadline, deadline <= now {
      endAtDeadline(client, operation, at: now)
      return
    }
    for service in operation.request.services {
      takeOverPlan(of: service.name, &operation)
      guard case .clearing(let specification) = operation.members[service.name] else { continue }
      clear(specification, of: &operation, at: now)
    }
    operations[client] = .start(operation)
    var outcomes: [ServiceOutcome] = []
    for service in operation.request.services {
      guard let outcome = outcome(of: service, operation, at: now) else { return }
      outcomes.append(outcome)
    }
    finish(client, operation, outcomes)
  }

  /// Brings one service as near to its launch as the others let it come.
  private mutating func clear(
    _ specification: LaunchSpecification, of operation: inout StartOperation, at now: Instant
  ) {
    let name = specification.service.name
    let life = services[name]?.life ?? .down(.never)
    if let planned = life.planned, planned.launch != specification.launch,
      planned.asksTheSame(as: specification) || operation.launched[name] != nil
    {
      operation.members[name] = .following(.joined)
      return
    }
    switch life {
    case .down where operation.launched[name] != nil,
      .resting where operation.launched[name] != nil,
      .backoff where operation.launched[name] != nil:
      // It was wanted, and stopped by somebody before it was launched.
      operation.members[name] = .following(.cancelled)
    case .down, .resting, .backoff:
      operation.launched[name] = specification.launch
      tell(name, .want(specification), at: now)
    case .waiting(let planned) where planned.launch != specification.launch:
      operation.launched[name] = specification.launch
      tell(name, .want(specification), at: now)
    case .waiting:
      permit(name, of: &operation, at: now)
    case .starting(let launch, _), .ready(let launch, _), .finished(let launch):
      if operation.launched[name] != nil || joins(specification, life, operation) {
        operation.members[name] = .following(.joined)
      } else if !hasLiveDependant(of: launch.service.name, in: operation) {
        operation.launched[name] = specification.launch
        operation.replaced[name] = launch.main?.pid
        tell(name, .want(specification), at: now)
      }
    case .stopping(_, let stopping):
      if stopping.step == .stuck {
        var outcome = ServiceOutcome(service: name, result: .failed)
        outcome.survivors = services[name]?.lastStop?.survivors ?? []
        outcome.reason = Words.oldLaunchSurvived(outcome.survivors)
        operation.members[name] = .settled(outcome)
        giveUpPlan(outcome, at: now)
      } else if operation.launched[name] == nil {
        operation.launched[name] = specification.launch
        tell(name, .want(specification), at: now)
      } else if stopping.next == nil {
        operation.members[name] = .following(.ready)
      }
    }
  }

  private mutating func permit(
    _ name: String, of operation: inout StartOperation, at now: Instant
  ) {
    guard strayEndings[name]?.isEmpty != false, !operation.looksAgain.contains(name),
      let service = operation.services[name]
    else { return }
    for dependency in service.dependsOn where operation.services[dependency.service] != nil {
      switch standing(of: dependency, in: operation) {
      case .met: continue
      case .coming: return
      case .failed(let why):
        var outcome = ServiceOutcome(service: name, result: .skipped)
        outcome.reason = Words.dependencyFailed(dependency.service, why: why)
        operation.members[name] = .settled(outcome)
        tell(
          name, .abandon(Ending(.failed, .dependency(dependency.service, why: why))), at: now)
        return
      }
    }
    operation.members[name] = .following(.ready)
    tell(name, .permit, at: now)
  }

  private enum Standing {
    case met, coming
    case failed(String)
  }

  private func standing(of dependency: Dependency, in operation: StartOperation) -> Standing {
    let name = dependency.service
    let life = services[name]?.life ?? .down(.never)
    switch operation.members[name] {
    case .clearing: return .coming
    case .settled(let outcome):
      return outcome.result == .kept ? .met : .failed(outcome.reason ?? outcome.result.rawValue)
    case .following, nil: break
    }
    // What is about to go is not there to depend on.
    if isToBeReplaced(name) || (life.launch != nil && isToBeStopped(name)) { return .coming }
    switch (life, dependency.condition) {
    case (.ready, .started), (.ready, .ready), (.finished, _): return .met
    case (.starting(let launch, _), .started): return launch.main == nil ? .coming : .met
    case (.stopping(_, let stopping), _) where stopping.step == .stuck:
      return .failed(Words.oldLaunchSurvived(services[name]?.lastStop?.survivors ?? []))
    case (.starting, _), (.waiting, _), (.backoff, _), (.stopping, _), (.ready, .completed):
      return .coming
    case (.down(let ending), let condition), (.resting(_, let ending), let condition):
      let isMet =
        ending.kind == .completed
        && (condition == .completed || operation.services[name]?.isOneshot == true)
      return isMet ? .met : .failed(Words.ending(ending))
    }
  }

  /// Whether something that this start replaces too, and that depends on the service, still runs.
  /// Of those that depend on each other none waits for another.
  private func hasLiveDependant(of name: String, in operation: StartOperation) -> Bool {
    let going = operation.members.keys.filter { $0 != name && isGoing($0, in: operation) }
    let dependants = going.filter { member in
      services[member]?.life.launch?.service.dependsOn.contains { $0.service == name } == true
    }
    if dependants.allSatisfy({ !liveDependsOn(name, $0) }) { return !dependants.isEmpty }
    return going.contains { liveDependsOn($0, name) && !liveDependsOn(name, $0) }
  }

  /// Whether the service's launch is alive and will be replaced by this start, or is ended.
  private func isGoing(_ name: String, in operation: StartOperation) -> Bool {
    guard let life = services[name]?.life, let launch = life.launch else { return false }
    switch (operation.members[name], life) {
    case (.clearing(let specification), _): return launch.id != specification.launch
    // Another start replaces it, or a stop ends it.
    case (.following, .stopping(_, let stopping)): return stopping.step != .stuck
    case (.following, _), (.settled, _), (nil, _): return false
    }
  }
}

extension ServiceLife {
  /// Up, or on its way up.
  func isUpOrComing(isOneshot: Bool) -> Bool {
    switch self {
    case .waiting, .backoff, .starting, .ready, .finished: true
    case .stopping(_, let stopping): stopping.next != nil
    // Of a oneshot alone an end with 0 is as good as being up.
    case .down(let ending), .resting(_, let ending): ending.kind == .completed && isOneshot
    }
  }
}

extension Operation {
  /// Whether it is a start that will launch this, once it may.
  func isClearing(_ name: String, for launch: String) -> Bool {
    guard case .start(let start) = self, case .clearing(let specification) = start.members[name]
    else { return false }
    return specification.launch == launch
  }
}

extension StartOperation {
  func isClearing(_ name: String) -> Bool {
    if case .clearing = members[name] { true } else { false }
  }

  func policy(of service: Service) -> ConflictPolicy { request.conflict ?? service.onConflict }
}
