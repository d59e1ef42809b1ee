/// While it is up: liveness, heartbeat, and what it says of itself.
extension ServiceMachine {
  /// A moment has come for a launch that is ready.
  mutating func upkeepDue(
    _ launch: Launch, _ upkeep: Upkeep, at now: Instant
  ) -> [ServiceEffect] {
    if let moment = upkeep.nextProbe, moment <= now {
      return lookForLife(launch, upkeep, at: now)
    }
    if let moment = upkeep.silentAt, moment <= now {
      return checkHeartbeat(launch, upkeep, at: now)
    }
    return meteringDue(launch, upkeep.metering, at: now)
  }

  private mutating func lookForLife(
    _ launch: Launch, _ upkeep: Upkeep, at now: Instant
  ) -> [ServiceEffect] {
    guard let liveness = launch.service.liveness else { return [] }
    var upkeep = upkeep
    switch liveness.check {
    case .notify:
      let isSilent = upkeep.lastBeat + liveness.interval <= now
      let why = "no WATCHDOG=1 for \(Words.seconds(now - upkeep.lastBeat))"
      return foundAlive(isSilent ? .failed(why) : .passed, launch, upkeep, at: now)
    case .probe where upkeep.isProbing:
      let why = "no answer within \(Words.seconds(liveness.timeout))"
      return [.endProbe] + foundAlive(.failed(why), launch, upkeep, at: now)
    case .probe(let probe):
      upkeep.isProbing = true
      upkeep.nextProbe = now + liveness.timeout
      life = .ready(launch, upkeep)
      return [.probe(probe)]
    }
  }

  /// What a look at a launch that is up found.
  mutating func foundAlive(
    _ result: ProbeResult, _ launch: Launch, _ upkeep: Upkeep, at now: Instant
  ) -> [ServiceEffect] {
    guard let liveness = launch.service.liveness else { return [] }
    var upkeep = upkeep
    upkeep.isProbing = false
    upkeep.nextProbe = now + liveness.interval
    switch result {
    case .passed:
      upkeep.failures = 0
      upkeep.foundTrouble = nil
      // Who owes no beats takes its own word back by an answer.
      if launch.service.heartbeat == nil { upkeep.ownTrouble = nil }
    case .failed(let why):
      upkeep.failures += 1
      if upkeep.failures >= liveness.failures {
        let times = upkeep.failures == 1 ? "" : ", \(upkeep.failures) times in a row"
        return becomeUnhealthy(
          launch, upkeep, \.foundTrouble, "\(Words.livenessFailed(liveness.check, why))\(times)",
          at: now)
      }
    }
    life = .ready(launch, upkeep)
    return []
  }

  private mutating func checkHeartbeat(
    _ launch: Launch, _ upkeep: Upkeep, at now: Instant
  ) -> [ServiceEffect] {
    guard let heartbeat = launch.service.heartbeat else { return [] }
    var upkeep = upkeep
    // Each beat moves the moment; the timer is set anew only here.
    if upkeep.lastBeat + heartbeat > now {
      upkeep.silentAt = upkeep.lastBeat + heartbeat
      life = .ready(launch, upkeep)
      return []
    }
    upkeep.silentAt = nil
    return becomeUnhealthy(
      launch, upkeep, \.ownTrouble, "no heartbeat for \(Words.seconds(now - upkeep.lastBeat))",
      at: now)
  }

  /// Restarted, where the manifest wants that; else shown until it answers again.
  private mutating func becomeUnhealthy(
    _ launch: Launch, _ upkeep: Upkeep, _ kind: WritableKeyPath<Upkeep, String?>, _ why: String,
    at now: Instant
  ) -> [ServiceEffect] {
    if launch.service.restart.policy != .never {
      // The look that found it is over.
      life = .ready(launch, upkeep)
      return beginStopping(launch, cause: .unhealthy(why), next: nil, at: now)
    }
    var upkeep = upkeep
    // The first reason stands: how often it was found since changes with every look.
    upkeep[keyPath: kind] = upkeep[keyPath: kind] ?? why
    life = .ready(launch, upkeep)
    return []
  }

  // MARK: What it says

  mutating func notified(
    _ assignment: NotifyMessage.Assignment, at now: Instant
  ) -> [ServiceEffect] {
    switch (life, assignment) {
    case (.starting(let launch, let startup), .ready):
      guard launch.service.readiness.check == .notify, !launch.service.isOneshot else { return [] }
      return becomeReady(launch, startup, at: now)
    case (.starting(var launch, let startup), .status(let text)):
      launch.statusText = text.isEmpty ? nil : text
      life = .starting(launch, startup)
    case (.ready(var launch, let upkeep), .status(let text)):
      launch.statusText = text.isEmpty ? nil : text
      life = .ready(launch, upkeep)
    case (.ready(let launch, var upkeep), .heartbeat):
      upkeep.beat(of: launch.service, at: now)
      life = .ready(launch, upkeep)
    case (.ready(let launch, let upkeep), .livenessFailed):
      if upkeep.isLeaving { return [] }
      return becomeUnhealthy(launch, upkeep, \.ownTrouble, "it said WATCHDOG=trigger", at: now)
    case (.ready(let launch, var upkeep), .stopping):
      // Who has said good-bye owes no sign of life.
      upkeep.isLeaving = true
      upkeep.nextProbe = nil
      upkeep.silentAt = nil
      let effects: [ServiceEffect] = upkeep.isProbing ? [.endProbe] : []
      upkeep.isProbing = false
      life = .ready(launch, upkeep)
      return effects
    case (.starting, .stopping), (.starting, .heartbeat), (.starting, .livenessFailed),
      (.ready, .ready), (.starting, .barrier), (.ready, .barrier), (.starting, .mainProcess),
      (.ready, .mainProcess),
      (.down, _), (.resting, _), (.waiting, _), (.backoff, _), (.finished, _), (.stopping, _):
      break
    }
    return []
  }
}

extension Upkeep {
  fileprivate mutating func beat(of service: Service, at now: Instant) {
    lastBeat = now
    ownTrouble = nil
    guard !isLeaving else { return }
    silentAt = silentAt ?? service.heartbeat.map { now + $0 }
    if let liveness = service.liveness, liveness.check == .notify {
      nextProbe = nextProbe ?? now + liveness.interval
    }
  }
}

extension ServiceLife {
  /// When its last sign of life came, where the manifest asks for any.
  package var lastBeat: Instant? {
    guard case .ready(let launch, let upkeep) = self,
      launch.service.heartbeat != nil || launch.service.liveness?.check == .notify
    else { return nil }
    return upkeep.lastBeat
  }
}
