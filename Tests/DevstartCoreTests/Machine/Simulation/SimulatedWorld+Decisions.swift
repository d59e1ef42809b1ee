import DevstartCore

/// What each decision of the fleet must be explained by.
extension SimulatedWorld {
  /// Takes in what the supervisor has heard now.
  func learn(_ event: FleetEvent, _ before: FleetMachine, _ after: FleetMachine) {
    switch event {
    case .launch(let id, let name, let event):
      guard let launch = watched[id], let life = before.services[name]?.life, life.launch?.id == id
      else { return }
      learn(event, launch, life)
    case .service(let name, .mainStarted):
      if let id = before.services[name]?.life.launch?.id, let launch = watched[id] {
        launch.attention.since = launch.attention.since ?? now
      }
    case .service(let name, .filesChanged):
      if before.services[name]?.watched != nil { ledgers[name]?.change = now }
    case .disconnected(let client):
      guard let client = clients[client], client.isAnswered, !client.isCancelled,
        case .start(let request, _) = client.request, request.isLease
      else { return }
      for origin in client.own where origins[origin]?.deed == client.deed {
        end(origin)
      }
    case .cancel(let client, _):
      // Whose answer has been on its way asks for a stop, once it has read it.
      if clients[client]?.isAnswered == false { endOrigins(of: client) }
    case .start, .stop, .clean, .wait, .lease, .surveyed, .straysEnded, .service, .timePassed: break
    }
  }

  private func learn(_ event: LaunchEvent, _ launch: SimulatedLaunch, _ life: ServiceLife) {
    let isReady = if case .ready = life { true } else { false }
    switch event {
    case .probed(let result):
      guard launch.attention.look != nil else { return }
      launch.attention.look = nil
      launch.attention.lastLook = now
      guard isReady else { return }
      launch.attention.failures = result == .passed ? 0 : launch.attention.failures + 1
      // Who owes no beats takes its own word back by an answer.
      if result == .passed, launch.specification.service.heartbeat == nil {
        launch.attention.hasTriggered = false
      }
    case .logMatched:
      launch.attention.look = nil
      launch.attention.lastLook = now
    case .notified(.heartbeat) where isReady:
      let longest = launch.specification.service.liveness?.interval ?? .zero
      let isGap = launch.attention.lastBeat.map { $0 + longest <= now } ?? true
      if isGap { launch.attention.beatingSince = now }
      launch.attention.lastBeat = now
      launch.attention.isSilent = false
      launch.attention.hasTriggered = false
    case .notified(.livenessFailed) where isReady && !launch.attention.hasSaidStopping:
      launch.attention.hasTriggered = true
    case .notified(.stopping) where isReady: launch.attention.hasSaidStopping = true
    case .sampled(let sample): launch.attention.samples.append((now, sample))
    case .notified, .stopCommandEnded: break
    }
  }

  /// What Ctrl-C ends for good: what the call launched, where no other call waits for it.
  private func endOrigins(of client: ClientID) {
    guard let deed = clients[client]?.deed else { return }
    for (origin, made) in origins where made.deed == deed && made.supervisor == supervisors {
      let isFollowed = clients.contains { other, its in
        guard other != client, !its.isAnswered, !its.isCancelled,
          case .start(let request, _) = its.request
        else {
          return false
        }
        return request.services.contains { $0.name == made.service }
      }
      if !isFollowed { end(origin) }
    }
  }

  private func end(_ origin: String) {
    if endedOrigins.insert(origin).inserted { endsToWrite.insert(origin) }
  }

  func checkDecision(
    _ event: FleetEvent, _ before: FleetMachine, _ after: FleetMachine, _ effects: [FleetEffect]
  ) {
    var done: [String: [ServiceEffect]] = [:]
    for effect in effects {
      switch effect {
      case .service(let name, let effect): done[name, default: []].append(effect)
      case .changed(let name): done[name, default: []] += []
      case .survey, .endStrays, .reply, .refuse: break
      }
    }
    for name in names {
      guard let effects = done[name], let machine = after.services[name] else { continue }
      check(
        Decision(
          name: name, event: event, before: before.services[name]?.life ?? .down(.never),
          after: machine, effects: effects))
    }
    guard after.isIdle else { return }
    if !launches.isEmpty {
      violate(.idle, "the fleet is idle, and \(launches.keys.sorted()) live")
    }
    for machine in after.services.values where machine.life.expected != nil {
      violate(.idle, "the fleet is idle, and \(machine.name) is to be launched again")
    }
  }

  private func check(_ decision: Decision) {
    checkReadiness(decision)
    checkStopping(decision)
    checkShared(decision)
    checkHooks(decision)
    checkRestart(decision)
    if case .down = decision.after.life { ledgers[decision.name]?.change = nil }
    if case .waiting = decision.after.life { ledgers[decision.name]?.change = nil }
  }

  private func checkReadiness(_ decision: Decision) {
    guard decision.becameReady, let launch = decision.launch.flatMap({ watched[$0.id] }) else {
      return
    }
    launch.attention.readySince = now
    launch.attention.lastBeat = now
    launch.attention.failures = 0
    let isExplained =
      switch (launch.specification.service.readiness.check, decision.event) {
      case (_, _) where launch.specification.service.isOneshot: launch.exit == .code(0)
      case (.probe, .launch(launch.id, _, .probed(.passed))),
        (.log, .launch(launch.id, _, .logMatched)),
        (.notify, .launch(launch.id, _, .notified(.ready))):
        true
      case (.delay(let delay, _), _):
        launch.attention.since.map { $0 + delay <= now || launch.began + delay <= now } ?? false
      // Alive at the deadline is good enough where READY=1 may have gone unheard.
      case (.notify, .timePassed): launch.attention.takenOver != nil
      case (.probe, _), (.log, _), (.notify, _): false
      }
    if !isExplained { violate(.cause, "\(launch.name) is ready, and nobody knows why") }
  }

