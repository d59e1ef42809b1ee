import DevstartCore

/// What must hold at every step.
extension SimulatedWorld {
  private func life(_ name: String) -> ServiceLife {
    fleet?.services[name]?.life ?? .down(.never)
  }

  /// One of each; dependencies and strays first.
  func checkLaunch(_ specification: LaunchSpecification, isAgain: Bool) {
    let service = specification.service
    if let other = launches.values.first(where: { $0.name == service.name }) {
      violate(.oneOfEach, "\(service.name) is launched while \(other.id) is alive")
    }
    // A launch that follows by itself replaces one that ran beside the stray already.
    if !isAgain,
      strays.contains(where: {
        $0.isAlive && $0.isCondemned && $0.stray.service == service.name
      })
    {
      violate(.oneOfEach, "\(service.name) is launched while a stray of it is being ended")
    }
    // Dependencies are what a start waits for; what follows by itself does not.
    guard !isAgain else { return }
    let deed = Int(specification.caller.identity.pid)
    let asking = clients.values.first { $0.deed == deed && $0.awaitsAnswer && !$0.isCancelled }
    guard let asking, case .start(let request, _) = asking.request else { return }
    if isStopped(service.name, since: asking.began) {
      violate(.nothingLeft, "\(service.name) is launched for who asked before it was stopped")
    }
    for dependency in service.dependsOn
    where request.services.contains(where: { $0.name == dependency.service }) {
      if !isMet(dependency) {
        violate(.order, "\(service.name) is launched before \(dependency.service) is there")
      }
    }
  }

  /// Whether somebody has asked for its stop after that.
  private func isStopped(_ name: String, since began: Instant) -> Bool {
    clients.values.contains { client in
      guard case .stop(let request) = client.request, client.began > began else { return false }
      return request.includesUnlisted || request.targets.contains(name)
    }
  }

  private func isMet(_ dependency: Dependency) -> Bool {
    // What ran outside and was kept counts as there: nobody watches it.
    let isOutside = strays.contains { $0.stray.service == dependency.service }
    switch life(dependency.service) {
    case .ready: return isOutside || dependency.condition != .completed
    case .finished: return true
    case .starting(let launch, _):
      return isOutside || (dependency.condition == .started && launch.main != nil)
    case .down(let ending), .resting(_, let ending):
      return isOutside || ending.kind == .completed
    case .waiting, .backoff, .stopping: return isOutside
    }
  }

  /// Nothing is done to a launch that there is not.
  func checkNeedsNoLaunch(_ effect: ServiceEffect, of name: String) {
    switch effect {
    case .note, .stopKilling, .launch, .relaunch, .runHook: break
    case .probe, .followLog, .endProbe, .sample, .signalMain, .continueKeeper, .runStopCommand,
      .endStopCommand, .ask, .askRest, .kill,
      .nameSurvivors:
      violate(.cause, "\(effect) for \(name), which has no launch")
    }
  }

  /// A stop ends dependants first.
  func checkEnding(_ effect: ServiceEffect, _ launch: SimulatedLaunch) {
    switch effect {
    case .ask, .kill, .runStopCommand: break
    case .launch, .relaunch, .runHook, .probe, .followLog, .endProbe, .sample, .signalMain, .note,
      .continueKeeper, .endStopCommand, .askRest, .stopKilling,
      .nameSurvivors:
      return
    }
    guard case .stopping(_, let stopping) = life(launch.name), stopping.cause == .asked,
      stopping.began == now
    else { return }
    if let next = stopping.next { checkReplaced(launch, by: next) }
    let isWanted = clients.values.contains { client in
      guard case .start(let request, _) = client.request else { return false }
      return !client.isAnswered && request.services.contains { $0.name == launch.name }
    }
    // Somebody else may have cause to end it.
    if isWanted || released[launch.name] == now { return }
    let stops = clients.values.compactMap { client -> (targets: [String], began: Instant)? in
      guard case .stop(let request) = client.request, !client.isAnswered else { return nil }
      let all = request.includesUnlisted ? names : []
      let targets = request.targets + all
      return targets.contains(launch.name) ? (targets, client.began) : nil
    }
    for dependant in schedule.services {
      guard dependant.dependsOn.contains(where: { $0.service == launch.name }),
        let alive = life(dependant.name).launch, !stops.isEmpty,
        stops.allSatisfy({ $0.targets.contains(dependant.name) && alive.began < $0.began })
      else { continue }
      if case .stopping(_, let stopping) = life(dependant.name), stopping.step == .stuck {
        continue
      }
      violate(.order, "\(launch.name) is stopped before \(dependant.name), which depends on it")
    }
  }

  /// A start that replaces dependants too ends them before what they depend on.
  private func checkReplaced(_ launch: SimulatedLaunch, by next: LaunchSpecification) {
    let waiting = clients.values.filter { client in
      guard !client.isAnswered else { return false }
      switch client.request {
      case .start, .stop: return true
      case .clean, .wait: return false
      }
    }
    guard waiting.count == 1, let client = waiting.first, !client.isCancelled,
      case .start(let request, let callerBegan) = client.request,
      Int(next.caller.identity.pid) == client.deed, released[launch.name] != now
    else { return }
    for dependant in request.services where request.targets.contains(dependant.name) {
      guard let alive = life(dependant.name).launch, alive.began < callerBegan,
        alive.service.dependsOn.contains(where: { $0.service == launch.name }),
        (request.conflict ?? dependant.onConflict) == .replace,
        !strays.contains(where: { $0.stray.service == dependant.name })
      else { continue }
      if case .stopping(_, let stopping) = life(dependant.name), stopping.step == .stuck {
        continue
      }
      violate(.order, "\(launch.name) is replaced before \(dependant.name), which depends on it")
    }
  }

