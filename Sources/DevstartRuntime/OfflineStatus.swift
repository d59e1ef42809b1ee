package import DevstartCore
package import DevstartPlatform

/// What `status` can tell while no supervisor runs.
package enum OfflineStatus {
  /// The services that run unsupervised, and how the others ended; nothing is written. Problems
  /// with the files are said in words.
  package static func read(
    _ configuration: SupervisorConfiguration
  ) throws(ControlFolder.Refusal) -> (reply: StatusReply, problems: [String]) {
    guard let files = try LaunchFiles.open(logs: configuration.logs) else {
      return (StatusReply(supervisor: nil, services: []), [])
    }
    let world: ProcessWorld
    do {
      world = try ProcessWorld.current()
    } catch {
      throw .failed(error)
    }
    let inventory = LaunchInventory(project: configuration.project, files: files, world: world)
    var problems = inventory.problems
    var state = StateFile(world: world)
    do {
      if let bytes = try files.controlFile(StateFile.name, limit: 16 << 20) {
        state = try StateFile(parsing: bytes, world: world)
      }
    } catch {
      problems.append("\(StateFile.name) cannot be used (\(error)); it will be replaced")
    }
    for (service, launch, exit) in inventory.ended {
      _ = state.learn(end: exit, of: launch, service: service)
    }
    var services: [String: ServiceStatus] = [:]
    for (name, entry) in state.entries {
      let machine = ServiceMachine(
        name: name, life: .down(entry.ending), restarts: entry.restarts)
      services[name] = ServiceStatus(machine)
    }
    for entry in inventory.entries {
      let name = entry.specification.service.name
      services[name] = status(of: entry, known: state.entries[name])
    }
    let sorted = services.values.sorted { $0.name < $1.name }
    return (StatusReply(supervisor: nil, services: sorted), problems)
  }

  private static func status(
    of entry: LaunchInventory.Entry, known: StateFile.Entry?
  ) -> ServiceStatus {
    var launch = Launch(specification: entry.specification, began: Clock.now())
    launch.main = entry.main
    // Whether it is ready was its supervisor's to say.
    var life = ServiceLife.starting(launch, Startup(deadline: nil))
    if let ready = known?.ready, ready.launch == launch.id {
      launch.readyAfter = ready.after
      let now = Clock.now()
      life = .ready(launch, Upkeep(of: launch, metering: Metering(of: launch, at: now), at: now))
    }
    let machine = ServiceMachine(
      name: entry.specification.service.name, life: life,
      restarts: known?.restarts(before: entry.specification) ?? RestartHistory())
    var status = ServiceStatus(machine)
    status.reason = Words.unsupervised
    guard let main = entry.main else { return status }
    status.pid = main.pid
    status.startedAt = Clock.milliseconds(startTicks: main.startTicks)
    let uptime = (Clock.now() - Clock.instant(startTicks: main.startTicks)).seconds
    status.uptimeSeconds = uptime
    let pids = entry.keeper.map { ProcessTable.descendants(of: $0.pid) } ?? [main.pid]
    let figures = TreeFigures(of: pids)
    status.processes = figures.processes
    status.memoryBytes = figures.residentBytes
    status.cpuPercent = figures.cpuSeconds / max(uptime, 0.01) * 100
    return status
  }
}
