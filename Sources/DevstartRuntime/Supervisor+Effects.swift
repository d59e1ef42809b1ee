import DevstartCore
import DevstartPlatform

extension Supervisor {
  /// Does what the fleet decided, in its order.
  func perform(_ effects: [FleetEffect]) {
    // What is about to be ended is on disk before the first signal, once for all of them. Where
    // nothing follows for that service, it waits for what does: a hundred ends are one note.
    for case .service(let name, .note) in effects {
      state.isStale = true
      servicesToNote.insert(name)
    }
    if !servicesToNote.isEmpty, effects.contains(where: { $0.follows(notesOn: servicesToNote) }) {
      flushState()
    }
    for effect in effects {
      switch effect {
      case .service(let name, let effect): perform(effect, of: name)
      case .survey(let client, let services):
        events.append(.surveyed(client, survey(services)))
      case .endStrays(let client, let service, let strays, let timeout, let isForced):
        changedServices.insert(service)
        end(strays, of: service, for: client, timeout: timeout, isForced: isForced)
      case .reply(let client, let reply): self.reply(reply, to: client)
      case .refuse(let client, let error):
        clients[client] = nil
        reception.send(.refusal(error), to: client)
      case .changed(let name): changed(name)
      }
    }
  }

  private func perform(_ effect: ServiceEffect, of name: String) {
    if case .launch(let specification) = effect {
      launch(specification)
      return
    }
    guard let id = fleet.services[name]?.life.launch?.id, let launch = launches[id] else { return }
    switch effect {
    case .launch, .note: break
    case .probe(let ports): probe(ports, of: launch)
    case .continueKeeper: _ = launch.keeper?.handle.send(.continue)
    case .runStopCommand(let command): runStopCommand(command, of: launch)
    case .endStopCommand: endStopCommand(of: launch)
    case .ask(let signal, let scope): ask(launch, signal, scope)
    case .askRest(let signal): askRest(launch, signal)
    case .kill: killings[launch.id] = killings[launch.id] ?? Killing(launch: launch)
    case .stopKilling: endKilling(launch.id)
    case .nameSurvivors:
      let survivors = members(of: launch).filter { !$0.isSpared }
      let named = survivors.map { report($0.process.identity.pid, of: launch, "outlived KILL") }
      log.write("\(name): outlived KILL: \(named.map { "pid \($0.pid)" }.joined(separator: ", "))")
      events.append(.service(name, .survived(named)))
    }
  }

  private func changed(_ name: String) {
    state.isStale = true
    changedServices.insert(name)
    if let life = fleet.services[name]?.life { log.write("\(name): \(Words.logLine(life))") }
  }

  private func reply(_ reply: OperationReply, to client: ClientID) {
    tellClients()
    clients[client] = nil
    var reply = reply
    reply.warnings += state.warnings
    state.warnings = []
    reception.send(.reply(reply), to: client)
  }

  // MARK: Launching

  private func launch(_ specification: LaunchSpecification) {
    let service = specification.service
    do {
      let log = try files.openLog(of: service.name)
      let record = try files.openRecord(of: service.name)
      var order = Keeper.Order(
        title: "\(DevstartOwn.keeperTitle)\(service.name)", directory: service.workingDirectory,
        arguments: service.command.argumentVector, caller: specification.caller)
      let texts = texts(of: specification.caller)
      order.environment = specification.environment(texts)
      order.standardInput = service.standardInput
      order.recordHead = LaunchRecord.head(
        launch: specification.launch, folder: try files.folderIdentity(), world: world)
      let (pid, reports) = try Keeper.fork(
        order, specification: specification.bytes(texts), log: log, record: record.number)
      watch(LiveLaunch(specification, keeper: HeldProcess.hold(child: pid), reports: reports))
    } catch {
      events.append(.service(service.name, .launchFailed("cannot be launched: \(error)")))
    }
  }

