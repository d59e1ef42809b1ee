package import DevstartCore
package import DevstartPlatform

/// One project's supervisor: a single thread, one poll loop, all mutable state. The world becomes
/// events, the fleet decides, its effects become system calls.
package final class Supervisor {
  /// What the loop waits for.
  enum Source: Equatable {
    case signals
    case folder
    case starter
    case reports(launch: String)
    case keeper(launch: String)
    case awaited(launch: String, pid: Int32)
    case killed(launch: String)
    case stray(StrayEnding.ID)
    case leaseHolder(pid: Int32)
    case look(launch: String)
    case logs
    case logGrowth
    case notify(launch: String)
    case files(service: String)
  }

  /// How long a supervisor that nobody started waits for somebody to ask.
  private static let patience = Duration.seconds(10)
  /// How long the state file may say less than is known while a request is under way.
  private static let longestDelay = Duration.milliseconds(20)

  let configuration: SupervisorConfiguration
  var files: LaunchFiles
  var lock: SupervisorLock
  let reception: any Reception
  let endpoints: any EndpointServing
  let signals: SupervisorSignals
  let folderWatch: ControlFolderWatch
  let log: SupervisorLog
  let world: ProcessWorld
  let identity: ProcessIdentity

  var poll = PollSet<Source>()
  /// Whose end no descriptor tells.
  var looked: [(process: HeldProcess, source: Source)] = []
  var fleet: FleetMachine
  /// Every launch that is alive, stop commands' too, by identifier.
  var launches: [String: LiveLaunch] = [:]
  /// Services whose launch is gone, and with it a probe or a stop command that is not gone yet.
  var endedLaunches: Set<String> = []
  var killings: [String: Killing] = [:]
  /// What this supervisor has adopted, and left alone as spared when its launch was over.
  var leftAlone: Set<ProcessIdentity> = []
  var strayEndings: [StrayEnding.ID: StrayEnding] = [:]
  /// When commands that may take only so long are ended, by their launch identifier.
  var timeLimits: [String: Instant] = [:]
  /// The logs that are followed for readiness.
  var logProbes: LogProbes?
  /// The logs that are kept below a size, by service.
  var logCares: [String: LogCare] = [:]
  var logGrowth: LogGrowthWatch?
  /// Whose files are watched.
  var fileWatches: [String: FileWatch] = [:]
  var idleWatchers: [FileWatcher] = []
  /// The endpoints that were tried, and which of them are served.
  var endpointAttempts: [EndpointOwner: EndpointAttempt] = [:]
  var servedEndpoints: Set<EndpointOwner> = []
  /// What requests under way have met.
  var metConflicts: [ClientID: MetConflicts] = [:]
  /// How many probes were run as commands.
  var probeCount = 0
  /// What happened and was not handled yet.
  var events: [FleetEvent] = []
  var state: StateFile
  /// Which clients have a request under way, and what of it they were told.
  var clients: [ClientID: Client] = [:]
  /// The processes at the other ends.
  var clientIdentities: [ClientID: ProcessIdentity] = [:]
  /// Whose state has changed since the clients were told.
  var changedServices: Set<String> = []
  /// What the log said last of each service: not all that changes is worth another line.
  var loggedStates: [String: String] = [:]
  /// Leases whose holder is known by its process alone, after a take-over.
  var leaseHolders: [(holder: HeldProcess, launches: [String])] = []
  var endsNow = false
  /// Of the latest launches, until the fleet is at rest.
  var callerTexts: CallerTexts?
  /// Whose state has to be written before anything more is done to them.
  var servicesToNote: Set<String> = []
  /// Until when the state, which is stale, is to be written.
  var writesStateBy: Instant?
  /// When memory is worth giving back: a moment after its last use, as more often follows, and to
  /// bring the program's pages in again takes a tenth of a restart; nil once it was given.
  private var memoryDueAt: Instant?
  private static let memoryPatience = Duration.milliseconds(300)
  /// When to look again for what was deleted with the log folder; nil where nothing was.
  var restoresFilesAt: Instant?
  /// The pause before that; nil where nothing was deleted.
  var restorePause: Duration?
  /// The command that started this supervisor, until it has connected.
  private var starter: SupervisorStarter?
  /// Where no command has: until when the first client may come; nil once one has.
  private var firstClientBy: Instant?
  /// Clients are heard when what a dead supervisor had left is gone, or from then on: who is told
  /// that nothing is left must find nothing.
  var hearsClientsBy: Instant?
  private(set) lazy var users = UserNames.load()

  package init(
    _ configuration: SupervisorConfiguration, files: LaunchFiles, lock: consuming SupervisorLock,
    starter: SupervisorStarter?, reception: any Reception, endpoints: any EndpointServing
  ) throws(SystemError) {
    self.configuration = configuration
    self.files = files
    self.lock = lock
    self.starter = starter
    self.reception = reception
    self.endpoints = endpoints
    signals = try SupervisorSignals()
    folderWatch = try ControlFolderWatch()
    log = SupervisorLog()
    world = try ProcessWorld.current()
    identity = try ProcessTable.current
    fleet = FleetMachine(
      project: configuration.project,
      launchNames: LaunchNames(seed: UInt64.random(in: .min ... .max)))
    state = StateFile(world: world)
    try OwnProcess.becomeSupervisor()
    poll.add(signals.descriptor, .signals)
    poll.add(folderWatch.descriptor, .folder)
    if let starter { poll.add(starter.descriptor, .starter) }
    folderWatch.begin(files)
  }

  /// Runs until nothing is alive and nobody asks, or until a signal ends it.
  package func run() throws(SystemError) {
    takeOver()
    for arrival in reception.takeInherited() { take(arrival) }
    if starter == nil { firstClientBy = Clock.now() + Self.patience }
    log.write("supervises \(configuration.manifestPath)")
    while !endsNow {
      drainEvents()
      if isDone, events.isEmpty, reception.close() { break }
      endOverdueCommands()
      restoreFilesWhenDue()
      lookAtLogs()
      sweepKillings()
      drainEvents()
      tellClients()
      // Whoever is told that nothing runs may delete the folder: nothing is made in it from then on.
      if isIdle { flushState() }
      reception.flush()
      try wait()
    }
    flushState()
    log.write("ends")
    log.flush()
    // Whoever has left may delete the folder from now on.
    reception.flush()
  }

  /// Nothing is alive and nobody asks; whoever started this supervisor has come, or never will.
  /// That others have come says nothing of that one.
  private var isDone: Bool {
    isIdle && !reception.hasClients && starter == nil
      && firstClientBy.map { $0 <= Clock.now() } != false
  }

  var isIdle: Bool { fleet.isIdle && launches.isEmpty && strayEndings.isEmpty }

  private var isWaitingForFirst: Bool { launches.isEmpty && fleet.isIdle }

  /// Sleeps until something happens; nothing wakes it but an event or a moment that the fleet
  /// asked for.
  private func wait() throws(SystemError) {
    if reception.hasClients { firstClientBy = nil }
    let deadlines =
      [
        fleet.deadline, isWaitingForFirst ? firstClientBy : nil, endpoints.deadline,
        hearsClientsBy, restoresFilesAt, nextLook,
      ]
      + killings.values.map(\.nextSweep)
      + strayEndings.values.map(\.deadline) + timeLimits.values.map(\.self)
      + logCares.values.map(\.nextLook)
    let deadline = deadlines.compactMap(\.self).min()
    if try defersState(until: deadline) { return }
    flushState()
    guard fleet.isAtRest, let due = memoryDueAt else {
      _ = try take(until: deadline)
      return
    }
    if due <= Clock.now() {
      memoryDueAt = nil
      callerTexts = nil
      OwnProcess.giveMemoryBack()
      _ = try take(until: deadline)
    } else {
      _ = try take(until: min(due, deadline ?? due))
    }
  }

  /// What only people read is written once there is nothing else to do, or soon: while many
  /// services come and go, not for each. True where something else came.
  private func defersState(until deadline: Instant?) throws(SystemError) -> Bool {
    guard state.isStale else { return false }
    let now = Clock.now()
    let latest = fleet.isAtRest ? now : now + Self.longestDelay
    let moment = min(writesStateBy ?? latest, latest)
    writesStateBy = moment
    guard moment >= now else { return false }
    return try take(until: min(moment, deadline ?? moment))
  }

  /// Takes what is there, or comes until the moment; false where nothing came.
  private func take(until deadline: Instant?) throws(SystemError) -> Bool {
    log.flush()
    let clients = hearsClients ? reception.descriptors : []
    let (sources, descriptors) = try poll.wait(
      until: deadline, alsoFor: clients + endpoints.readers.map { ($0, false) },
      writers: endpoints.writers)
    for source in sources + endedSources() where source != .folder { take(source) }
    for descriptor in descriptors { attend(to: descriptor) }
    // After clients have come or gone: for whom it is restored.
    if sources.contains(.folder) { restoreFolder() }
    let now = Clock.now()
    endpoints.endOverdue(at: now)
    if let moment = fleet.deadline, moment <= now { events.append(.timePassed) }
    for ending in strayEndings.values where ending.deadline.map({ $0 <= now }) == true {
      advance(ending)
    }
    return !sources.isEmpty || !descriptors.isEmpty
  }

  private func attend(to descriptor: Int32) {
    let isAnswered = endpoints.attend(to: descriptor, at: Clock.now()) { [self] door, request in
      answer(request, at: door)
    }
    if isAnswered { return }
    for arrival in reception.attend(to: descriptor) { take(arrival) }
  }

  private var hearsClients: Bool {
    guard let moment = hearsClientsBy else { return true }
    let hasLeftOvers = launches.values.contains {
      if case .leftOver = $0.role { true } else { false }
    }
    if hasLeftOvers, Clock.now() < moment { return false }
    hearsClientsBy = nil
    return true
  }

  private func take(_ source: Source) {
    switch source {
    case .signals:
      for arrival in signals.arrivals() { take(arrival) }
    case .folder: break
    case .starter: forgetStarter()
    case .reports(let launch): takeReports(of: launch)
    case .keeper(let launch): keeperEnded(of: launch)
    case .awaited(let launch, let pid): awaitedEnded(pid, of: launch)
    case .killed(let launch): killedEnded(of: launch)
    case .leaseHolder(let pid): leaseHolderEnded(pid)
    case .look(let launch): advanceLook(of: launch)
    case .logs: takeLogMatches()
    case .logGrowth: takeLogGrowth()
    case .notify(let launch): takeNotices(of: launch)
    case .files(let service): takeFileChanges(of: service)
    case .stray(let id):
      if let ending = strayEndings[id] { advance(ending) }
    }
  }

  private func forgetStarter() {
    if let starter { poll.remove(starter.descriptor) }
    starter = nil
  }

  private func take(_ arrival: SupervisorSignals.Arrival) {
    switch arrival {
    case .childEnded: reapChildren()
    case .end:
      log.write(
        "asked to end by a signal; \(launches.count) launches run on unsupervised, "
          + "the next command takes them over")
      endsNow = true
    }
  }

  /// Memory was taken for what is over soon.
  func memoryWasUsed() { memoryDueAt = Clock.now() + Self.memoryPatience }

  /// Lets the fleet decide on everything that happened, and does what it says.
  func drainEvents() {
    while !events.isEmpty {
      let batch = events
      events = []
      for event in batch {
        // That somebody has gone changes nothing by itself.
        if case .disconnected = event {} else { memoryWasUsed() }
        let effects = fleet.handle(event, at: Clock.now())
        perform(effects)
      }
    }
  }
}

/// What a supervisor is for.
package struct SupervisorConfiguration: Equatable, Sendable {
  package var project: String
  /// Canonical.
  package var manifestPath: String
  /// The folder that reports are relative to.
  package var folder: String
  /// Absolute.
  package var logs: String
  /// What to go on with, after a handover: the descriptors' numbers.
  package var handover: JSON?

  package init(project: String, manifestPath: String, folder: String, logs: String) {
    self.project = project
    self.manifestPath = manifestPath
    self.folder = folder
    self.logs = logs
  }

  /// The path as people know it, from the manifest's folder.
  package func shown(_ name: String) -> String {
    let path = "\(logs)/\(name)"
    return path.hasPrefix(folder + "/") ? String(path.dropFirst(folder.count + 1)) : path
  }
}
