import DevstartCore

/// What must be so once everything that was due has been decided.
extension SimulatedWorld {
  func checkHeld() {
    guard let fleet else { return }
    for name in names {
      guard let machine = fleet.services[name] else { continue }
      switch machine.life {
      case .backoff(_, let until, _):
        if until <= now { violate(.backoff, "\(name) should have been launched again by now") }
      case .starting(let launch, let startup):
        if let its = watched[launch.id] { checkStarting(its, startup) }
      case .ready(let launch, let upkeep):
        if let its = watched[launch.id] { checkReady(its, upkeep) }
      case .down, .resting, .waiting, .finished, .stopping: break
      }
      if let its = watched[machine.life.launch?.id ?? ""] { checkGoesOnEnding(its, machine.life) }
      checkFiles(name, machine)
      guard !endedOrigins.isEmpty, let origin = machine.life.origin,
        endedOrigins.contains(origin)
      else { continue }
      if case .stopping = machine.life { continue }
      violate(.restart, "\(name) goes on, and somebody has had it stopped")
    }
    checkLooks(fleet)
  }

  /// Nobody looks at a launch that is gone, or is being ended.
  func checkLooks(_ fleet: FleetMachine) {
    for launch in watched.values where launch.attention.look != nil {
      switch fleet.services[launch.name]?.life {
      case .starting(let its, _), .ready(let its, _): if its.id == launch.id { continue }
      case .down, .resting, .waiting, .backoff, .finished, .stopping, nil: break
      }
      violate(.looks, "\(launch.name) is being ended, and looked at still")
    }
  }

  /// What an earlier supervisor had begun to end is ended.
  private func checkGoesOnEnding(_ launch: SimulatedLaunch, _ life: ServiceLife) {
    guard launch.attention.endedFor != nil else { return }
    if case .stopping = life { return }
    violate(.takeOver, "\(launch.name) was being ended, and lives on")
  }

  private func checkStarting(_ launch: SimulatedLaunch, _ startup: Startup) {
    let service = launch.specification.service
    guard !service.isOneshot else { return checkLimits(launch) }
    let attention = launch.attention
    let since = max(launch.began, attention.takenOver ?? launch.began)
    if since + service.readiness.timeout <= now {
      violate(.liveness, "\(launch.name) is not ready in time, and nobody has noticed")
    }
    if case .probe = service.readiness.check, attention.look == nil, let known = attention.since,
      max(known, attention.lastLook ?? known) + service.readiness.interval < now
    {
      violate(.liveness, "nobody looks whether \(launch.name) is ready")
    }
    if case .log = service.readiness.check, attention.since != nil, attention.look == nil {
      violate(.liveness, "nobody follows the log of \(launch.name)")
    }
    checkLimits(launch)
  }

  private func checkReady(_ launch: SimulatedLaunch, _ upkeep: Upkeep) {
    checkLimits(launch)
    let service = launch.specification.service
    guard let readySince = launch.attention.readySince else { return }
    if let heartbeat = service.heartbeat, !launch.attention.hasSaidStopping,
      let beat = launch.attention.lastBeat, beat + heartbeat <= now
    {
      launch.attention.isSilent = true
    }
    let attention = launch.attention
    var isTroubled = attention.isSilent || attention.hasTriggered
    switch service.liveness?.check {
    case nil: break
    case .notify: return checkBeats(launch, upkeep)
    case .probe:
      let failures = service.liveness?.failures ?? 1
      isTroubled = isTroubled || attention.failures >= failures
      let longest = max(service.liveness?.interval ?? .zero, service.liveness?.timeout ?? .zero)
      let last = max(readySince, attention.look?.began ?? attention.lastLook ?? readySince)
      if last + longest < now, !attention.hasSaidStopping {
        violate(.liveness, "nobody looks whether \(launch.name) is alive")
      }
    }
    checkTrouble(launch, upkeep, isTroubled: isTroubled)
  }

  private func checkTrouble(_ launch: SimulatedLaunch, _ upkeep: Upkeep, isTroubled: Bool) {
    if isTroubled, launch.specification.service.restart.policy != .never {
      violate(.liveness, "\(launch.name) is unhealthy, and not restarted")
    }
    if isTroubled != (upkeep.trouble != nil) {
      violate(
        .liveness,
        "\(launch.name) is \(isTroubled ? "" : "not ") unhealthy, and shown: \(upkeep.trouble ?? "")"
      )
    }
  }

  /// Liveness by beats is looked at from time to time: in between, it may be shown late.
  private func checkBeats(_ launch: SimulatedLaunch, _ upkeep: Upkeep) {
    let attention = launch.attention
    guard let liveness = launch.specification.service.liveness, let beat = attention.lastBeat,
      !attention.hasSaidStopping
    else { return }
    if beat + liveness.interval * (liveness.failures + 1) < now, upkeep.trouble == nil {
      violate(.liveness, "\(launch.name) beats no more, and nobody has noticed")
    }
    let isOver = beat + liveness.interval * liveness.failures > now
    if isOver, !attention.isSilent, !attention.hasTriggered, upkeep.trouble != nil,
      (attention.beatingSince ?? now) + liveness.interval * 2 < now
    {
      violate(.liveness, "\(launch.name) beats again, and is shown: \(upkeep.trouble ?? "")")
    }
  }

  private func checkLimits(_ launch: SimulatedLaunch) {
    guard let since = launch.attention.since else { return }
    let limits = launch.specification.service.limits
    if let excess = exceeded(launch) {
      violate(.limits, "\(launch.name) has exceeded, and goes on: \(excess)")
    }
    let last = max(since, launch.attention.lastSample ?? since)
    if limits.needsSamples, last + limits.every <= now, last < now {
      violate(.limits, "\(launch.name) is measured no more")
    }
  }

  private func checkFiles(_ name: String, _ machine: ServiceMachine) {
    guard let change = ledgers[name]?.change else { return }
    let service = ledgers[name]?.last?.specification.service
    guard let watch = service?.watch, machine.files.endedBecause == nil else {
      if machine.files.endedBecause != nil, recentFileRestarts(of: name) < 10 {
        violate(.files, "the files of \(name) are watched no more without cause")
      }
      ledgers[name]?.change = nil
      return
    }
    guard change + watch.debounce <= now else { return }
    switch machine.life {
    case .ready(let launch, _) where watch.signal != nil:
      guard let its = watched[launch.id], let since = its.attention.readySince, since < now else {
        break
      }
      violate(.files, "the files of \(name) changed, and it is not told")
    case .starting, .ready, .resting:
      if watch.signal == nil { violate(.files, "a change of the files of \(name) is lost") }
    // It comes soon, and sees the change then.
    case .backoff: return
    case .stopping(_, let stopping):
      if stopping.cause != .asked, watch.signal == nil {
        ledgers[name]?.hasSettled = true
        return
      }
    case .down, .waiting, .finished: break
    }
    ledgers[name]?.change = nil
  }
}
