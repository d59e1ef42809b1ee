/// What happens to one service.
package enum ServiceEvent: Equatable, Sendable {
  /// It is wanted: what runs of it is stopped first.
  case want(LaunchSpecification)
  /// Strays are gone and dependencies are there: the planned launch may begin.
  case permit
  /// The planned launch will not be: what it depends on will not come, or what is there stays.
  case abandon(Ending)
  case stop(timeout: Duration?, isForced: Bool)
  /// An earlier supervisor was ending it, and main has ended like this, if it has.
  case goOnEnding(Stopping.Cause, exit: ExitStatus?)
  /// The launch could not begin: why, in words.
  case launchFailed(String)
  case mainStarted(ProcessIdentity)
  /// The keeper could not execute main; its tree will be empty at once.
  case executionFailed(String)
  /// The last line of its output, before its end is told.
  case lastLine(String)
  case mainExited(ExitStatus)
  case treeEmpty
  /// A file that it watches has changed: its path, as the manifest's folder has it.
  case filesChanged(String)
  case survived([ReportedProcess])
  case spared([ReportedProcess])
  case timePassed
}

/// What is heard or found of one launch, and may come when that is its service's no more.
package enum LaunchEvent: Equatable, Sendable {
  /// What a look found.
  case probed(ProbeResult)
  /// The pattern that was looked for in its log is there.
  case logMatched
  /// What it says on its notify socket.
  case notified(NotifyMessage.Assignment)
  case sampled(Sample)
  case stopCommandEnded
}

/// What one look at a service found.
package enum ProbeResult: Equatable, Sendable {
  case passed
  /// Why not, in words; nil where there is nothing to say.
  case failed(String?)
}

