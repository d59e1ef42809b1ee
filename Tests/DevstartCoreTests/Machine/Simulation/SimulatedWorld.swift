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
    case answers(SimulatedLaunch, look: Int)
    case says(SimulatedLaunch, NotifyMessage.Assignment)
    case beats(SimulatedLaunch)
    case matchesLog(SimulatedLaunch)
    case writesFile(service: String)

    /// Whether something may come of it that would not come without it: who beats, beats on.
    var isBeat: Bool {
      if case .beats = self { true } else { false }
    }
  }

  /// For so long nothing happens but beats and looks before it counts as quiet.
  static let calm = Duration.milliseconds(120)
  /// After its last deed a schedule ends at this moment, though services may restart for ever.
  static let longest = Duration.seconds(10)

  static let project = "00000000000000aa"
  static let processes = ProcessWorld(bootID: "boot", pidNamespace: 1)

  let schedule: Schedule
  /// The services', each after what it depends on.
  let names: [String]
  var now = Instant(nanoseconds: 1_000_000_000)
  private struct Planned {
    var at: Instant
    var act: Act
  }

  /// The latest first; what is planned for one moment happens in the order in which it was planned.
  private var agenda: [Planned] = []
  /// How much of it is no beat.
  private var causes = 0
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
  var ledgers: [String: Ledger] = [:]
  /// Every launch identifier that was ever used, and whose start was its origin.
  var usedLaunches: Set<String> = []
  var origins: [String: (deed: Int, supervisor: UInt64, service: String, at: Instant)] = [:]
  /// Origins of launches that somebody has had stopped: nothing follows from them any more.
  var endedOrigins: Set<String> = []
  /// Those of them that nobody was told of, and that were not written: a KILL forgets them.
  var endsToWrite: Set<String> = []
  /// Services whose end, or stop, must be on disk before anything follows.
  var servicesToNote: Set<String> = []
  /// Why each launch was being ended when that was written last.
  var causesOnDisk: [String: Stopping.Cause] = [:]
  /// Whether more is known than was written.
  private var isStateStale = false
  /// When something happened last that was no beat and no look.
  private var lastChange = Instant(nanoseconds: 0)
  var end: Instant
  private var stepsAtOnce = 0
  /// When the supervisor wants to hear of the time, as it said at the end of the last step.
  private var dueAt: Instant?
  /// What was found to break a promise, and which.
  var violation: String?
  var broken: Promise?

  init(_ schedule: Schedule, keepsLog: Bool = false) {
    self.schedule = schedule
    names = schedule.services.map(\.name)
    self.keepsLog = keepsLog
    end = now + (schedule.deeds.map(\.at).max() ?? .zero) + Self.longest
    for deed in schedule.deeds { plan(.deed(deed), after: deed.at) }
  }

  func note(_ text: @autoclosure () -> String) {
    if keepsLog { log.append("\(Double(now.nanoseconds - 1_000_000_000) / 1e6) ms  \(text())") }
  }

  func violate(_ promise: Promise, _ text: @autoclosure () -> String) {
    guard violation == nil else { return }
    let words = "\(promise.rawValue): \(text())"
    note("VIOLATION: \(words)")
    violation = words
    broken = promise
  }

  /// A service's life has changed.
  func stir() {
    lastChange = now
    isStateStale = true
  }

  /// Whether something was still going on when the schedule's time was over.
  var isStirring: Bool { causes > 0 || now <= lastChange + Self.calm }

  func plan(_ act: Act, after delay: Duration) {
    let at = now + delay
    var low = 0
    var high = agenda.count
    while low < high {
      let middle = (low + high) / 2
      if agenda[middle].at > at { low = middle + 1 } else { high = middle }
    }
    agenda.insert(Planned(at: at, act: act), at: low)
    if !act.isBeat { causes += 1 }
  }

  func newPID() -> Int32 {
    nextPID += 1
    return nextPID
  }

  func service(_ name: String) -> Service? { schedule.services.first { $0.name == name } }

  /// Runs until nothing is to come, or a promise is broken.
  func run() {
    while violation == nil, step() {}
  }

  /// Lets everything happen that happens at the next moment; false where nothing is to come.
  private func step() -> Bool {
    guard let next = Instant.earliest(agenda.last?.at, dueAt) else { return false }
    now = max(now, next)
    if isQuiet { return false }
    for act in takeDue() {
      if !act.isBeat { lastChange = now }
      perform(act)
    }
    if let dueAt, dueAt <= now, fleet != nil { events.append(.timePassed) }
    drain()
    // Of what is due at one moment each is one event.
    dueAt = fleet?.deadline
    let isAllDone = dueAt.map { $0 > now } ?? true
    stepsAtOnce = isAllDone ? 0 : stepsAtOnce + 1
    if stepsAtOnce > 1000 { violate(.answers, "no end in sight at one moment") }
    if isAllDone { checkHeld() }
    return true
  }

  private func takeDue() -> [Act] {
    var due: [Act] = []
    while let next = agenda.last, next.at <= now {
      agenda.removeLast()
      if !next.act.isBeat { causes -= 1 }
      due.append(next.act)
    }
    return due
  }

  /// Whether nothing more will happen, or what happens would go on for ever.
  private var isQuiet: Bool {
    if now > end { return true }
    guard causes == 0, now > lastChange + Self.calm, let fleet else { return false }
    if clients.values.contains(where: { $0.awaitsAnswer && $0.isBounded }) { return false }
    return fleet.services.values.allSatisfy { machine in
      switch machine.life {
      case .ready, .down, .resting, .finished, .waiting: true
      case .stopping(_, let stopping): stopping.step == .stuck
      case .backoff, .starting: false
      }
    }
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
    case .answers(let launch, let look): answers(launch, look)
    case .says(let launch, let notice): says(launch, notice)
    case .beats(let launch): beats(launch)
    case .matchesLog(let launch): matchesLog(launch)
    case .writesFile(let service): writeFile(of: service)
    }
  }

  /// Lets the fleet decide on everything that happened, and does what it says.
  private func drain() {
    while !events.isEmpty {
      let batch = events
      events = []
      for event in batch {
        guard let before = fleet else { return }
        note("→ \(shown(event))")
        var after = before
        let effects = after.handle(event, at: now)
        fleet = after
        learn(event, before, after)
        checkDecision(event, before, after, effects)
        perform(effects)
        guard let fleet else { return }
        checkAfter(event, fleet)
        if violation != nil { return }
      }
    }
    if isStateStale, fleet != nil, agenda.last.map({ $0.at > now }) != false { writeState() }
  }

  func writeState() {
    guard let fleet else { return }
    servicesToNote = []
    endsToWrite = []
    isStateStale = false
    state.update(from: fleet)
    state.leases = fleet.leasedLaunches().sorted { $0.key < $1.key }.map { client, launches in
      StateFile.Lease(
        holder: ProcessIdentity(pid: Int32(client.number), startTicks: 1), launches: launches)
    }
    disk = state
    for machine in fleet.services.values {
      guard case .stopping(let launch, let stopping) = machine.life else { continue }
      causesOnDisk[launch.id] = stopping.cause
    }
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
    case .cancel, .lease, .disconnected, .service, .launch, .timePassed: "\(event)"
    }
  }
}
