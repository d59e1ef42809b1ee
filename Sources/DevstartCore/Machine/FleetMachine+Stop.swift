extension FleetMachine {
  mutating func beginStop(_ client: ClientID, _ request: StopRequest, at now: Instant) {
    for service in request.services { definitions[service.name] = service }
    var targets = request.targets
    if request.includesUnlisted {
      let others = Set(services.keys).union(definitions.keys).subtracting(targets)
      targets += others.filter { services[$0]?.life.origin != nil || isAwaited($0) }.sorted()
    }
    for name in targets { dropPlans(of: name, at: now) }
    operations[client] = .stop(StopOperation(request: request, began: now, targets: targets))
  }

  mutating func settle(_ client: ClientID, _ operation: StopOperation, at now: Instant) {
    var operation = operation
    switch operation.stage {
    case .stopping:
      for name in mayStop(operation) { stopOne(name, &operation, at: now) }
      operations[client] = .stop(operation)
      guard operation.targets.allSatisfy({ isOver($0, operation) }) else { return }
      operation.stage = .surveying
      operations[client] = .stop(operation)
      effects.append(.survey(client, operation.targets.compactMap { definitions[$0] }))
    case .sweeping(let left) where left.isEmpty:
      if operation.sweep.failed.isEmpty {
        operation.stage = .surveying
        operations[client] = .stop(operation)
        effects.append(.survey(client, operation.targets.compactMap { definitions[$0] }))
      } else {
        finish(client, operation, Survey(), at: now)
      }
    case .surveying, .sweeping: break
    }
  }

  /// The targets that are to be told now: nothing that is being stopped too depends on them any
  /// more. After the manifest was turned round, what runs may depend on each other: of these none
  /// waits for another.
  private func mayStop(_ operation: StopOperation) -> [String] {
    let waiting = operation.targets.filter { operation.told[$0] == nil }
    if waiting.isEmpty { return [] }
    let needed = neededByLive(operation)
    let free = waiting.filter { !needed.contains($0) }
    let isStuck = operation.targets.allSatisfy {
      operation.told[$0] == nil || isOver($0, operation)
    }
    guard free.isEmpty, isStuck else { return free }
    return waiting.filter { name in
      waiting.allSatisfy { !liveDependsOn($0, name) || liveDependsOn(name, $0) }
    }
  }

  /// What targets depend on that are alive still.
  private func neededByLive(_ operation: StopOperation) -> Set<String> {
    var needed: Set<String> = []
    for name in operation.targets {
      guard let dependencies = services[name]?.life.launch?.service.dependsOn,
        !dependencies.isEmpty, !isOver(name, operation)
      else { continue }
      for dependency in dependencies where dependency.service != name {
        needed.insert(dependency.service)
      }
    }
    return needed
  }

  /// Stops one service, on which nothing alive depends that is being stopped too.
  private mutating func stopOne(
    _ name: String, _ operation: inout StopOperation, at now: Instant
  ) {
    guard let life = services[name]?.life, life.origin != nil || life.planned != nil else {
      operation.told[name] = .some(nil)
      return
    }
    if isWantedSince(operation, life) {
      // A launch that is being replaced is the one to wait for.
      let isReplaced = if case .stopping = life { true } else { false }
      operation.told[name] = .some(isReplaced ? life.launch?.id : nil)
      return
    }
    operation.told[name] = .some(life.launch?.id ?? life.expected?.launch)
    // What is in the manifest no more is swept by what it was launched as.
    if definitions[name] == nil { definitions[name] = life.launch?.service }
    tell(
      name, .stop(timeout: operation.request.timeout, isForced: operation.request.isForced),
      at: now)
  }

  /// Whether the launch that the service was told to stop is gone, or will not go.
  private func isOver(_ name: String, _ operation: StopOperation) -> Bool {
    guard let told = operation.told[name] else { return false }
    guard let told, let launch = services[name]?.life.launch, launch.id == told else { return true }
    if case .stopping(_, let stopping) = services[name]?.life { return stopping.step == .stuck }
    // Another supervisor's launch that was adopted under the same name cannot be: it is unique.
    return false
  }

  mutating func surveyed(
    _ client: ClientID, _ operation: StopOperation, _ survey: Survey, at now: Instant
  ) {
    var operation = operation
    operation.sweep.merge(survey.report)
    operation.rounds.add(survey.strays)
    if operation.rounds.areInVain { operation.sweep.failed += SweepReport.cameBack(survey.strays) }
    let strays = Dictionary(grouping: survey.strays, by: \.service)
    guard !strays.isEmpty, operation.sweep.failed.isEmpty else {
      finish(client, operation, survey, at: now)
      return
    }
    operation.stage = .sweeping(Set(strays.keys))
    operations[client] = .stop(operation)
    endStrays(
      client, strays, isForced: operation.request.isForced, timeout: operation.request.timeout)
  }

  private mutating func endStrays(
    _ client: ClientID, _ strays: [String: [Stray]], isForced: Bool, timeout: Duration?
  ) {
    for (name, strays) in strays.sorted(by: { $0.key < $1.key }) {
      let own = definitions[name]?.stop.timeout ?? StopPolicy().timeout
      endStrays(
        client, service: name, strays, timeout: timeout ?? own, isForced: isForced)
    }
  }

  mutating func endStrays(
    _ client: ClientID, service: String, _ strays: [Stray], timeout: Duration, isForced: Bool
  ) {
    strayEndings[service, default: []].insert(client)
    effects.append(
      .endStrays(client, service: service, strays, timeout: timeout, isForced: isForced))
  }

  private mutating func finish(
    _ client: ClientID, _ operation: StopOperation, _ survey: Survey, at now: Instant
  ) {
    operations[client] = nil
    guard !operation.isSilent else { return }
    var reply = OperationReply(verdict: .done)
    reply.sweep = operation.sweep
    reply.services = operation.targets.map { stopOutcome($0, operation, at: now) }
    let stillUp = services.values.filter { machine in
      guard let launch = machine.life.launch, !operation.targets.contains(machine.name) else {
        return false
      }
      return launch.service.dependsOn.contains { operation.targets.contains($0.service) }
    }
    reply.warnings = operation.warnings
    reply.warnings += stillUp.map(\.name).sorted().map(Words.dependantStillUp)
    reply.warnings += survey.holders.filter { $0.memberOf != $0.service }.map(Words.portStillHeld)
    let failed = reply.services.contains { $0.result == .failed }
    if failed || !reply.sweep.failed.isEmpty { reply.verdict = .failed }
    effects.append(.reply(client, reply))
  }

  private func stopOutcome(
    _ name: String, _ operation: StopOperation, at now: Instant
  ) -> ServiceOutcome {
    var outcome = ServiceOutcome(service: name, result: .notRunning)
    guard case .some(.some(let launch)) = operation.told[name], let machine = services[name] else {
      return outcome
    }
    outcome.result = .stopped
    outcome.launch = launch
    if let facts = machine.lastStop, facts.launch == launch {
      outcome.seconds = ((facts.ended ?? now) - facts.began).seconds
      outcome.signal = facts.hardest
      outcome.spared = facts.spared
      outcome.survivors = facts.survivors
    }
    if machine.life.launch?.id == launch {
      outcome.result = .failed
      outcome.reason = Words.survived(outcome.survivors)
    } else {
      outcome.survivors = []
    }
    return outcome
  }
}