  // MARK: Ends

  private func checkStopping(_ decision: Decision) {
    guard case .stopping(let launch, let stopping) = decision.after.life, !decision.wasStopping,
      let its = watched[launch.id]
    else { return }
    let service = launch.service
    let name = decision.name
    if let cause = its.attention.endedFor {
      if stopping.cause != cause {
        violate(.takeOver, "\(name) was being ended as \(cause), and now as \(stopping.cause)")
      }
      return
    }
    switch stopping.cause {
    case .asked, .notLaunched: break
    case .mainEnded:
      if its.isMainAlive { violate(.cause, "\(name) has ended, and main is alive") }
    case .notReady:
      let since = max(its.began, its.attention.takenOver ?? its.began)
      if since + service.readiness.timeout != now {
        violate(.liveness, "\(name) is given up too soon or too late")
      }
    case .unhealthy(let why):
      let attention = its.attention
      let isSilent = zip2(attention.lastBeat, service.heartbeat).map { $0 + $1 <= now } ?? false
      let isFailed =
        switch service.liveness?.check {
        case .probe:
          attention.failures + (isOverdue(its) ? 1 : 0) >= service.liveness?.failures ?? 1
        case .notify: isUnheard(its, service)
        case nil: false
        }
      if attention.hasSaidStopping || !(isSilent || isFailed || attention.hasTriggered) {
        violate(.liveness, "\(name) is called unhealthy without cause: \(why)")
      }
    case .exceeded(let excess):
      if excess != exceeded(its) { violate(.limits, "\(name) has not exceeded: \(excess)") }
    case .filesChanged: takeChange(of: service)
    }
  }

  /// Whether a look has had its time and no answer.
  private func isOverdue(_ launch: SimulatedLaunch) -> Bool {
    guard let look = launch.attention.look, let liveness = launch.specification.service.liveness
    else { return false }
    return look.began + liveness.timeout == now
  }

  /// Whether so many checks have found no beat since the one before.
  private func isUnheard(_ launch: SimulatedLaunch, _ service: Service) -> Bool {
    guard let liveness = service.liveness, let last = launch.attention.lastBeat else {
      return false
    }
    return last + liveness.interval * liveness.failures <= now
  }

  /// A change that has settled just now is acted upon.
  private func takeChange(of service: Service) {
    guard let change = ledgers[service.name]?.change, let watch = service.watch,
      watch.signal == nil, change + watch.debounce == now
    else {
      violate(.files, "\(service.name) is restarted, and no file has changed and settled")
      return
    }
    ledgers[service.name]?.change = nil
    ledgers[service.name]?.fileRestarts.append(now)
    if recentFileRestarts(of: service.name) > 10 {
      violate(.files, "\(service.name) is restarted for its files for ever")
    }
  }

  func recentFileRestarts(of name: String) -> Int {
    ledgers[name]?.fileRestarts.count { $0 + .seconds(60) > now } ?? 0
  }

  /// What of its limits it exceeds by now, in the order in which that is found.
  func exceeded(_ launch: SimulatedLaunch) -> Excess? {
    let limits = launch.specification.service.limits
    if let limit = limits.maxRuntime, launch.attention.since != nil, launch.began + limit <= now {
      return .runtime(limit: limit)
    }
    let samples = launch.attention.samples
    guard let last = samples.last, last.at == now else { return nil }
    if let limit = limits.memory, last.sample.memoryBytes > limit {
      return .memory(last.sample.memoryBytes, limit: limit, largest: nil)
    }
    guard let limit = limits.cpu, samples.count > limits.samples else { return nil }
    let first = samples[samples.count - 1 - limits.samples]
    let span = last.at - first.at
    let percent = (last.sample.cpuSeconds - first.sample.cpuSeconds) / span.seconds * 100
    return percent > limit ? .cpu(percent, limit: limit, over: span) : nil
  }

  // MARK: Hooks

  private func checkHooks(_ decision: Decision) {
    let hooks = decision.effects.compactMap { effect -> Hook? in
      if case .runHook(let hook) = effect { hook } else { nil }
    }
    for hook in hooks where hook.specification.service.name != decision.name {
      violate(.hooks, "a hook of \(decision.name) tells of another service")
    }
    guard let service = decision.launch?.service ?? decision.specification?.service else { return }
    let wanted = decision.tellable(now).filter { service.hooks[$0] != nil }
    let told = hooks.map(\.kind)
    guard told != wanted else { return }
    // What was stopped for a launch that never came was not what somebody wanted stopped.
    if decision.isReplacement, told.isEmpty { return }
    // Given up once more, for the same reason.
    if told == [.failed], decision.before.ending == decision.after.life.ending { return }
    // It came down, and a start that had waited for that has launched it anew.
    if decision.isWantedAnew, told == wanted + told.suffix(1), wanted.count < told.count,
      told.last == .failed || told.last == .stopped
    {
      return
    }
    violate(.hooks, "\(decision.name) has hooks \(told) and should have \(wanted)")
  }
}

private func zip2<First, Second>(_ first: First?, _ second: Second?) -> (First, Second)? {
  if let first, let second { (first, second) } else { nil }
}