  /// What holds after everything that was decided.
  func checkAfter(_ event: FleetEvent, _ fleet: FleetMachine) {
    for id in stopCommands {
      let isDue = fleet.services.values.contains { machine in
        guard case .stopping(let launch, let stopping) = machine.life else { return false }
        if case .command = stopping.step { return launch.id == id } else { return false }
      }
      if !isDue { violate(.cause, "the stop command of \(id) runs although nobody waits for it") }
    }
    for (id, client) in clients where client.awaitsAnswer {
      guard case .wait(let request) = client.request, !isAsked(id) else { continue }
      let lives = request.targets.map(life)
      let isFailed =
        request.goal == .ready
        && lives.contains { life in
          // What rests may come up yet, once its files change: a wait with a limit waits for that.
          if case .resting = life, request.timeout != nil { return false }
          return life.isFailed
        }
      let isReached = lives.allSatisfy { $0.reaches(request.goal) }
      if isFailed || isReached {
        violate(.answers, "the wait of client \(id.number) is over and goes on")
      }
    }
  }

  /// Whether the supervisor has yet to hear of it.
  private func isAsked(_ client: ClientID) -> Bool {
    clients[client]?.began == now
  }

  func checkReply(_ reply: OperationReply, _ id: ClientID) {
    guard let client = clients[id] else { return }
    switch client.request {
    case .start(let request, _): checkStarted(request, reply, client)
    case .stop(let request): checkStopped(request, reply, client)
    case .clean(let request):
      guard reply.verdict == .done, !request.isDryRun else { return }
      checkSwept(request.services.map(\.name), client)
    case .wait: break
    }
  }

  private func checkStarted(
    _ request: StartRequest, _ reply: OperationReply, _ client: SimulatedClient
  ) {
    if !client.isCancelled {
      for outcome in reply.services where outcome.result == .cancelled {
        if disturbed[outcome.service].map({ $0 < client.began }) ?? true,
          !wasReplaced(outcome.service, since: client.began)
        {
          violate(.answers, "\(outcome.service) of client \(client.deed) is cancelled by nobody")
        }
      }
    }
    guard reply.verdict == .done, !request.isDryRun else { return }
    for service in request.services {
      // What runs outside and was kept is watched by nobody: it may have ended since.
      let isOutside = strays.contains { $0.stray.service == service.name }
      let isUp =
        switch life(service.name) {
        case .ready, .finished: true
        case .starting(let launch, _): !request.waits && launch.main != nil
        case .down(let ending), .resting(_, let ending):
          service.isOneshot && ending.kind == .completed
        case .waiting, .backoff, .stopping: false
        }
      if !isUp, !isOutside { violate(.answers, "start says done, and \(service.name) is not up") }
    }
  }

  /// Whether somebody else asked for the service, or it ended by itself as if it had been asked.
  private func wasReplaced(_ name: String, since: Instant) -> Bool {
    switch life(name).ending?.reason {
    case .ended, .exceeded: return true
    case .neverStarted, .asked, .notReady, .notLaunched, .dependency, .unhealthy, .filesChanged,
      .gaveUp, .told, nil:
      break
    }
    return clients.values.contains { client in
      guard case .start(let request, _) = client.request else { return false }
      return client.isCancelled == false && client.began > since
        && request.services.contains { $0.name == name }
    }
  }

  private func checkStopped(
    _ request: StopRequest, _ reply: OperationReply, _ client: SimulatedClient
  ) {
    guard reply.verdict == .done else { return }
    for outcome in reply.services {
      if let launch = outcome.launch.flatMap({ launches[$0] }), !launch.living.isEmpty {
        violate(.nothingLeft, "stop says done, and \(launch.name) is alive")
      }
      let old = launches.values.filter { $0.name == outcome.service && $0.began < client.began }
      if !old.isEmpty {
        violate(.nothingLeft, "stop says done, and an old \(outcome.service) is alive")
      }
      // A launch that follows by itself is no younger than the wish for it.
      let successors = launches.values.filter { launch in
        launch.name == outcome.service
          && origins[launch.specification.origin].map { $0.at < client.began } ?? false
      }
      if !successors.isEmpty {
        violate(.nothingLeft, "stop says done, and \(outcome.service) has come up again")
      }
    }
    checkSwept(request.targets, client)
    let stopped = request.includesUnlisted ? names : request.targets
    for (origin, made) in origins where stopped.contains(made.service) && made.at < client.began {
      endedOrigins.insert(origin)
      endsToWrite.remove(origin)
    }
  }

  private func checkSwept(_ names: [String], _ client: SimulatedClient) {
    let left = strays.filter { stray in
      stray.isAlive && names.contains(stray.stray.service)
        && client.lastSurvey.map { stray.appeared < $0 } ?? false
    }
    if !left.isEmpty { violate(.nothingLeft, "done, and the strays \(left.map(\.pid)) are alive") }
  }
}

extension ServiceLife {
  var isFailed: Bool {
    ending?.kind == .failed
  }

  func reaches(_ goal: WaitRequest.Goal) -> Bool {
    switch (self, goal) {
    case (.ready, .ready), (.finished, .ready), (.down, .stopped), (.resting, .stopped): true
    case (.down, .ready), (.resting, .ready), (.waiting, _), (.backoff, _), (.starting, _),
      (.stopping, _), (.ready, .stopped), (.finished, .stopped):
      false
    }
  }
}
