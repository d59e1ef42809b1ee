import DevstartCore
import DevstartPlatform

extension Supervisor {
  /// Every service that is or was, as it is now.
  func statusReply() -> StatusReply {
    let now = Clock.now()
    let services = fleet.services.keys.sorted().compactMap { name in
      fleet.services[name].map { status(of: $0, at: now) }
    }
    return StatusReply(supervisor: identity.pid, services: services)
  }

  func status(of machine: ServiceMachine, at now: Instant) -> ServiceStatus {
    var status = ServiceStatus(machine, at: now)
    guard let launch = machine.life.launch else { return status }
    if let main = launch.main {
      status.pid = main.pid
      status.startedAt = Clock.milliseconds(startTicks: main.startTicks)
      status.uptimeSeconds = (now - Clock.instant(startTicks: main.startTicks)).seconds
    }
    if let end = machine.life.metering?.runtimeEnd {
      status.remainingSeconds = max(0, (end - now).seconds)
    }
    if let beat = machine.life.lastBeat { status.heartbeatAgeSeconds = (now - beat).seconds }
    status.statusText = launch.statusText
    guard let live = launches[launch.id] else { return status }
    for problem in [live.pidFileProblem, live.logProblem].compactMap(\.self) {
      status.reason = [status.reason, problem].compactMap(\.self).joined(separator: "; ")
    }
    let figures = figures(of: live)
    status.processes = figures.processes
    status.memoryBytes = figures.residentBytes
    let age = max((now - launch.began).seconds, 0.01)
    status.cpuPercent = figures.cpuSeconds / age * 100
    return status
  }

  private func figures(of launch: LiveLaunch) -> TreeFigures {
    gauge(of: launch)?.figures(main: launch.mainIdentity)
      ?? TreeFigures(of: memberPIDs(of: launch))
  }

  /// nil where its keeper was killed.
  func gauge(of launch: LiveLaunch) -> TreeGauge? {
    guard let keeper = launch.keeper else { return nil }
    let gauge = launch.gauge ?? TreeGauge(keeper: keeper.identity)
    launch.gauge = gauge
    return gauge
  }
}

extension ServiceStatus {
  /// What the machine knows, at a moment of its clock; the figures are looked up.
  init(_ machine: ServiceMachine, at now: Instant? = nil) {
    self.init(name: machine.name)
    state = machine.life.shown
    restarts = machine.restarts.count
    reason = [Words.statusReason(machine.life, at: now), machine.files.endedBecause]
      .compactMap(\.self).joined(separator: "; ")
    if reason == "" { reason = nil }
    exit = machine.life.ending?.exit
    if case .backoff(_, _, let ending) = machine.life { exit = ending.exit }
    if case .stopping(_, let stopping) = machine.life { exit = stopping.exit }
    guard let launch = machine.life.launch else { return }
    categories = launch.service.categories
    ports = launch.service.ports
    readySeconds = launch.readyAfter?.seconds
  }
}
