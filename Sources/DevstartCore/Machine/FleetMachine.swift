/// All services and all requests under way, decided purely.
///
/// Every event may let any operation go on: after each, `settle` lets all of them look at the
/// states as they are now, so that no operation depends on having heard a particular event.
package struct FleetMachine: Equatable, Sendable {
  package let project: String
  package internal(set) var services: [String: ServiceMachine] = [:]
  /// When each service came to be as it is.
  var changedAt: [String: Instant] = [:]
  /// The manifest's view of each service that some request has named; stops follow the launch's.
  var definitions: [String: Service] = [:]
  var operations: [ClientID: Operation] = [:]
  /// What ends with a connection: launches by service, each by the one that it comes from.
  var leases: [ClientID: [String: String]] = [:]
  /// For whom strays of each service are being ended: nothing of it is launched meanwhile.
  var strayEndings: [String: Set<ClientID>] = [:]
  /// Makes launch identifiers; given, so that a simulation is reproducible.
  var nextLaunch: LaunchNames
  var effects: [FleetEffect] = []

  package init(project: String, launchNames: LaunchNames) {
    self.project = project
    nextLaunch = launchNames
  }

  /// Takes a launch over that another supervisor began.
  package mutating func adopt(_ machine: ServiceMachine) { services[machine.name] = machine }

  /// How a launch is stopped of which the specification was lost.
  package mutating func learn(stop: StopPolicy, of name: String) {
    services[name]?.life.learn(stop: stop)
  }

  /// Whether the service runs to its end, as the latest request or its launch has it; nil where
  /// neither says.
  package func isOneshot(_ name: String) -> Bool? {
    (definitions[name] ?? services[name]?.life.launch?.service)?.isOneshot
  }

  /// Whether anything is alive or under way: a supervisor without it ends.
  package var isIdle: Bool {
    operations.isEmpty
      && services.values.allSatisfy { $0.life.launch == nil && $0.life.expected == nil }
  }

  /// Whether no request is under way and no service on its way anywhere.
  package var isAtRest: Bool {
    operations.isEmpty && services.values.allSatisfy { $0.deadline == nil }
  }

  /// When the fleet wants to hear of the time.
  package var deadline: Instant? {
    var earliest: Instant?
    for machine in services.values { earliest = .earliest(earliest, machine.deadline) }
    for operation in operations.values { earliest = .earliest(earliest, operation.deadline) }
    return earliest
  }

  package mutating func handle(_ event: FleetEvent, at now: Instant) -> [FleetEffect] {
    effects = []
    switch event {
    case .start(let client, let request, let callerBegan):
      beginStart(client, request, callerBegan: callerBegan, at: now)
    case .stop(let client, let request): beginStop(client, request, at: now)
    case .clean(let client, let request): beginClean(client, request)
    case .wait(let client, let request):
      operations[client] = .wait(WaitOperation(request: request, began: now))
    case .cancel(let client, let isForced): cancel(client, isForced: isForced, at: now)
    case .lease(let client, let launches): renewLease(client, launches: launches)
    case .disconnected(let client): disconnected(client, at: now)
    case .surveyed(let client, let survey): surveyed(client, survey, at: now)
    case .straysEnded(let client, let service, let report):
      straysEnded(client, service: service, report, at: now)
    case .service(let name, let event): tell(name, event, at: now)
    case .launch(let launch, let name, let event):
      change(name, at: now) { $0.hear(event, of: launch, at: now) }
    case .timePassed: timePassed(at: now)
    }
    settle(at: now)
    return effects
  }

  /// The launches that end with each client's connection.
  package func leasedLaunches() -> [ClientID: [String]] {
    var found = leases.mapValues { $0.values.sorted() }
    for (client, operation) in operations {
      guard case .start(let start) = operation, start.request.isLease else { continue }
      found[client, default: []] += start.launched.values.sorted()
    }
    return found
  }

  /// Whether a launch depends on another service, at whatever remove, by what the launches that
  /// are alive were launched as: they may be of different manifests.
  func liveDependsOn(_ name: String, _ other: String) -> Bool {
    var (seen, open): (Set<String>, [String]) = ([name], [name])
    while let next = open.popLast() {
      for dependency in services[next]?.life.launch?.service.dependsOn ?? [] {
        if dependency.service == other { return true }
        if seen.insert(dependency.service).inserted { open.append(dependency.service) }
      }
    }
    return false
  }

  /// Gives one service an event and collects what follows.
  mutating func tell(_ name: String, _ event: ServiceEvent, at now: Instant) {
    change(name, at: now) { $0.handle(event, at: now) }
  }

  private mutating func change(
    _ name: String, at now: Instant, by event: (inout ServiceMachine) -> [ServiceEffect]
  ) {
    var machine = services[name] ?? ServiceMachine(name: name)
    let before = machine.life
    let wanted = event(&machine)
    services[name] = machine
    effects += wanted.map { .service(name, $0) }
    guard !machine.life.looksLike(before) else { return }
    changedAt[name] = now
    effects.append(.changed(name))
  }

  private mutating func timePassed(at now: Instant) {
    let due = services.values.filter { $0.deadline.map { $0 <= now } == true }
    for name in due.map(\.name).sorted() {
      tell(name, .timePassed, at: now)
    }
  }

  /// Lets every operation go on until none can.
  private mutating func settle(at now: Instant) {
    var before: [ClientID: Operation]?
    var effectCount = -1
    while effectCount != effects.count || before != operations {
      effectCount = effects.count
      before = operations
      for client in operations.keys.sorted() {
        switch operations[client] {
        case .start(let operation): settle(client, operation, at: now)
        case .stop(let operation): settle(client, operation, at: now)
        case .wait(let operation): settle(client, operation, at: now)
        case .clean, nil: break
        }
      }
    }
  }

  private mutating func surveyed(_ client: ClientID, _ survey: Survey, at now: Instant) {
    switch operations[client] {
    case .start(let operation): surveyed(client, operation, survey, at: now)
    case .stop(let operation): surveyed(client, operation, survey, at: now)
    case .clean(let operation): surveyed(client, operation, survey)
    case .wait, nil: break
    }
  }

  private mutating func straysEnded(
    _ client: ClientID, service: String, _ report: SweepReport, at now: Instant
  ) {
    strayEndings[service]?.remove(client)
    straysSurvived(report.failed, of: service, at: now)
    switch operations[client] {
    case .start(var operation):
      operation.sweep.merge(report)
      operation.sweeping.remove(service)
      if operation.isClearing(service) { operation.looksAgain.insert(service) }
      operations[client] = .start(operation)
      if operation.sweeping.isEmpty { lookAgain(client, operation) }
    case .stop(var operation):
      operation.sweep.merge(report)
      if case .sweeping(var left) = operation.stage {
        left.remove(service)
        operation.stage = .sweeping(left)
      }
      operations[client] = .stop(operation)
    case .clean(var operation):
      operation.sweep.merge(report)
      operation.left.remove(service)
      operations[client] = .clean(operation)
      if operation.left.isEmpty { surveyAgain(client, operation) }
    case .wait, nil: break
    }
  }

  /// Whoever had them ended: who waits to launch the service cannot.
  mutating func straysSurvived(
    _ failed: [SweepReport.Failed], of service: String, at now: Instant
  ) {
    guard !failed.isEmpty else { return }
    var outcome = ServiceOutcome(service: service, result: .failed)
    outcome.reason = Words.straysSurvived(failed)
    giveUpPlan(outcome, at: now)
  }

  private mutating func disconnected(_ client: ClientID, at now: Instant) {
    let lease = leases.removeValue(forKey: client)
    switch operations[client] {
    case .start(var operation):
      operation.isAbandoned = true
      operations[client] = .start(operation)
      // A lost terminal stops nothing; a lost lease does.
      if operation.request.isLease { cancel(client, isForced: false, at: now) }
    case .stop(var operation):
      operation.isSilent = true
      operations[client] = .stop(operation)
    case .wait: operations[client] = nil
    case .clean, nil: break
    }
    for (name, launch) in (lease ?? [:]).inOrder where services[name]?.life.origin == launch {
      tell(name, .stop(timeout: nil, isForced: false), at: now)
    }
  }

  private mutating func renewLease(_ client: ClientID, launches: [String]) {
    for machine in services.values {
      if let origin = machine.life.origin, launches.contains(origin) {
        leases[client, default: [:]][machine.name] = origin
      }
    }
  }
}

/// An endless supply of launch identifiers.
package struct LaunchNames: Equatable, Sendable {
  /// The generator's state; the supervisor seeds it from the system's random numbers.
  var state: UInt64

  package init(seed: UInt64) { state = seed }

  /// 16 hexadecimal digits (SplitMix64).
  mutating func next() -> String {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    let digits = String(mixed ^ (mixed >> 31), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

extension Dictionary where Key: Comparable {
  /// By key, so that the same events have the same effects in every run.
  var inOrder: [(key: Key, value: Value)] { sorted { $0.key < $1.key } }
}
