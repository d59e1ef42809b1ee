extension ServiceLife {
  /// How a launch that an earlier supervisor began goes on; `exit` is main's, where its keeper has
  /// recorded one, and `known` is what the state file says of the service.
  package init(
    takingOver launch: Launch, exit: ExitStatus?, known: StateFile.Entry?, at now: Instant
  ) {
    let service = launch.service
    let metering = Metering(of: launch, at: now)
    if service.isOneshot, exit == .code(0) {
      self = .finished(launch)
    } else if let ready = known?.ready, ready.launch == launch.id {
      var launch = launch
      launch.readyAfter = ready.after
      self = .ready(launch, Upkeep(takingOver: launch, metering: metering, at: now))
    } else {
      self = .starting(launch, Startup(takingOver: launch, metering: metering, at: now))
    }
  }
}

extension ServiceLife {
  /// How the launch is to be stopped, where what it was started as is not known any more.
  mutating func learn(stop: StopPolicy) {
    guard var launch else { return }
    launch.specification.service.stop = stop
    switch self {
    case .down, .resting, .waiting, .backoff: break
    case .starting(_, let startup): self = .starting(launch, startup)
    case .ready(_, let upkeep): self = .ready(launch, upkeep)
    case .finished: self = .finished(launch)
    case .stopping(_, let stopping): self = .stopping(launch, stopping)
    }
  }
}

/// A launch that is to follow by itself, for the program that takes this one's place: the state
/// file does not say what it is made of.
package struct ExpectedLaunch: Message {
  package let specification: LaunchSpecification
  /// By this boot's clock; nil where it is launched when its files change.
  private let moment: Instant?

  /// nil where nothing is expected of this life.
  package init?(of life: ServiceLife) {
    switch life {
    case .backoff(let specification, let until, _):
      (self.specification, moment) = (specification, until)
    case .resting(let specification, _): (self.specification, moment) = (specification, nil)
    case .down, .waiting, .starting, .ready, .finished, .stopping: return nil
    }
  }

  package init(json: JSON) throws(MessageError) {
    specification = try json.message("specification")
    moment = json["moment"]?.integer.map { Instant(nanoseconds: Int64($0)) }
  }

  package var json: JSON {
    [
      "specification": specification.json,
      "moment": moment.map { JSON(Int($0.nanoseconds)) } ?? nil,
    ]
  }

  package func life(after ending: Ending) -> ServiceLife {
    moment.map { .backoff(specification, until: $0, after: ending) }
      ?? .resting(specification, ending)
  }
}

extension StateFile.Entry {
  /// What is to be told of a launch that was taken over, as it came about while nobody listened.
  package static func news(
    of life: ServiceLife, exit: ExitStatus?, known: StateFile.Entry?
  ) -> ServiceEvent? {
    if let stop = known?.stopping, stop.launch == life.launch?.id {
      return .goOnEnding(stop.cause, exit: exit)
    }
    if case .finished = life { return nil }
    return exit.map { .mainExited($0) }
  }
}

extension Startup {
  fileprivate init(takingOver launch: Launch, metering: Metering, at now: Instant) {
    let service = launch.service
    self.init(deadline: now + service.readiness.timeout)
    self.metering = metering
    // It takes as long as it takes, also where main is not known yet.
    if service.isOneshot {
      deadline = nil
      return
    }
    guard launch.main != nil else { return }
    switch service.readiness.check {
    case .delay(let delay, _):
      nextProbe = max(now, launch.began + delay)
      deadline = nil
    case .probe, .log: nextProbe = now
    case .notify: mayHaveSaidReady = true
    }
  }
}
