import DevstartCore

/// What services say, show and answer.
extension SimulatedWorld {
  /// Everything that a launch will say of itself.
  func planWords(of launch: SimulatedLaunch) {
    let behaviour = launch.behaviour
    let service = launch.specification.service
    if let after = behaviour.logsAfter { plan(.matchesLog(launch), after: after) }
    if service.readiness.check == .notify, let after = behaviour.saysReadyAfter {
      plan(.says(launch, .ready), after: after)
    }
    if let after = behaviour.triggersAfter { plan(.says(launch, .livenessFailed), after: after) }
    if let after = behaviour.saysStoppingAfter { plan(.says(launch, .stopping), after: after) }
    if let after = behaviour.writesAfter, service.watch != nil {
      plan(.writesFile(service: service.name), after: after)
    }
    if service.heartbeat != nil || service.liveness?.check == .notify {
      plan(.beats(launch), after: behaviour.beatsEvery)
    }
  }

  /// How long main has run; nil where it does not.
  private func age(of launch: SimulatedLaunch) -> Duration? {
    guard launch.isMainAlive, let main = launch.main else { return nil }
    return now - Instant(nanoseconds: Int64(main.startTicks))
  }

  /// Heard late, perhaps: of a launch that is gone by then.
  func says(_ launch: SimulatedLaunch, _ notice: NotifyMessage.Assignment) {
    guard fleet != nil else { return }
    events.append(.launch(launch.id, of: launch.name, .notified(notice)))
  }

  func beats(_ launch: SimulatedLaunch) {
    guard let age = age(of: launch) else { return }
    if launch.behaviour.silent?.contains(age) != true { hear(launch, .notified(.heartbeat)) }
    plan(.beats(launch), after: launch.behaviour.beatsEvery)
  }

  /// The supervisor hears something of a launch, if there is one that listens.
  func hear(_ launch: SimulatedLaunch, _ event: LaunchEvent) {
    guard fleet != nil, watched[launch.id] != nil else { return }
    events.append(.launch(launch.id, of: launch.name, event))
  }

  // MARK: Looks

  func look(_ probe: Probe, at launch: SimulatedLaunch) {
    begin(at: launch)
    switch probe {
    case .listening:
      hear(launch, .probed(isWell(launch) ? .passed : .failed(nil)))
    case .http, .command:
      guard let after = launch.behaviour.answersAfter else { return }
      plan(.answers(launch, look: launch.attention.looks), after: after)
    }
  }

  /// Follows its output, from its first line on.
  func follow(_ launch: SimulatedLaunch) {
    begin(at: launch)
    matchesLog(launch)
  }

  private func begin(at launch: SimulatedLaunch) {
    if launch.attention.look != nil { violate(.looks, "two looks at \(launch.name) at a time") }
    if launch.attention.hasSaidStopping {
      violate(.looks, "\(launch.name) has said that it is stopping, and is looked at")
    }
    launch.attention.looks += 1
    launch.attention.look = Attention.Look(number: launch.attention.looks, began: now)
  }

  private func isWell(_ launch: SimulatedLaunch) -> Bool {
    guard let age = age(of: launch), launch.listensAt.map({ $0 <= now }) == true else {
      return false
    }
    return launch.behaviour.sick?.contains(age) != true
  }

  func answers(_ launch: SimulatedLaunch, _ look: Int) {
    guard launch.attention.look?.number == look else { return }
    hear(launch, .probed(isWell(launch) ? .passed : .failed("refused")))
  }

  func matchesLog(_ launch: SimulatedLaunch) {
    guard case .log = launch.specification.service.readiness.check,
      launch.attention.look != nil, let after = launch.behaviour.logsAfter,
      let main = launch.main, Instant(nanoseconds: Int64(main.startTicks)) + after <= now
    else { return }
    hear(launch, .logMatched)
  }

  func endLook(at launch: SimulatedLaunch) {
    guard let look = launch.attention.look else {
      violate(.looks, "a look at \(launch.name) is ended, and there is none")
      return
    }
    launch.attention.look = nil
    launch.attention.lastLook = now
    guard case .ready = fleet?.services[launch.name]?.life,
      let liveness = launch.specification.service.liveness, !launch.attention.hasSaidStopping
    else { return }
    if look.began + liveness.timeout != now {
      violate(.looks, "a look at \(launch.name) is given up at the wrong moment")
    }
    launch.attention.failures += 1
  }

  // MARK: Measuring

  func sample(_ launch: SimulatedLaunch) {
    let limits = launch.specification.service.limits
    let since = [launch.attention.lastSample, launch.attention.since].compactMap(\.self).max()
    if !limits.needsSamples { violate(.cause, "\(launch.name) is measured, and has no limit") }
    if let since, since + limits.every > now {
      violate(.limits, "\(launch.name) is measured too soon")
    }
    launch.attention.lastSample = now
    let age = age(of: launch) ?? .zero
    let isHungry = launch.behaviour.hungryAfter.map { $0 <= age } ?? false
    let busy = launch.behaviour.busyAfter.map { max(.zero, age - $0) } ?? .zero
    hear(
      launch,
      .sampled(
        Sample(
          cpuSeconds: age.seconds * 0.1 + busy.seconds * 0.9, memoryBytes: isHungry ? 101 : 100,
          largest: nil)))
  }

  // MARK: Files

  func writeFile(of service: String) {
    guard fleet?.services[service]?.watched != nil else { return }
    events.append(.service(service, .filesChanged("file")))
  }

  func checkSignalled(_ launch: SimulatedLaunch) {
    let watch = launch.specification.service.watch
    guard let change = ledgers[launch.name]?.change, let watch, watch.signal != nil,
      change + watch.debounce == now
    else {
      violate(.files, "\(launch.name) is signalled, and no file has changed and settled")
      return
    }
    ledgers[launch.name]?.change = nil
  }
}