  /// What the launches of one request have in common is worked out once.
  private func texts(of caller: Caller) -> CallerTexts {
    if let callerTexts, callerTexts.caller == caller { return callerTexts }
    let texts = CallerTexts(caller)
    callerTexts = texts
    return texts
  }

  /// Waits for what the launch's keeper says, and for its end.
  func watch(_ launch: LiveLaunch) {
    launches[launch.id] = launch
    if let reports = launch.reports { poll.add(reports.descriptor, .reports(launch: launch.id)) }
    if let keeper = launch.keeper {
      poll.add(keeper.handle.descriptor, .keeper(launch: launch.id))
    }
  }

  private func probe(_ ports: [UInt16], of launch: LiveLaunch) {
    let members = memberPIDs(of: launch)
    let isReady = ports.allSatisfy { port in
      do {
        return try ListenerTable.isListening(port: port, amongMembers: members)
      } catch {
        log.write("\(launch.name): cannot see who listens on port \(port): \(error)")
        return false
      }
    }
    if isReady { events.append(.service(launch.name, .probed(isReady: true))) }
  }

  // MARK: Stopping

  private func ask(_ launch: LiveLaunch, _ signal: Signal, _ scope: StopPolicy.Scope) {
    guard let main = launch.main else { return askRest(launch, signal) }
    if scope == .main {
      send(signal, to: main)
      return
    }
    let members = self.members(of: launch)
    if members.contains(where: \.isSpared) {
      hold(members, of: launch)
      for member in members where !member.isSpared { send(signal, to: member.process) }
      return
    }
    switch main.handle.sendToGroup(signal) {
    case .sent: _ = main.handle.sendToGroup(.continue)
    case .alreadyGone, .notPermitted, .unsupported:
      for member in members where member.stat.group == main.identity.pid {
        send(signal, to: member.process)
      }
    }
  }

  private func askRest(_ launch: LiveLaunch, _ signal: Signal) {
    let members = self.members(of: launch)
    hold(members, of: launch)
    for member in members where !member.isSpared { send(signal, to: member.process) }
  }

  func send(_ signal: Signal, to process: HeldProcess) {
    switch process.handle.send(signal) {
    // What is stopped must run to act on it.
    case .sent: if signal != .kill { _ = process.handle.send(.continue) }
    case .alreadyGone: break
    case .notPermitted:
      log.write("not permitted to send \(signal.rawValue) to pid \(process.identity.pid)")
    }
  }

  private func runStopCommand(_ command: Command, of launch: LiveLaunch) {
    let specification = launch.specification
    var order = Keeper.Order(
      title: "\(DevstartOwn.keeperTitle)\(launch.name) (stop command)",
      directory: specification.service.workingDirectory, arguments: command.argumentVector,
      caller: specification.caller)
    let texts = texts(of: specification.caller)
    order.environment = specification.environment(texts)
    if let main = launch.mainIdentity { order.environment.append("MAINPID=\(main.pid)") }
    do {
      let log = try files.openLogAgain(of: launch.name)
      var own = specification
      own.launch = "stop-\(specification.launch)"
      let (pid, reports) = try Keeper.fork(
        order, specification: own.bytes(texts), log: log, record: nil)
      let role = LiveLaunch.Role.stopCommand(of: launch.id)
      watch(
        LiveLaunch(
          specification, role: role, keeper: HeldProcess.hold(child: pid), reports: reports))
    } catch {
      log.write("\(launch.name): its stop command cannot be run: \(error)")
      events.append(.service(launch.name, .stopCommandEnded))
    }
  }

  func endStopCommand(of launch: LiveLaunch) {
    let id = "stop-\(launch.id)"
    if let command = launches[id] { killings[id] = Killing(launch: command) }
  }
}

extension FleetEffect {
  /// Whether it must not be done before these services' notes are on disk.
  fileprivate func follows(notesOn services: Set<String>) -> Bool {
    switch self {
    case .service(_, .note), .changed: false
    case .service(let name, _): services.contains(name)
    case .survey, .endStrays, .reply, .refuse: true
    }
  }
}
