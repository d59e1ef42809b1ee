import DevstartCore
import DevstartPlatform

extension Supervisor {
  /// Every service that is or was, as it is now.
  func statusReply() -> StatusReply {
    let now = Clock.now()
    let services = fleet.services.values.sorted { $0.name < $1.name }.map {
      status(of: $0, at: now)
    }
    return StatusReply(supervisor: identity.pid, services: services)
  }

  private func status(of machine: ServiceMachine, at now: Instant) -> ServiceStatus {
    var status = ServiceStatus(machine, configuration: configuration)
    guard let launch = machine.life.launch else { return status }
    if let main = launch.main {
      status.pid = main.pid
      status.startedAt = Clock.milliseconds(startTicks: main.startTicks)
      status.uptimeSeconds = (now - Clock.instant(startTicks: main.startTicks)).seconds
    }
    guard let live = launches[launch.id] else { return status }
    let figures = TreeFigures(of: memberPIDs(of: live))
    status.processes = figures.processes
    status.memoryBytes = figures.residentBytes
    let age = max((now - launch.began).seconds, 0.01)
    status.cpuPercent = figures.cpuSeconds / age * 100
    return status
  }
}

/// What a launch's processes use together.
package struct TreeFigures: Equatable, Sendable {
  package var processes = 0
  package var residentBytes = 0
  /// Of the living, and of what they have reaped.
  package var cpuSeconds = 0.0

  package init(of pids: [Int32]) {
    var ticks: UInt64 = 0
    for pid in pids {
      guard let stat = ProcessTable.stat(of: pid), stat.state != UInt8(ascii: "Z") else { continue }
      processes += 1
      residentBytes += stat.residentPages * ProcessTable.pageSize
      ticks += stat.ticks + stat.childrenTicks
    }
    cpuSeconds = Double(ticks) / Double(Clock.ticksPerSecond)
  }
}

extension ServiceStatus {
  /// What the machine knows; the figures are looked up.
  init(_ machine: ServiceMachine, configuration: SupervisorConfiguration) {
    self.init(name: machine.name)
    state = machine.life.shown
    reason = Words.statusReason(machine.life)
    pidFile = configuration.shown(LaunchFiles.pidFile(of: name))
    log = configuration.shown(LaunchFiles.log(of: name))
    if case .down(let ending) = machine.life { exit = ending.exit }
    if case .stopping(_, let stopping) = machine.life { exit = stopping.exit }
    guard let launch = machine.life.launch else { return }
    categories = launch.service.categories
    ports = launch.service.ports
    readySeconds = launch.readyAfter?.seconds
  }
}