// MARK: Cleaning

extension FleetMachine {
  mutating func beginClean(_ client: ClientID, _ request: CleanRequest) {
    for service in request.services { definitions[service.name] = service }
    operations[client] = .clean(CleanOperation(request: request))
    effects.append(.survey(client, request.services))
  }

  mutating func surveyAgain(_ client: ClientID, _ operation: CleanOperation) {
    effects.append(.survey(client, operation.request.services))
  }

  mutating func surveyed(_ client: ClientID, _ operation: CleanOperation, _ survey: Survey) {
    var operation = operation
    operation.sweep.merge(survey.report)
    operation.rounds.add(survey.strays)
    if operation.rounds.areInVain { operation.sweep.failed += SweepReport.cameBack(survey.strays) }
    let strays = Dictionary(grouping: survey.strays, by: \.service)
    let isOver =
      strays.isEmpty || operation.request.isDryRun || !operation.sweep.failed.isEmpty
    guard isOver else {
      operation.left = Set(strays.keys)
      operations[client] = .clean(operation)
      endStrays(client, strays, isForced: operation.request.isForced, timeout: nil)
      return
    }
    operations[client] = nil
    var reply = OperationReply(verdict: operation.sweep.failed.isEmpty ? .done : .failed)
    reply.sweep = operation.sweep
    effects.append(.reply(client, reply))
  }
}

// MARK: Waiting

extension FleetMachine {
  mutating func settle(_ client: ClientID, _ operation: WaitOperation, at now: Instant) {
    let request = operation.request
    let missing = request.targets.filter { !isReached($0, request) }
    let lost = missing.filter { isLost($0, request) }
    let isTimeOver = operation.deadline.map { $0 <= now } == true
    guard missing.isEmpty || !lost.isEmpty || isTimeOver else { return }
    var reply = OperationReply(verdict: missing.isEmpty ? .done : .notUp)
    if lost.isEmpty, isTimeOver, !missing.isEmpty { reply.verdict = .timedOut }
    reply.services = request.targets.map { name in
      let life = services[name]?.life ?? .down(.never)
      var outcome = ServiceOutcome(
        service: name, result: request.goal == .ready ? .ready : .stopped)
      if request.goal == .ready, life.shown == .completed { outcome.result = .completed }
      outcome.pid = life.launch?.main?.pid
      outcome.seconds = max(0, ((changedAt[name] ?? operation.began) - operation.began).seconds)
      if missing.contains(name) {
        outcome.result = lost.contains(name) ? .failed : .timedOut
        outcome.reason = Words.state(life)
        outcome.seconds = (now - operation.began).seconds
      }
      return outcome
    }
    operations[client] = nil
    effects.append(.reply(client, reply))
  }

  /// Whether the wait is in vain: what has ended by itself comes up no more, and neither does what
  /// nobody starts; with a time limit somebody may start it meanwhile.
  private func isLost(_ name: String, _ request: WaitRequest) -> Bool {
    let life = services[name]?.life ?? .down(.never)
    guard request.goal == .ready, let ending = life.ending else { return false }
    // What failed may be launched again when its files change.
    if case .resting = life { return request.timeout == nil }
    switch ending.kind {
    case .failed, .completed: return true
    case .stopped: return request.timeout == nil
    }
  }

  private func isReached(_ name: String, _ request: WaitRequest) -> Bool {
    switch (request.goal, services[name]?.life ?? .down(.never)) {
    case (.ready, .ready), (.ready, .finished), (.stopped, .down), (.stopped, .resting): true
    case (.ready, .down(let ending)), (.ready, .resting(_, let ending)):
      ending.kind == .completed && request.oneshots.contains(name)
    case (.ready, .waiting), (.ready, .backoff), (.ready, .starting), (.ready, .stopping),
      (.stopped, .waiting), (.stopped, .backoff), (.stopped, .starting), (.stopped, .ready),
      (.stopped, .finished), (.stopped, .stopping):
      false
    }
  }
}