/// What the runtime is to do for one service, in this order.
package enum ServiceEffect: Equatable, Sendable {
  case launch(LaunchSpecification)
  /// Launch it once more by itself: its log goes on.
  case relaunch(LaunchSpecification)
  /// Look once; what is found is told by `LaunchEvent.probed`.
  case probe(Probe)
  /// Follow the launch's output until the pattern fits.
  case followLog(String)
  /// End whatever looks or follows: nobody waits for what it would find.
  case endProbe
  /// Measure the tree; its memory exactly where it seems to be above that.
  case sample(memoryLimit: Int?)
  /// Signal main alone.
  case signalMain(Signal)
  case runHook(Hook)
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

/// A command that tells somebody what has happened.
package struct Hook: Equatable, Sendable {
  package var kind: HooksKey
  package var command: Command
  package var specification: LaunchSpecification
  package var pid: Int32?
  /// In words.
  package var reason: String?
  package var exit: ExitStatus?
  package var restarts: Int
}

/// One service's life, decided purely: events and the time in, effects out.
package struct ServiceMachine: Equatable, Sendable {
  /// How long KILL is repeated before what survives is named.
  package static let killTime = Duration.seconds(5)
  /// The first probes come sooner than the manifest's interval: most services listen at once.
  static let firstProbe = Duration.milliseconds(4)
  /// The most that one look of a starting service may take.
  static let longestProbe = Duration.seconds(5)

  package let name: String
  package internal(set) var life: ServiceLife
  package internal(set) var lastStop: StopFacts?
  package internal(set) var restarts = RestartHistory()
  package internal(set) var files = FileChanges()

  package init(
    name: String, life: ServiceLife = .down(.never), restarts: RestartHistory = RestartHistory()
  ) {
    self.name = name
    self.life = life
    self.restarts = restarts
  }

  /// When the machine wants to hear of the time.
  package var deadline: Instant? {
    let moment: Instant? =
      switch life {
      case .starting(_, let startup): startup.moment
      case .ready(_, let upkeep): upkeep.moment
      case .stopping(_, let stopping): stopping.deadline
      case .backoff(_, let until, _): until
      case .down, .resting, .waiting, .finished: nil
      }
    return .earliest(moment, files.dueAt)
  }

  package mutating func handle(_ event: ServiceEvent, at now: Instant) -> [ServiceEffect] {
    switch event {
    case .want(let specification): want(specification, at: now)
    case .permit: permit(at: now)
    case .abandon(let ending): abandon(ending)
    case .stop(let timeout, let isForced): stop(timeout: timeout, isForced: isForced, at: now)
    case .goOnEnding(let cause, let exit): goOnEnding(cause, exit: exit, at: now)
    case .launchFailed(let why): launchFailed(why)
    case .mainStarted(let main): mainStarted(main, at: now)
    case .executionFailed(let why): executionFailed(why, at: now)
    case .lastLine(let line): lastLine(line)
    case .mainExited(let status): mainExited(status, at: now)
    case .treeEmpty: treeEmpty(at: now)
    case .filesChanged(let path): filesChanged(path, at: now)
    case .survived(let processes): survived(processes)
    case .spared(let processes): spared(processes)
    case .timePassed: timePassed(at: now)
    }
  }

  /// Takes in what was heard of a launch; of an earlier one it says nothing.
  package mutating func hear(
    _ event: LaunchEvent, of launch: String, at now: Instant
  ) -> [ServiceEffect] {
    guard life.launch?.id == launch else { return [] }
    return switch event {
    case .probed(let result): probed(result, at: now)
    case .logMatched: logMatched(at: now)
    case .notified(let assignment): notified(assignment, at: now)
    case .sampled(let sample): sampled(sample, at: now)
    case .stopCommandEnded: stopCommandEnded(at: now)
    }
  }
}

// MARK: Starting

extension ServiceMachine {
  mutating func want(
    _ specification: LaunchSpecification, at now: Instant
  ) -> [ServiceEffect] {
    switch life {
    case .down, .resting, .waiting, .backoff:
      life = .waiting(specification)
      return []
    case .starting(let launch, _), .ready(let launch, _), .finished(let launch):
      return beginStopping(launch, cause: .asked, next: specification, at: now)
    case .stopping(let launch, var stopping):
      stopping.next = specification
      life = .stopping(launch, stopping)
      return []
    }
  }

  mutating func permit(at now: Instant) -> [ServiceEffect] {
    guard case .waiting(let specification) = life else { return [] }
    restarts = RestartHistory(since: now)
    files = FileChanges()
    return begin(Launch(specification: specification, began: now))
  }

  /// Lets a launch begin: an asked one, or one that follows by itself.
  mutating func begin(_ launch: Launch) -> [ServiceEffect] {
    let service = launch.service
    // Whatever has changed so far, it sees.
    files.path = nil
    files.dueAt = nil
    files.settled = nil
    life = .starting(
      launch,
      Startup(deadline: service.isOneshot ? nil : launch.began + service.readiness.timeout))
    return launch.restartedBecause == nil
      ? [.launch(launch.specification)] : [.relaunch(launch.specification)]
  }

  mutating func abandon(_ ending: Ending) -> [ServiceEffect] {
    switch life {
    case .waiting(let specification):
      life = .down(ending)
      return ending.kind == .failed ? hook(.failed, specification, ending) : []
    case .stopping(let launch, var stopping):
      stopping.next = nil
      life = .stopping(launch, stopping)
    case .down, .resting, .backoff, .starting, .ready, .finished: break
    }
    return []
  }

  mutating func launchFailed(_ why: String) -> [ServiceEffect] {
    let ending = Ending(.failed, .notLaunched(why))
    switch life {
    case .starting(let launch, _):
      life = .down(ending)
      return hook(.failed, launch.specification, ending)
    case .stopping(let launch, let stopping):
      if let next = stopping.next {
        life = .waiting(next)
        return []
      }
      let ended = stopping.cause == .asked ? Ending(.stopped, .asked) : ending
      life = .down(ended)
      return hook(ended.kind == .failed ? .failed : .stopped, launch.specification, ended)
    case .down, .resting, .waiting, .backoff, .ready, .finished: break
    }
    return []
  }

  mutating func mainStarted(_ main: ProcessIdentity, at now: Instant) -> [ServiceEffect] {
    switch life {
    case .starting(var launch, var startup):
      // What was taken over may be known from its keeper's record before its report is read.
      let isKnown = launch.main != nil
      launch.main = main
      guard !isKnown else {
        life = .starting(launch, startup)
        return []
      }
      startup.nextProbe = Self.firstLook(launch.service, at: now)
      startup.metering = Metering(of: launch, at: now)
      life = .starting(launch, startup)
      return hookOfRestart(launch)
        + (startup.nextProbe.map { $0 <= now } == true ? timePassed(at: now) : [])
    case .stopping(var launch, let stopping):
      launch.main = main
      life = .stopping(launch, stopping)
      // It was forked after its group had been asked to end.
      if case .asked = stopping.step {
        return [.ask(launch.service.stop.signal, launch.service.stop.scope)]
      }
      return []
    case .ready(var launch, var upkeep):
      guard launch.main == nil else { return [] }
      // Its READY=1 was read before its keeper's report.
      launch.main = main
      upkeep.metering = Metering(of: launch, at: now)
      life = .ready(launch, upkeep)
      return hookOfRestart(launch)
    case .down, .resting, .waiting, .backoff, .finished: return []
    }
  }

  private func hookOfRestart(_ launch: Launch) -> [ServiceEffect] {
    guard let why = launch.restartedBecause else { return [] }
    return hook(.restarted, launch.specification, pid: launch.main?.pid, reason: why)
  }

  mutating func executionFailed(_ why: String, at now: Instant) -> [ServiceEffect] {
    switch life {
    case .starting(let launch, _):
      return beginStopping(launch, cause: .notLaunched(why), next: nil, isForced: true, at: now)
    case .stopping(let launch, var stopping):
      // Where a stop was asked for, that is how it ends.
      if stopping.next == nil, stopping.cause != .asked { stopping.cause = .notLaunched(why) }
      life = .stopping(launch, stopping)
      return []
    case .down, .resting, .waiting, .backoff, .ready, .finished: return []
    }
  }
}
