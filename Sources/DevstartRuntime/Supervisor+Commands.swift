import DevstartCore
import DevstartPlatform

/// Commands beside a service: its stop command, probes, hooks. Each has a keeper of its own, so
/// that nothing of them is left either.
extension Supervisor {
  /// Hooks have this long; what they have not done by then will not be done.
  private static let hookTime = Duration.seconds(30)

  // MARK: Stop commands

  func runStopCommand(_ command: Command, of launch: LiveLaunch) {
    do {
      let log = try files.openLogAgain(of: launch.name)
      try run(
        command, as: .stopCommand(of: launch.id), of: launch.specification,
        mainPID: launch.mainIdentity?.pid, output: log)
    } catch {
      log.write("\(launch.name): its stop command cannot be run: \(error)")
      events.append(.launch(launch.id, of: launch.name, .stopCommandEnded))
    }
  }

  func endStopCommand(of launch: LiveLaunch) {
    endCommand(LiveLaunch.Role.stopCommand(of: launch.id).identifier(of: launch.specification))
  }

  // MARK: Probes

  /// Runs a probe's command; what it says is nobody's log.
  func runProbe(_ command: Command, of launch: LiveLaunch) {
    probeCount += 1
    let role = LiveLaunch.Role.probe(of: launch.id, number: probeCount)
    do {
      try run(
        command, as: role, of: launch.specification, mainPID: launch.mainIdentity?.pid,
        output: try LaunchFiles.nowhere())
      launch.look = .command(role.identifier(of: launch.specification))
    } catch {
      found(.failed("cannot be run: \(error)"), of: launch)
    }
  }

  // MARK: Hooks

  func run(_ hook: Hook) {
    let specification = hook.specification
    let name = specification.service.name
    var facts = [
      "DEVSTART_HOOK=\(hook.kind.rawValue)", "DEVSTART_SERVICE=\(name)",
      "DEVSTART_RESTARTS=\(hook.restarts)",
    ]
    if let pid = hook.pid { facts.append("DEVSTART_PID=\(pid)") }
    if let reason = hook.reason { facts.append("DEVSTART_REASON=\(reason)") }
    switch hook.exit {
    case .code(let code): facts.append("DEVSTART_EXIT_CODE=\(code)")
    case .signal(let signal): facts.append("DEVSTART_EXIT_SIGNAL=\(signal)")
    case .unknown, nil: break
    }
    do {
      let log = try files.openLogAgain(of: name)
      let role = LiveLaunch.Role.hook(hook.kind)
      try run(
        hook.command, as: role, of: specification, mainPID: hook.pid, facts: facts, output: log)
      timeLimits[role.identifier(of: specification)] = Clock.now() + Self.hookTime
    } catch {
      log.write("\(name): its hook '\(hook.kind.rawValue)' cannot be run: \(error)")
    }
  }

  /// Ends every command whose time is over.
  func endOverdueCommands() {
    let now = Clock.now()
    for (id, moment) in timeLimits where moment <= now {
      timeLimits[id] = nil
      guard let command = launches[id] else { continue }
      log.write("\(command.name): \(id) took longer than \(Words.seconds(Self.hookTime)), ended")
      endCommand(id)
    }
  }

  // MARK: All of them

  private func run(
    _ command: Command, as role: LiveLaunch.Role, of specification: LaunchSpecification,
    mainPID: Int32?, facts: [String] = [], output: borrowing OwnedDescriptor
  ) throws(SystemError) {
    try leaveDescriptors()
    let service = specification.service
    var order = Keeper.Order(
      title: "\(DevstartOwn.keeperTitle)\(service.name) (\(role.title))",
      directory: service.workingDirectory, arguments: command.argumentVector,
      caller: specification.caller)
    let texts = texts(of: specification.caller)
    var own = specification
    own.launch = role.identifier(of: specification)
    order.environment = own.environment(texts) + facts
    if let mainPID { order.environment.append("MAINPID=\(mainPID)") }
    let (pid, reports) = try Keeper.fork(
      order, specification: own.bytes(texts), log: output, record: nil)
    watch(
      LiveLaunch(
        specification, role: role, keeper: HeldProcess.hold(child: pid), reports: reports))
  }

  /// A command's main process has ended, or could not be executed: why, in words.
  func commandEnded(_ command: LiveLaunch, _ status: ExitStatus?, _ why: String?) {
    timeLimits[command.id] = nil
    switch command.role {
    case .service, .leftOver: return
    case .stopCommand(let launch):
      if let why { log.write("\(command.name): its stop command: \(why)") }
      events.append(.launch(launch, of: command.name, .stopCommandEnded))
      // What it has started may be what stops the service.
      return
    case .probe(let launch, _):
      guard let service = launches[launch], case .command(command.id) = service.look else { break }
      service.look = nil
      let result: ProbeResult =
        status == .code(0) ? .passed : .failed(why ?? status.map(Words.exit))
      found(result, of: service)
    case .hook(let kind):
      if let why { log.write("\(command.name): its hook '\(kind.rawValue)': \(why)") }
      if let status, !status.isSuccess {
        log.write("\(command.name): its hook '\(kind.rawValue)' \(Words.exit(status))")
      }
    }
    // Nothing of it is left; most leave nothing, and are gone before this sweep.
    endCommand(command.id)
  }

  func endCommand(_ id: String) {
    guard let command = launches[id], killings[id] == nil else { return }
    killings[id] = Killing(launch: command)
  }
}
