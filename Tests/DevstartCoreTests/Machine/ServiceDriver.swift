import DevstartCore

/// One service's machine with a clock that a test moves.
struct ServiceDriver {
  var machine = ServiceMachine(name: "a")
  var now = Instant(nanoseconds: 1_000_000_000)
  let main = ProcessIdentity(pid: 101, startTicks: 1)

  @discardableResult
  mutating func tell(_ event: ServiceEvent) -> [ServiceEffect] { machine.handle(event, at: now) }

  /// What is heard of the launch that is alive.
  @discardableResult
  mutating func tell(_ event: LaunchEvent) -> [ServiceEffect] {
    machine.hear(event, of: launch ?? "none", at: now)
  }

  @discardableResult
  mutating func pass(_ duration: Duration) -> [ServiceEffect] {
    now = now + duration
    return tell(.timePassed)
  }

  func specification(_ service: Service, _ launch: String = "1") -> LaunchSpecification {
    LaunchSpecification(
      project: "p", launch: launch, service: service,
      caller: Caller(identity: main, environment: [], umask: 0, limits: []))
  }

  mutating func start(_ service: Service, _ launch: String = "1") {
    tell(.want(specification(service, launch)))
    tell(.permit)
  }

  /// Launched, begun and ready at the same moment.
  mutating func bringUp(_ service: Service) {
    start(service)
    begin()
  }

  /// Its launch begins and is ready.
  mutating func begin() {
    tell(.mainStarted(main))
    tell(.probed(.passed))
  }

  /// Main ends, and nothing of it is left.
  @discardableResult
  mutating func end(_ exit: ExitStatus) -> [ServiceEffect] {
    tell(.mainExited(exit)) + tell(.treeEmpty)
  }

  /// It is asked to end, and does.
  @discardableResult
  mutating func stop() -> [ServiceEffect] {
    tell(.stop(timeout: nil, isForced: false)) + end(.signal("TERM"))
  }

  var ending: Ending? { machine.life.ending }

  var launch: String? { machine.life.launch?.id }

  /// How long it waits to be launched again.
  var pause: Duration? {
    if case .backoff(_, let until, _) = machine.life { until - now } else { nil }
  }

  var cause: Stopping.Cause? {
    if case .stopping(_, let stopping) = machine.life { stopping.cause } else { nil }
  }

  var trouble: String? {
    if case .ready(_, let upkeep) = machine.life { upkeep.trouble } else { nil }
  }

  var isReady: Bool { if case .ready = machine.life { true } else { false } }
}

extension [ServiceEffect] {
  /// The hooks among them, in order.
  var hooks: [HooksKey] {
    compactMap { if case .runHook(let hook) = $0 { hook.kind } else { nil } }
  }

  var relaunched: String? {
    for case .relaunch(let specification) in self { return specification.launch }
    return nil
  }
}
