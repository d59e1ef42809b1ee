/// From main's first instruction to readiness.
extension ServiceMachine {
  /// When a launch whose main has just started is looked at first; nil where it says so itself,
  /// or is over when it ends.
  static func firstLook(_ service: Service, at now: Instant) -> Instant? {
    if service.isOneshot { return nil }
    return switch service.readiness.check {
    case .delay(let delay, _): now + delay
    case .probe(.listening), .probe(.http): now + firstProbe
    case .probe(.command), .log: now
    case .notify: nil
    }
  }

  /// The moment has come to look whether a launch is ready.
  mutating func lookForReadiness(
    _ launch: Launch, _ startup: Startup, at now: Instant
  ) -> [ServiceEffect] {
    var startup = startup
    startup.nextProbe = nil
    switch launch.service.readiness.check {
    case .delay: return becomeReady(launch, startup, at: now)
    case .probe(let probe):
      startup.isProbing = true
      startup.probeEnds = now + Self.longestProbe
      life = .starting(launch, startup)
      return [.probe(probe)]
    case .log(let pattern):
      startup.isProbing = true
      life = .starting(launch, startup)
      return [.followLog(pattern)]
    case .notify:
      life = .starting(launch, startup)
      return []
    }
  }

  mutating func probed(_ result: ProbeResult, at now: Instant) -> [ServiceEffect] {
    switch (life, result) {
    case (.starting(let launch, let startup), .passed):
      return becomeReady(launch, startup, at: now)
    case (.starting(let launch, var startup), .failed(let why)) where startup.isProbing:
      startup.isProbing = false
      startup.probeEnds = nil
      startup.finding = why ?? startup.finding
      // Doubling from the first probe up to the manifest's interval.
      let waited = max(now - launch.began, Self.firstProbe)
      startup.nextProbe = now + min(waited, launch.service.readiness.interval)
      life = .starting(launch, startup)
      return []
    case (.ready(let launch, let upkeep), _) where upkeep.isProbing:
      return foundAlive(result, launch, upkeep, at: now)
    case (.starting, _), (.ready, _), (.down, _), (.resting, _), (.waiting, _), (.backoff, _),
      (.finished, _), (.stopping, _):
      return []
    }
  }

  /// A look has taken too long; the next one may be answered.
  mutating func probeOverdue(at now: Instant) -> [ServiceEffect] {
    [.endProbe] + probed(.failed("no answer within \(Words.seconds(Self.longestProbe))"), at: now)
  }

  mutating func logMatched(at now: Instant) -> [ServiceEffect] {
    guard case .starting(let launch, let startup) = life,
      case .log = launch.service.readiness.check
    else { return [] }
    return becomeReady(launch, startup, at: now)
  }

  mutating func becomeReady(
    _ launch: Launch, _ startup: Startup, at now: Instant
  ) -> [ServiceEffect] {
    var launch = launch
    launch.readyAfter = now - launch.began
    life = .ready(launch, Upkeep(of: launch, metering: startup.metering, at: now))
    return hook(.ready, launch.specification, pid: launch.main?.pid, reason: nil)
  }

  /// It has not become ready in time.
  mutating func startupOver(
    _ launch: Launch, _ startup: Startup, at now: Instant
  ) -> [ServiceEffect] {
    if startup.mayHaveSaidReady { return becomeReady(launch, startup, at: now) }
    let cause = Stopping.Cause.notReady(
      launch.service.readiness.check, after: now - launch.began, found: startup.finding)
    return beginStopping(launch, cause: cause, next: nil, at: now)
  }
}
