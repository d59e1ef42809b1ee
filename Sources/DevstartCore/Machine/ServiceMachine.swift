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
  package internal(set) var life: ServiceLife
  package internal(set) var lastStop: StopFacts?

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
  mutating func want(
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

  mutating func permit(at now: Instant) -> [ServiceEffect] {
    guard case .waiting(let specification) = life else { return [] }
    let service = specification.service
    // A oneshot takes as long as it takes: it is over when it ends.
    let deadline = service.isOneshot ? nil : now + service.readiness.timeout
    life = .starting(
      Launch(specification: specification, began: now), nextProbe: nil, deadline: deadline)
    return [.launch(specification)]
  }

  mutating func abandon(_ ending: Ending) -> [ServiceEffect] {
    switch life {
    case .waiting: life = .down(ending)
    case .stopping(let launch, var stopping):
      stopping.next = nil
      life = .stopping(launch, stopping)
    case .down, .starting, .ready, .finished: break
    }
    return []
  }

  mutating func launchFailed(_ why: String) -> [ServiceEffect] {
    switch life {
    case .starting: life = .down(Ending(.failed, .notLaunched(why)))
    case .stopping(_, let stopping):
      life =
        stopping.next.map { .waiting($0) } ?? .down(Ending(.failed, .notLaunched(why)))
    case .down, .waiting, .ready, .finished: break
    }
    return []
  }

  mutating func mainStarted(_ main: ProcessIdentity, at now: Instant) -> [ServiceEffect] {
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

  mutating func executionFailed(_ why: String, at now: Instant) -> [ServiceEffect] {
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

  mutating func probed(_ isReady: Bool, at now: Instant) -> [ServiceEffect] {
    guard isReady, case .starting(let launch, _, _) = life else { return [] }
    becomeReady(launch, at: now)
    return []
  }

  mutating func becomeReady(_ launch: Launch, at now: Instant) {
    var launch = launch
    launch.readyAfter = now - launch.began
    life = .ready(launch)
  }
}
