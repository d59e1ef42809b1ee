import DevstartCore

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

extension SimulatedWorld {
  /// Does what the fleet decided, in its order, as the supervisor does.
  func perform(_ effects: [FleetEffect]) {
    // As `Supervisor.perform` does: an end that nothing follows waits to be written.
    for case .service(let name, .note) in effects {
      servicesToNote.insert(name)
      stir()
    }
    if !servicesToNote.isEmpty, effects.contains(where: { $0.follows(notesOn: servicesToNote) }) {
      writeState()
    }
    for effect in effects {
      guard fleet != nil else { return }
      perform(effect)
      if let left = effectsToLive {
        effectsToLive = left - 1
        if left <= 1 { killSupervisor() }
      }
    }
  }

  private func perform(_ effect: FleetEffect) {
    switch effect {
    case .service(let name, let effect):
      note("   \(name): \(shown(effect))")
      perform(effect, of: name)
    case .survey(let client, let services):
      clients[client]?.lastSurvey = now
      events.append(.surveyed(client, survey(services)))
    case .endStrays(let client, let service, let strays, let timeout, let isForced):
      note("   end strays of \(service): \(strays.map(\.facts.identity.pid))")
      end(
        strays, for: SimulatedStrayEnding.ID(client: client, service: service), timeout: timeout,
        isForced: isForced)
    case .reply(let client, let reply): take(reply, client)
    case .refuse(let client, let error):
      note("   refuse \(client.number): \(error.text)")
      checkRefusal(error, client)
      takeAnswer(client)
    case .changed: stir()
    }
  }

  private func shown(_ effect: ServiceEffect) -> String {
    switch effect {
    case .launch(let specification): "launch \(specification.launch)"
    case .relaunch(let specification): "launch again as \(specification.launch)"
    case .runHook(let hook): "hook \(hook.kind): \(hook.reason ?? "")"
    case .probe, .followLog, .endProbe, .sample, .signalMain, .note, .continueKeeper,
      .runStopCommand, .endStopCommand, .ask, .askRest, .kill, .stopKilling, .nameSurvivors:
      "\(effect)"
    }
  }

  private func perform(_ effect: ServiceEffect, of name: String) {
    switch effect {
    case .launch(let specification): return launch(specification, isAgain: false)
    case .relaunch(let specification): return launch(specification, isAgain: true)
    case .runHook: return
    case .probe, .followLog, .endProbe, .sample, .signalMain, .note, .continueKeeper,
      .runStopCommand, .endStopCommand, .ask, .askRest, .kill, .stopKilling, .nameSurvivors:
      break
    }
    let id = fleet?.services[name]?.life.launch?.id
    if id == nil { checkNeedsNoLaunch(effect, of: name) }
    guard let id, let launch = watched[id] else { return }
    checkEnding(effect, launch)
    switch effect {
    case .launch, .relaunch, .runHook, .note, .continueKeeper: break
    case .probe(let probe): look(probe, at: launch)
    case .followLog: follow(launch)
    case .endProbe: endLook(at: launch)
    case .sample: sample(launch)
    case .signalMain: checkSignalled(launch)
    case .runStopCommand: runStopCommand(of: launch)
    case .endStopCommand: endStopCommand(of: id)
    case .ask(let signal, let scope):
      for member in launch.living where isReached(member, of: launch, scope) {
        self.signal(member, of: launch, signal)
      }
    case .askRest(let signal):
      for member in launch.living { self.signal(member, of: launch, signal) }
    case .kill:
      killed.insert(id)
      kill(launch)
    case .stopKilling: killed.remove(id)
    case .nameSurvivors:
      events.append(.service(name, .survived(launch.living.map { reported($0.pid, name) })))
    }
  }

  private func isReached(
    _ member: SimulatedLaunch.Member, of launch: SimulatedLaunch, _ scope: StopPolicy.Scope
  ) -> Bool {
    guard launch.isMainKnown else { return true }
    return member.isMain || (scope == .group && member.temper.isInGroup)
  }

  func reported(_ pid: Int32, _ service: String) -> ReportedProcess {
    ReportedProcess(
      pid: pid, service: service, user: "me", command: service, reason: "alive", startedAt: 0,
      memoryBytes: 1)
  }

  private func survey(_ services: [Service]) -> Survey {
    var survey = Survey()
    let names = Set(services.map(\.name))
    survey.strays = strays.filter { $0.isAlive && names.contains($0.stray.service) }.map(\.stray)
    survey.report.found = survey.strays.map { reported($0.facts.identity.pid, $0.service) }
    return survey
  }

  // MARK: Answers

  private func take(_ reply: OperationReply, _ client: ClientID) {
    note(
      "   reply \(client.number) \(reply.verdict) \(reply.services.map { "\($0.service) \($0.result)" })"
    )
    checkReply(reply, client)
    takeAnswer(client)
    if let cancelled = clients[client], cancelled.isCancelled { tellEnds(of: cancelled) }
    clients[client]?.leased = reply.services.compactMap(\.launch)
    // What an earlier supervisor launched for it ends with its process, which is not simulated.
    clients[client]?.own = reply.services.filter { outcome in
      outcome.launch.map { origins[$0]?.supervisor == supervisors } ?? false
        && outcome.result != .joined
    }.compactMap(\.launch)
  }

  /// Whoever has the answer to its Ctrl-C relies on it: no KILL makes that unheard.
  private func tellEnds(of client: SimulatedClient) {
    for (origin, made) in origins where made.deed == client.deed { endsToWrite.remove(origin) }
  }

  private func takeAnswer(_ client: ClientID) {
    if clients[client]?.isAnswered != false {
      violate(.answers, "client \(client.number) is answered twice")
    }
    clients[client]?.isAnswered = true
  }
}
