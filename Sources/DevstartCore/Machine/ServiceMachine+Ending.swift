extension ServiceMachine {
  mutating func stop(
    timeout: Duration?, isForced: Bool, at now: Instant
  ) -> [ServiceEffect] {
    switch life {
    case .down: return []
    case .waiting:
      life = .down(Ending(.stopped, .asked))
      return []
    case .starting(let launch, _, _), .ready(let launch), .finished(let launch):
      return beginStopping(
        launch, cause: .asked, next: nil, timeout: timeout, isForced: isForced, at: now)
    case .stopping(let launch, var stopping):
      stopping.next = nil
      stopping.cause = .asked
      if let timeout { stopping.timeout = timeout }
      return hasten(launch, stopping, timeout: timeout, isForced: isForced, at: now)
    }
  }

  /// A stop under way was asked for once more, perhaps with less time.
  mutating func hasten(
    _ launch: Launch, _ stopping: Stopping, timeout: Duration?, isForced: Bool, at now: Instant
  ) -> [ServiceEffect] {
    var stopping = stopping
    switch stopping.step {
    case .killing, .naming: break
    case .stuck: return kill(launch, stopping, at: now)
    case .command where isForced: return [.endStopCommand] + kill(launch, stopping, at: now)
    case .asked where isForced: return kill(launch, stopping, at: now)
    case .command(let until):
      if let timeout { stopping.step = .command(until: min(until, now + timeout)) }
    case .asked(let until):
      if let timeout { stopping.step = .asked(until: min(until, now + timeout)) }
    }
    life = .stopping(launch, stopping)
    return []
  }

  mutating func beginStopping(
    _ launch: Launch, cause: Stopping.Cause, next: LaunchSpecification?,
    timeout: Duration? = nil, isForced: Bool = false, exit: ExitStatus? = nil, at now: Instant
  ) -> [ServiceEffect] {
    let policy = launch.service.stop
    let stopping = Stopping(
      cause: cause, step: .stuck, began: now, timeout: timeout ?? policy.timeout, next: next,
      exit: exit)
    lastStop = StopFacts(launch: launch.id, began: now)
    if isForced { return [.note, .continueKeeper] + kill(launch, stopping, at: now) }
    if let command = policy.command, cause == .asked, launch.main != nil {
      var running = stopping
      running.step = .command(until: now + stopping.timeout)
      life = .stopping(launch, running)
      return [.note, .continueKeeper, .runStopCommand(command)]
    }
    return [.note, .continueKeeper] + ask(launch, stopping, at: now)
  }

  mutating func ask(
    _ launch: Launch, _ stopping: Stopping, at now: Instant
  ) -> [ServiceEffect] {
    let policy = launch.service.stop
    guard stopping.timeout > .zero else {
      return [.ask(policy.signal, policy.scope)] + kill(launch, stopping, at: now)
    }
    var stopping = stopping
    stopping.step = .asked(until: now + stopping.timeout)
    lastStop?.hardest = policy.signal
    life = .stopping(launch, stopping)
    // Where main is gone already, nobody but the rest is left to hear it.
    return stopping.exit == nil
      ? [.ask(policy.signal, policy.scope)] : [.askRest(policy.signal)]
  }

  mutating func kill(
    _ launch: Launch, _ stopping: Stopping, at now: Instant
  ) -> [ServiceEffect] {
    var stopping = stopping
    stopping.step = .killing(until: now + Self.killTime)
    lastStop?.hardest = .kill
    life = .stopping(launch, stopping)
    return [.kill]
  }

  mutating func stopCommandEnded(at now: Instant) -> [ServiceEffect] {
    guard case .stopping(let launch, let stopping) = life, case .command = stopping.step else {
      return []
    }
    return ask(launch, stopping, at: now)
  }

  mutating func mainExited(_ status: ExitStatus, at now: Instant) -> [ServiceEffect] {
    switch life {
    case .starting(let launch, _, _) where launch.service.isOneshot && status.isSuccess:
      life = .finished(launch)
      return []
    case .starting(let launch, _, _), .ready(let launch):
      let cause = Stopping.Cause.mainEnded(
        after: now - launch.began, wasReady: launch.readyAfter != nil)
      return beginStopping(launch, cause: cause, next: nil, exit: status, at: now)
    case .stopping(let launch, var stopping):
      stopping.exit = status
      life = .stopping(launch, stopping)
      // Its group has heard the signal; what lives in other sessions has not.
      if case .asked = stopping.step { return [.askRest(launch.service.stop.signal)] }
      return []
    case .down, .waiting, .finished: return []
    }
  }

  mutating func treeEmpty(at now: Instant) -> [ServiceEffect] {
    lastStop?.ended = now
    switch life {
    case .down, .waiting: return []
    case .finished:
      life = .down(
        Ending(
          .completed, .ended(.code(0), after: .zero, wasReady: true), exit: .code(0)))
      return [.note]
    case .starting(let launch, _, _), .ready(let launch):
      let reason = Ending.Reason.ended(
        .unknown, after: now - launch.began, wasReady: launch.readyAfter != nil)
      life = .down(Ending(.failed, reason, exit: .unknown))
      return [.note]
    case .stopping(_, let stopping):
      var effects: [ServiceEffect] = [.note]
      if case .killing = stopping.step { effects.append(.stopKilling) }
      life = stopping.next.map { .waiting($0) } ?? .down(stopping.ending)
      return effects
    }
  }

  mutating func survived(_ processes: [ReportedProcess]) -> [ServiceEffect] {
    guard case .stopping(let launch, var stopping) = life else { return [] }
    lastStop?.survivors = processes
    if stopping.step == .naming { stopping.step = .stuck }
    life = .stopping(launch, stopping)
    return []
  }

  mutating func spared(_ processes: [ReportedProcess]) -> [ServiceEffect] {
    lastStop?.spared = processes
    return []
  }

  mutating func timePassed(at now: Instant) -> [ServiceEffect] {
    switch life {
    case .starting(let launch, let probe, let deadline):
      if let probe, probe <= now { return probeNow(launch, deadline: deadline, at: now) }
      guard let deadline, deadline <= now else { return [] }
      let cause = Stopping.Cause.notReady(launch.service.readiness.check, after: now - launch.began)
      return beginStopping(launch, cause: cause, next: nil, at: now)
    case .stopping(let launch, var stopping):
      guard let until = stopping.deadline, until <= now else { return [] }
      switch stopping.step {
      case .command: return [.endStopCommand] + ask(launch, stopping, at: now)
      case .asked: return kill(launch, stopping, at: now)
      case .killing:
        stopping.step = .naming
        life = .stopping(launch, stopping)
        return [.stopKilling, .nameSurvivors]
      case .naming, .stuck: return []
      }
    case .down, .waiting, .ready, .finished: return []
    }
  }

  mutating func probeNow(
    _ launch: Launch, deadline: Instant?, at now: Instant
  ) -> [ServiceEffect] {
    switch launch.service.readiness.check {
    case .delay:
      becomeReady(launch, at: now)
      return []
    case .listening(let ports):
      // Doubling from the first probe up to the manifest's interval.
      let waited = max(now - launch.began, Self.firstProbe)
      let pause = min(waited, launch.service.readiness.interval)
      life = .starting(launch, nextProbe: now + pause, deadline: deadline)
      if let deadline, deadline <= now {
        life = .starting(launch, nextProbe: nil, deadline: deadline)
      }
      return [.probe(ports: ports)]
    }
  }
}

extension Stopping {
  /// How the service is down when this stop is over.
  var ending: Ending {
    switch cause {
    case .asked: Ending(.stopped, .asked, exit: exit)
    case .notLaunched(let why): Ending(.failed, .notLaunched(why), exit: exit)
    case .notReady(let check, let after):
      Ending(.failed, .notReady(check, after: after), exit: exit)
    case .mainEnded(let after, let wasReady):
      Ending(
        (exit ?? .unknown).endingKind,
        .ended(exit ?? .unknown, after: after, wasReady: wasReady), exit: exit)
    }
  }
}

extension ExitStatus {
  /// An end by TERM, INT, HUP or PIPE from outside, or with 128 + that number as shells say it,
  /// is no failure.
  var endingKind: Ending.Kind {
    switch self {
    case .code(0): .completed
    case .code(128 + 15), .code(128 + 2), .code(128 + 1), .code(128 + 13): .stopped
    case .signal("TERM"), .signal("INT"), .signal("HUP"), .signal("PIPE"): .stopped
    case .code, .signal, .unknown: .failed
    }
  }
}
