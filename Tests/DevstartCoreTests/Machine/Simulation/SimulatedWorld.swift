import DevstartCore

/// Processes, keepers, clients and a supervisor's hands, without any real one: a virtual clock,
/// and an agenda of what happens when. What `DevstartRuntime` does with system calls, this does
/// with the simulated processes.
final class SimulatedWorld {
  enum Act {
    case deed(Deed)
    case mainStarts(SimulatedLaunch)
    case memberDies(SimulatedLaunch, pid: Int32, ExitStatus)
    case readReports(SimulatedLaunch)
    case strayDies(Int32)
    case strayEnding(SimulatedStrayEnding.ID)
    case stopCommandEnds(of: String)
    case takeOver
  }

  static let project = "00000000000000aa"
  static let processes = ProcessWorld(bootID: "boot", pidNamespace: 1)

  let schedule: Schedule
  var now = Instant(nanoseconds: 1_000_000_000)
  var agenda: [(at: Instant, order: Int, act: Act)] = []
  private var acted = 0
  /// nil while no supervisor lives.
  var fleet: FleetMachine?
  var events: [FleetEvent] = []
  var state = StateFile(world: SimulatedWorld.processes)
  /// What of it is on disk.
  var disk: StateFile?
  var supervisors: UInt64 = 0
  /// How many effects the supervisor performs before it is KILLed.
  var effectsToLive: Int?

  /// Every launch that is alive, by identifier.
  var launches: [String: SimulatedLaunch] = [:]
  /// The launches that the present supervisor watches, until it has read of their end.
  var watched: [String: SimulatedLaunch] = [:]
  var killed: Set<String> = []
  var stopCommands: Set<String> = []
  var launchCounts: [String: Int] = [:]
  var strays: [SimulatedStray] = []
  var strayEndings: [SimulatedStrayEnding.ID: SimulatedStrayEnding] = [:]
  var clients: [ClientID: SimulatedClient] = [:]
  var nextClient = 1
  var nextPID: Int32 = 100
  var log: [String] = []
  let keepsLog: Bool
  /// When somebody last did what may well end a service's launch, by service.
  var disturbed: [String: Instant] = [:]
  /// When a service was last let go by Ctrl-C, a lost lease or a take-over, which know no order.
  var released: [String: Instant] = [:]
  /// What was found to break a promise.
  var violation: String?

  init(_ schedule: Schedule, keepsLog: Bool = false) {
    self.schedule = schedule
    self.keepsLog = keepsLog
    for deed in schedule.deeds { plan(.deed(deed), after: deed.at) }
  }

  func note(_ text: @autoclosure () -> String) {
    if keepsLog { log.append("\(Double(now.nanoseconds - 1_000_000_000) / 1e6) ms  \(text())") }
  }

  func violate(_ text: String) {
    note("VIOLATION: \(text)")
    if violation == nil { violation = text }
  }

  func plan(_ act: Act, after delay: Duration) {
    acted += 1
    agenda.append((now + delay, acted, act))
  }

  func newPID() -> Int32 {
    nextPID += 1
    return nextPID
  }

  func service(_ name: String) -> Service? { schedule.services.first { $0.name == name } }

  /// Runs until nothing is to come, or a promise is broken.
  func run() {
    var steps = 0
    while violation == nil, step() {
      steps += 1
      if steps > 20_000 { violate("no end in sight") }
    }
  }

  /// Lets everything happen that happens at the next moment; false where nothing is to come.
  private func step() -> Bool {
    let next = [agenda.map(\.at).min(), fleet?.deadline].compactMap(\.self).min()
    guard let next else { return false }
    now = max(now, next)
    let due = agenda.filter { $0.at <= now }.sorted { $0.order < $1.order }
    agenda.removeAll { $0.at <= now }
    for (_, _, act) in due { perform(act) }
    if let deadline = fleet?.deadline, deadline <= now { events.append(.timePassed) }
    drain()
    return true
  }

  private func perform(_ act: Act) {
    switch act {
    case .deed(let deed): perform(deed)
    case .mainStarts(let launch): mainStarts(launch)
    case .memberDies(let launch, let pid, let status): memberDies(launch, pid, status)
    case .readReports(let launch): readReports(launch)
    case .strayDies(let pid): strayDies(pid)
    case .strayEnding(let id): advance(id)
    case .stopCommandEnds(let launch): stopCommandEnds(launch)
    case .takeOver: takeOver()
    }
  }

  /// Lets the fleet decide on everything that happened, and does what it says.
  private func drain() {
    while !events.isEmpty {
      let batch = events
      events = []
      for event in batch {
        guard var machine = fleet else { return }
        note("→ \(shown(event))")
        let effects = machine.handle(event, at: now)
        fleet = machine
        perform(effects)
        guard let fleet else { return }
        checkAfter(event, fleet)
        if violation != nil { return }
      }
    }
    if fleet != nil, agenda.allSatisfy({ $0.at > now }) { writeState() }
  }

  func writeState() {
    guard let fleet else { return }
    state.update(from: fleet)
    state.leases = fleet.leasedLaunches().sorted { $0.key < $1.key }.map { client, launches in
      StateFile.Lease(
        holder: ProcessIdentity(pid: Int32(client.number), startTicks: 1), launches: launches)
    }
    disk = state
  }

  private func shown(_ event: FleetEvent) -> String {
    switch event {
    case .start(let client, let request, _): "start \(client.number) \(request.targets)"
    case .stop(let client, let request): "stop \(client.number) \(request.targets)"
    case .clean(let client, _): "clean \(client.number)"
    case .wait(let client, let request): "wait \(client.number) \(request.targets) \(request.goal)"
    case .surveyed(let client, let survey):
      "surveyed \(client.number) \(survey.strays.map(\.facts.identity.pid))"
    case .straysEnded(let client, let service, let report):
      "strays ended \(client.number) \(service) failed \(report.failed.map(\.pid))"
    case .cancel, .lease, .disconnected, .service, .timePassed: "\(event)"
    }
  }
}
