import DevstartCore

extension SimulatedWorld {
  /// KILLs the supervisor: what it knew and had not written is lost.
  func killSupervisor() {
    guard fleet != nil else { return }
    note("the supervisor is KILLed")
    fleet = nil
    effectsToLive = nil
    events = []
    watched = [:]
    killed = []
    strayEndings = [:]
    servicesToNote = []
    endedOrigins.subtract(endsToWrite)
    endsToWrite = []
    for launch in launches.values { launch.attention = Attention() }
    for name in ledgers.keys { ledgers[name]?.change = nil }
    for name in ledgers.keys { ledgers[name]?.fileRestarts = [] }
    for name in names { disturbed[name] = now }
    plan(.takeOver, after: .milliseconds(3))
  }

  /// A new supervisor takes over what is there, as `Supervisor.takeOver` does.
  func takeOver() {
    guard fleet == nil else { return }
    note("a supervisor takes over")
    for service in schedule.services { released[service.name] = now }
    supervisors += 1
    readState()
    var machine = FleetMachine(
      project: Self.project, launchNames: LaunchNames(seed: schedule.seed &+ supervisors << 32))
    for (name, ledger) in ledgers.sorted(by: { $0.key < $1.key }) {
      guard let last = ledger.last, last.isOver else { continue }
      _ = state.learn(end: last.exit ?? .unknown, of: last.id, service: name)
    }
    for (name, entry) in state.entries {
      machine.adopt(
        ServiceMachine(name: name, life: .down(entry.ending), restarts: entry.restarts))
    }
    for launch in launches.values.sorted(by: { $0.id < $1.id }) { adopt(launch, by: &machine) }
    // The stop commands of the dead are ended.
    stopCommands = []
    fleet = machine
    takeOverClients()
  }

  private func readState() {
    state = StateFile(world: Self.processes)
    guard var written = disk else { return }
    written.forgetWritten()
    do {
      state = try StateFile(parsing: written.contentToWrite() ?? [], world: Self.processes)
    } catch {
      violate(.takeOver, "the state file cannot be read back: \(error)")
    }
  }

  private func adopt(_ launch: SimulatedLaunch, by machine: inout FleetMachine) {
    if machine.services[launch.name]?.life.launch != nil {
      violate(.oneOfEach, "two launches of \(launch.name) are to be taken over")
    }
    let known = state.entries[launch.name]
    var adopted = Launch(specification: launch.specification, began: launch.began)
    adopted.main = launch.main
    let life = ServiceLife(takingOver: adopted, exit: launch.exit, known: known, at: now)
    machine.adopt(
      ServiceMachine(
        name: launch.name, life: life,
        restarts: known?.restarts(before: launch.specification) ?? RestartHistory()))
    watched[launch.id] = launch
    launch.attention = Attention()
    launch.attention.takenOver = now
    launch.attention.since = launch.main == nil ? nil : now
    if case .ready = life {
      launch.attention.readySince = now
    }
    launch.isMainKnown = launch.main != nil
    launch.isMainReported = launch.exit != nil
    launch.attention.endedFor = causesOnDisk[launch.id]
    if let news = StateFile.Entry.news(of: life, exit: launch.exit, known: known) {
      events.append(.service(launch.name, news))
    }
    plan(.readReports(launch), after: .zero)
  }

  /// Who still waits asks once more; who holds a lease renews it; the leases of the dead end.
  private func takeOverClients() {
    for lease in state.leases {
      let holder = clients[ClientID(Int(lease.holder.pid))]
      if holder?.isGone == false { continue }
      for launch in launches.values
      where lease.launches.contains(launch.specification.origin) {
        events.append(.service(launch.name, .stop(timeout: nil, isForced: false)))
      }
    }
    for (id, client) in clients.sorted(by: { $0.key < $1.key }) where !client.isGone {
      clients[id]?.isGone = true
      if !client.isAnswered {
        if !client.isCancelled {
          var again = client
          again.began = now
          again.lastSurvey = nil
          send(again)
        }
      } else if case .start(let request, _) = client.request, request.isLease {
        let renewed = ClientID(nextClient)
        nextClient += 1
        clients[renewed] = client
        events.append(.lease(renewed, launches: client.leased))
      }
    }
  }
}
