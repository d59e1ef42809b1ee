/// What happens to one service.
package enum ServiceEvent: Equatable, Sendable {
  /// It is wanted: what runs of it is stopped first.
  case want(LaunchSpecification)
  /// Strays are gone and dependencies are there: the planned launch may begin.
  case permit
  /// The planned launch will not be: what it depends on will not come, or what is there stays.
  case abandon(Ending)
  case stop(timeout: Duration?, isForced: Bool)
  /// The launch could not begin: why, in words.
  case launchFailed(String)
  case mainStarted(ProcessIdentity)
  /// The keeper could not execute main; its tree will be empty at once.
  case executionFailed(String)
  case mainExited(ExitStatus)
  case treeEmpty
  /// What a probe found.
  case probed(isReady: Bool)
  case stopCommandEnded
  case survived([ReportedProcess])
  case spared([ReportedProcess])
  case timePassed
}

/// What the runtime is to do for one service, in this order.
package enum ServiceEffect: Equatable, Sendable {
  case launch(LaunchSpecification)
  /// Find out whether members of the launch listen on all of these.
  case probe(ports: [UInt16])
  /// What is being done must be on disk before the next effect: a later supervisor ends it.
  case note
  /// Let a stopped keeper run, as it must reap.
  case continueKeeper
  case runStopCommand(Command)
  case endStopCommand
  /// The signal, and CONT, to main's group or to main alone; never to what is spared.
  case ask(Signal, StopPolicy.Scope)
  /// The signal, and CONT, to every member that is left.
  case askRest(Signal)
  /// KILL every member, again and again until the tree is empty.
  case kill
  case stopKilling
  /// Say which members are alive.
  case nameSurvivors
}

/// One service's life, decided purely: events and the time in, effects out.
package struct ServiceMachine: Equatable, Sendable {
  /// How long KILL is repeated before what survives is named.
  package static let killTime = Duration.seconds(5)
  /// The first probes come sooner than the manifest's interval: most services listen at once.
  static let firstProbe = Duration.milliseconds(4)

  package let name: String
  package private(set) var life: ServiceLife
  package private(set) var lastStop: StopFacts?

  package init(name: String, life: ServiceLife = .down(.never)) {
    self.name = name
    self.life = life
  }

  /// When the machine wants to hear of the time.
  package var deadline: Instant? {
    switch life {
    case .starting(_, let probe, let deadline): [probe, deadline].compactMap(\.self).min()
    case .stopping(_, let stopping): stopping.deadline
    case .down, .waiting, .ready, .finished: nil
    }
  }

  package mutating func handle(_ event: ServiceEvent, at now: Instant) -> [ServiceEffect] {
    switch event {
    case .want(let specification): want(specification, at: now)
    case .permit: permit(at: now)
    case .abandon(let ending): abandon(ending)
    case .stop(let timeout, let isForced): stop(timeout: timeout, isForced: isForced, at: now)
    case .launchFailed(let why): launchFailed(why)
    case .mainStarted(let main): mainStarted(main, at: now)
    case .executionFailed(let why): executionFailed(why, at: now)
    case .mainExited(let status): mainExited(status, at: now)
    case .treeEmpty: treeEmpty(at: now)
    case .probed(let isReady): probed(isReady, at: now)
    case .stopCommandEnded: stopCommandEnded(at: now)
    case .survived(let processes): survived(processes)
    case .spared(let processes): spared(processes)
    case .timePassed: timePassed(at: now)
    }
  }
}

// MARK: Starting

extension ServiceMachine {
  private mutating func want(
    _ specification: LaunchSpecification, at now: Instant
  ) -> [ServiceEffect] {
    switch life {
    case .down, .waiting:
      life = .waiting(specification)
      return []
    case .starting(let launch, _, _), .ready(let launch), .finished(let launch):
      return beginStopping(launch, cause: .asked, next: specification, at: now)
    case .stopping(let launch, var stopping):
      stopping.next = specification
      life = .stopping(launch, stopping)
      return []
    }
  }

  private mutating func permit(at now: Instant) -> [ServiceEffect] {
    guard case .waiting(let specification) = life else { return [] }
    let service = specification.service
    // A oneshot takes as long as it takes: it is over when it ends.
    let deadline = service.isOneshot ? nil : now + service.readiness.timeout
    life = .starting(
      Launch(specification: specification, began: now), nextProbe: nil, deadline: deadline)
    return [.launch(specification)]
  }

