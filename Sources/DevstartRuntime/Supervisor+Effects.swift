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
        let survey = survey(services)
        count(survey, for: client)
        events.append(.surveyed(client, survey))
      case .endStrays(let client, let service, let strays, let timeout, let isForced):
        changedServices.insert(service)
        end(strays, of: service, for: client, timeout: timeout, isForced: isForced)
      case .reply(let client, let reply): self.reply(reply, to: client)
      case .refuse(let client, let error):
        clients[client] = nil
        metConflicts[client] = nil
        reception.send(.refusal(error), to: client)
      case .changed(let name): changed(name)
      }
    }
  }

  private func perform(_ effect: ServiceEffect, of name: String) {
    switch effect {
    case .launch(let specification): return launch(specification, continuesLog: false)
    case .relaunch(let specification): return launch(specification, continuesLog: true)
    case .runHook(let hook): return run(hook)
    case .nameSurvivors: return nameSurvivors(of: name)
    case .probe, .followLog, .endProbe, .sample, .signalMain, .note, .continueKeeper,
      .runStopCommand, .endStopCommand, .ask, .askRest, .kill, .stopKilling:
      break
    }
    guard let id = fleet.services[name]?.life.launch?.id, let launch = launches[id] else { return }
    switch effect {
    case .launch, .relaunch, .runHook, .note, .nameSurvivors: break
    case .probe(let probe): look(probe, of: launch)
    case .followLog(let pattern): follow(pattern, of: launch)
    case .endProbe: endLook(of: launch)
    case .sample(let memoryLimit): sample(launch, memoryLimit: memoryLimit)
    case .signalMain(let signal): if let main = launch.main { send(signal, to: main) }
    case .continueKeeper: _ = launch.keeper?.handle.send(.continue)
    case .runStopCommand(let command): runStopCommand(command, of: launch)
    case .endStopCommand: endStopCommand(of: launch)
    case .ask(let signal, let scope): ask(launch, signal, scope)
    case .askRest(let signal): askRest(launch, signal)
    case .kill: killings[launch.id] = killings[launch.id] ?? Killing(launch: launch)
    case .stopKilling: endKilling(launch.id)
    }
  }

  /// Names what of a service, and of the commands beside it, lives on.
  private func nameSurvivors(of name: String) {
    var named: [ReportedProcess] = []
    for launch in launches.values where launch.name == name && launch.role.delaysStop {
      let members = members(of: launch)
      named += members.notSpared.map {
        report($0.process.identity.pid, of: launch, whyAlive($0.process))
      }
      if !members.isWhole, let keeper = launch.keeper {
        let reason = "what is below it cannot be seen: the supervisor has no descriptors left"
        named.append(report(keeper.identity.pid, of: launch, reason))
      }
    }
    log.write("\(name): outlived KILL: \(named.map { "pid \($0.pid)" }.joined(separator: ", "))")
    events.append(.service(name, .survived(named)))
  }

  /// Why KILL did not end a process.
  private func whyAlive(_ process: HeldProcess) -> String {
    switch process.handle.send(.kill) {
    case .notPermitted: "not permitted to signal it"
    case .alreadyGone: "ended at the last moment"
    case .sent:
      ProcessTable.stat(of: process.identity.pid)?.state == UInt8(ascii: "D")
        ? "outlived KILL: it hangs in the kernel (state D)" : "outlived KILL"
    }
  }

  private func changed(_ name: String) {
    state.isStale = true
    changedServices.insert(name)
    watchFiles(of: name)
    tendEndpoint(of: name)
    guard let life = fleet.services[name]?.life else { return }
    let line = Words.logLine(life)
    if loggedStates.updateValue(line, forKey: name) != line { log.write("\(name): \(line)") }
  }

  private func reply(_ reply: OperationReply, to client: ClientID) {
    tellClients()
    clients[client] = nil
    metConflicts[client] = nil
    var reply = reply
    reply.warnings += state.warnings
    state.warnings = []
    reception.send(.reply(reply), to: client)
  }

  // MARK: Stopping

  private func ask(_ launch: LiveLaunch, _ signal: Signal, _ scope: StopPolicy.Scope) {
    guard let main = launch.main else { return askRest(launch, signal) }
    if scope == .main {
      send(signal, to: main)
      return
    }
    let members = self.members(of: launch)
    if members.hasSpared {
      hold(members, of: launch)
      for member in members.notSpared { send(signal, to: member.process) }
      return
    }
    switch main.handle.sendToGroup(signal) {
    case .sent: _ = main.handle.sendToGroup(.continue)
    case .alreadyGone, .notPermitted, .unsupported:
      for member in members.all where member.stat.group == main.identity.pid {
        send(signal, to: member.process)
      }
    }
  }

  private func askRest(_ launch: LiveLaunch, _ signal: Signal) {
    // Most services leave nobody behind.
    if launch.isTreeEmpty { return }
    let members = self.members(of: launch)
    hold(members, of: launch)
    for member in members.notSpared { send(signal, to: member.process) }
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
