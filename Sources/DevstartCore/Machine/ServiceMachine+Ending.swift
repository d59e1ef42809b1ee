extension ServiceMachine {
  mutating func stop(
    timeout: Duration?, isForced: Bool, at now: Instant
  ) -> [ServiceEffect] {
    switch life {
    case .down: return []
    case .resting(_, let ending):
      life = .down(ending)
      return []
    case .waiting:
      life = .down(Ending(.stopped, .asked))
      return []
    case .backoff(let specification, _, _):
      let ending = Ending(.stopped, .asked)
      life = .down(ending)
      return hook(.stopped, specification, ending)
    case .starting(let launch, _), .ready(let launch, _), .finished(let launch):
      return beginStopping(
        launch, cause: .asked, next: nil, timeout: timeout, isForced: isForced, at: now)
    case .stopping(let launch, var stopping):
      // What a later supervisor knows must not be that something is to follow.
      let note: [ServiceEffect] = stopping.cause == .asked ? [] : [.note]
      stopping.next = nil
      stopping.cause = .asked
      if let timeout { stopping.timeout = timeout }
      return note + hasten(launch, stopping, timeout: timeout, isForced: isForced, at: now)
    }
  }

  mutating func goOnEnding(
    _ cause: Stopping.Cause, exit: ExitStatus?, at now: Instant
  ) -> [ServiceEffect] {
    switch life {
    case .starting(let launch, _), .ready(let launch, _):
      return beginStopping(launch, cause: cause, next: nil, exit: exit, at: now)
    case .finished(let launch): return beginStopping(launch, cause: cause, next: nil, at: now)
    case .down, .resting, .waiting, .backoff, .stopping: return []
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
    let first: [ServiceEffect] =
      (life.isLooking ? [.endProbe] : []) + (cause.isRecorded ? [] : [.note]) + [.continueKeeper]
    if isForced { return first + kill(launch, stopping, at: now) }
    if let command = policy.command, exit == nil, launch.main != nil {
      var running = stopping
      running.step = .command(until: now + stopping.timeout)
      life = .stopping(launch, running)
      return first + [.runStopCommand(command)]
    }
    return first + ask(launch, stopping, at: now)
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
    case .starting(let launch, _) where launch.service.isOneshot && status.isSuccess:
      life = .finished(launch)
      return hook(
        .ready, launch.specification, pid: launch.main?.pid, reason: "completed", exit: status)
    case .starting(let launch, _), .ready(let launch, _):
      let cause = Stopping.Cause.mainEnded(
        after: now - launch.began, wasReady: launch.readyAfter != nil)
      return beginStopping(launch, cause: cause, next: nil, exit: status, at: now)
    case .stopping(let launch, var stopping):
      stopping.exit = status
      life = .stopping(launch, stopping)
      // Its group has heard the signal; what lives in other sessions has not.
      if case .asked = stopping.step { return [.askRest(launch.service.stop.signal)] }
      return []
    case .down, .resting, .waiting, .backoff, .finished: return []
    }
  }

  mutating func lastLine(_ line: String) -> [ServiceEffect] {
    switch life {
    case .starting(var launch, let startup):
      launch.lastLine = line
      life = .starting(launch, startup)
    case .ready(var launch, let upkeep):
      launch.lastLine = line
      life = .ready(launch, upkeep)
    case .stopping(var launch, let stopping):
      launch.lastLine = line
      life = .stopping(launch, stopping)
    case .down, .resting, .waiting, .backoff, .finished: break
    }
    return []
  }

  mutating func treeEmpty(at now: Instant) -> [ServiceEffect] {
    lastStop?.ended = now
    switch life {
    case .down, .resting, .waiting, .backoff: return []
    case .finished:
      life = .down(
        Ending(
          .completed, .ended(.code(0), after: .zero, wasReady: true), exit: .code(0)))
      return [.note]
    case .starting(let launch, _), .ready(let launch, _):
      let cause = Stopping.Cause.mainEnded(
        after: now - launch.began, wasReady: launch.readyAfter != nil)
      let looking: [ServiceEffect] = life.isLooking ? [.endProbe] : []
      let stopping = Stopping(
        cause: cause, step: .stuck, began: now, timeout: .zero, next: nil, exit: .unknown)
      return looking + [.note] + settleAfter(launch, stopping, at: now)
    case .stopping(let launch, let stopping):
      var effects: [ServiceEffect] = [.note]
      if case .killing = stopping.step { effects.append(.stopKilling) }
      if let next = stopping.next {
        life = .waiting(next)
        return effects
      }
      return effects + settleAfter(launch, stopping, at: now)
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
    if let due = files.dueAt, due <= now { return filesSettled(at: now) }
    switch life {
    case .starting(let launch, let startup):
      if let moment = startup.nextProbe, moment <= now {
        return lookForReadiness(launch, startup, at: now)
      }
      if let deadline = startup.deadline, deadline <= now {
        return startupOver(launch, startup, at: now)
      }
      if let moment = startup.probeEnds, moment <= now { return probeOverdue(at: now) }
      return meteringDue(launch, startup.metering, at: now)
    case .ready(let launch, let upkeep): return upkeepDue(launch, upkeep, at: now)
    case .backoff(let specification, let until, let ending):
      return until <= now ? backoffOver(specification, ending, at: now) : []
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
    case .down, .resting, .waiting, .finished: return []
    }
  }
}

extension Stopping.Cause {
  /// Whether the launch's record says it: then a later supervisor ends the rest without a note, and
  /// does what is to follow.
  fileprivate var isRecorded: Bool {
    switch self {
    case .mainEnded: true
    case .asked, .notReady, .notLaunched, .unhealthy, .exceeded, .filesChanged: false
    }
  }
}

extension Stopping {
  /// How the service is down when this stop is over.
  var ending: Ending {
    switch cause {
    case .asked: Ending(.stopped, .asked, exit: exit)
    case .notLaunched(let why): Ending(.failed, .notLaunched(why), exit: exit)
    case .notReady(let check, let after, let found):
      Ending(.failed, .notReady(check, after: after, found: found), exit: exit)
    case .unhealthy(let why): Ending(.failed, .unhealthy(why), exit: exit)
    case .exceeded(let excess): Ending(.stopped, .exceeded(excess), exit: exit)
    case .filesChanged(let path): Ending(.stopped, .filesChanged(path), exit: exit)
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

extension ServiceLife {
  /// Whether a look or a follower is under way, which nobody needs once the launch is ended.
  fileprivate var isLooking: Bool {
    switch self {
    case .starting(_, let startup): startup.isProbing
    case .ready(_, let upkeep): upkeep.isProbing
    case .down, .resting, .waiting, .backoff, .finished, .stopping: false
    }
  }
}