  private mutating func abandon(_ ending: Ending) -> [ServiceEffect] {
    switch life {
    case .waiting: life = .down(ending)
    case .stopping(let launch, var stopping):
      stopping.next = nil
      life = .stopping(launch, stopping)
    case .down, .starting, .ready, .finished: break
    }
    return []
  }

  private mutating func launchFailed(_ why: String) -> [ServiceEffect] {
    switch life {
    case .starting: life = .down(Ending(.failed, .notLaunched(why)))
    case .stopping(_, let stopping):
      life =
        stopping.next.map { .waiting($0) } ?? .down(Ending(.failed, .notLaunched(why)))
    case .down, .waiting, .ready, .finished: break
    }
    return []
  }

  private mutating func mainStarted(_ main: ProcessIdentity, at now: Instant) -> [ServiceEffect] {
    switch life {
    case .starting(var launch, _, let deadline):
      launch.main = main
      let probe: Instant? =
        switch (launch.service.isOneshot, launch.service.readiness.check) {
        case (true, _): nil
        case (false, .delay(let delay, _)): now + delay
        case (false, .listening): now + Self.firstProbe
        }
      life = .starting(launch, nextProbe: probe, deadline: deadline)
      return probe.map { $0 <= now } == true ? timePassed(at: now) : []
    case .stopping(var launch, let stopping):
      launch.main = main
      life = .stopping(launch, stopping)
      // It was forked after its group had been asked to end.
      if case .asked = stopping.step {
        return [.ask(launch.service.stop.signal, launch.service.stop.scope)]
      }
      return []
    case .ready(var launch):
      launch.main = main
      life = .ready(launch)
      return []
    case .down, .waiting, .finished: return []
    }
  }

  private mutating func executionFailed(_ why: String, at now: Instant) -> [ServiceEffect] {
    switch life {
    case .starting(let launch, _, _):
      return beginStopping(launch, cause: .notLaunched(why), next: nil, isForced: true, at: now)
    case .stopping(let launch, var stopping):
      if stopping.next == nil { stopping.cause = .notLaunched(why) }
      life = .stopping(launch, stopping)
      return []
    case .down, .waiting, .ready, .finished: return []
    }
  }

  private mutating func probed(_ isReady: Bool, at now: Instant) -> [ServiceEffect] {
    guard isReady, case .starting(let launch, _, _) = life else { return [] }
    becomeReady(launch, at: now)
    return []
  }

  private mutating func becomeReady(_ launch: Launch, at now: Instant) {
    var launch = launch
    launch.readyAfter = now - launch.began
    life = .ready(launch)
  }
}

// MARK: Ending

extension ServiceMachine {
  private mutating func stop(
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
  private mutating func hasten(
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

  private mutating func beginStopping(
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

  private mutating func ask(
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

  private mutating func kill(
    _ launch: Launch, _ stopping: Stopping, at now: Instant
  ) -> [ServiceEffect] {
    var stopping = stopping
    stopping.step = .killing(until: now + Self.killTime)
    lastStop?.hardest = .kill
    life = .stopping(launch, stopping)
    return [.kill]
  }

  private mutating func stopCommandEnded(at now: Instant) -> [ServiceEffect] {
    guard case .stopping(let launch, let stopping) = life, case .command = stopping.step else {
      return []
    }
    return ask(launch, stopping, at: now)
  }

  private mutating func mainExited(_ status: ExitStatus, at now: Instant) -> [ServiceEffect] {
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

  private mutating func treeEmpty(at now: Instant) -> [ServiceEffect] {
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

  private mutating func survived(_ processes: [ReportedProcess]) -> [ServiceEffect] {
    guard case .stopping(let launch, var stopping) = life else { return [] }
    lastStop?.survivors = processes
    if stopping.step == .naming { stopping.step = .stuck }
    life = .stopping(launch, stopping)
    return []
  }

  private mutating func spared(_ processes: [ReportedProcess]) -> [ServiceEffect] {
    lastStop?.spared = processes
    return []
  }

  private mutating func timePassed(at now: Instant) -> [ServiceEffect] {
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

  private mutating func probeNow(
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
