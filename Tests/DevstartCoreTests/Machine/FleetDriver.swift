import DevstartCore

/// A fleet with a clock and hands that a test moves: a start's survey finds nothing unless the
/// test says otherwise, and launches begin when the test says so.
struct FleetDriver {
  var fleet = FleetMachine(project: "00000000000000aa", launchNames: LaunchNames(seed: 1))
  var now = Instant(nanoseconds: 1_000_000_000)
  var strays: [Stray] = []
  var holders: [PortHolder] = []
  /// Whether surveys are answered at once.
  var surveys = true
  /// What was done since it was emptied, in words: `launch a`, `ask a TERM`, `kill a`, …
  var done: [String] = []
  var replies: [ClientID: OperationReply] = [:]
  var refusals: [ClientID: RequestError] = [:]
  private var nextPID: Int32 = 100

  mutating func handle(_ event: FleetEvent) {
    var pending = [event]
    while !pending.isEmpty {
      let next = pending.removeFirst()
      for effect in fleet.handle(next, at: now) { pending += perform(effect) }
    }
  }

  private mutating func perform(_ effect: FleetEffect) -> [FleetEvent] {
    switch effect {
    case .service(let name, let effect): note(effect, of: name)
    case .survey(let client, let services):
      done.append("survey")
      guard surveys else { return [] }
      var survey = Survey()
      survey.strays = strays.filter { stray in services.contains { $0.name == stray.service } }
      survey.holders = holders
      return [.surveyed(client, survey)]
    case .endStrays(_, let service, let strays, _, let isForced):
      let pids = strays.map { String($0.facts.identity.pid) }.joined(separator: " ")
      done.append("end strays of \(service): \(pids)\(isForced ? " by KILL" : "")")
    case .reply(let client, let reply): replies[client] = reply
    case .refuse(let client, let error): refusals[client] = error
    case .changed: break
    }
    return []
  }

  private mutating func note(_ effect: ServiceEffect, of name: String) {
    switch effect {
    case .launch: done.append("launch \(name)")
    case .relaunch: done.append("launch \(name) again")
    case .followLog: done.append("follow the log of \(name)")
    case .sample: done.append("measure \(name)")
    case .signalMain(let signal): done.append("signal \(name) \(signal.rawValue)")
    case .runHook(let hook): done.append("hook \(name) \(hook.kind)")
    case .ask(let signal, let scope): done.append("ask \(name) \(signal.rawValue) \(scope)")
    case .askRest(let signal): done.append("ask rest of \(name) \(signal.rawValue)")
    case .kill: done.append("kill \(name)")
    case .runStopCommand: done.append("run stop command of \(name)")
    case .endStopCommand: done.append("end stop command of \(name)")
    case .probe: done.append("probe \(name)")
    case .nameSurvivors: done.append("name survivors of \(name)")
    case .endProbe, .note, .continueKeeper, .stopKilling: break
    }
  }

  /// What was done since the last call.
  mutating func taken() -> [String] {
    defer { done = [] }
    return done
  }

  mutating func pass(_ duration: Duration) {
    now = now + duration
    handle(.timePassed)
  }

  // MARK: What the world does

  mutating func begin(_ name: String) {
    nextPID += 1
    handle(
      .service(name, .mainStarted(ProcessIdentity(pid: nextPID, startTicks: 1))))
  }

  mutating func ready(_ name: String) {
    handle(.launch(life(name).launch?.id ?? "none", of: name, .probed(.passed)))
  }

  mutating func end(_ name: String, _ exit: ExitStatus = .signal("TERM")) {
    handle(.service(name, .mainExited(exit)))
    handle(.service(name, .treeEmpty))
  }

  /// Launched, begun and ready.
  mutating func bringUp(_ services: [Service], client: Int = 900) {
    start(client, services)
    for service in services {
      begin(service.name)
      if service.isOneshot { end(service.name, .code(0)) } else { ready(service.name) }
    }
    done = []
    replies = [:]
  }

  // MARK: What people do

  mutating func start(
    _ client: Int, _ services: [Service], targets: [String]? = nil, began: Instant? = nil,
    variant: String = "", change: (inout StartRequest) -> Void = { _ in }
  ) {
    let caller = Caller(
      identity: ProcessIdentity(pid: Int32(client), startTicks: 1),
      environment: ["VARIANT=\(variant)"], umask: 0o022, limits: [])
    var request = StartRequest(
      services: services, targets: targets ?? services.map(\.name), caller: caller)
    change(&request)
    handle(.start(ClientID(client), request, callerBegan: began ?? now))
  }

  mutating func stop(
    _ client: Int, _ services: [Service], change: (inout StopRequest) -> Void = { _ in }
  ) {
    var request = StopRequest(services: services, targets: services.map(\.name))
    change(&request)
    handle(.stop(ClientID(client), request))
  }

  mutating func wait(
    _ client: Int, _ targets: [String], _ goal: WaitRequest.Goal, timeout: Duration? = nil
  ) {
    handle(.wait(ClientID(client), WaitRequest(targets: targets, goal: goal, timeout: timeout)))
  }

  mutating func cancel(_ client: Int, isForced: Bool = false) {
    handle(.cancel(ClientID(client), isForced: isForced))
  }

  // MARK: What is

  func life(_ name: String) -> ServiceLife { fleet.services[name]?.life ?? .down(.never) }

  func verdict(_ client: Int) -> Verdict? { replies[ClientID(client)]?.verdict }

  /// `["a ready", "b skipped"]`; nil while there is no reply.
  func results(_ client: Int) -> [String]? {
    replies[ClientID(client)]?.services.map { "\($0.service) \($0.result)" }
  }

  func reason(_ client: Int, _ name: String) -> String? {
    replies[ClientID(client)]?.services.first { $0.service == name }?.reason
  }

  func ending(_ name: String) -> Ending? {
    life(name).ending
  }
}

/// A service that listens on a port of its own, with what it depends on.
func made(
  _ name: String, needs: [(String, Dependency.Condition)] = [],
  change: (inout Service) -> Void = { _ in }
) -> Service {
  var service = Service(
    name: name, command: .arguments([name]), workingDirectory: "/", match: [],
    readiness: Readiness(check: .probe(.listening([8000]))))
  service.dependsOn = needs.map { Dependency(service: $0.0, condition: $0.1) }
  change(&service)
  return service
}

func madeStray(_ pid: Int32, of service: String, parent: Int32 = 1) -> Stray {
  let facts = ProcessFacts(
    identity: ProcessIdentity(pid: pid, startTicks: 1), parent: parent, group: pid, session: pid,
    user: 1000, arguments: [service])
  return Stray(service: service, facts: facts, reason: .rule(service))
}
