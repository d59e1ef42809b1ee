import DevstartCore

extension SimulatedWorld {
  func perform(_ deed: Deed) {
    note("deed \(deed.id): \(deed.what)")
    switch deed.what {
    case .start(let start): connect(deed, .start(request(start, deed), callerBegan: began(start)))
    case .stop(let targets, let timeout, let isForced, let isAll):
      var request = StopRequest(services: targets.compactMap(service), targets: targets)
      request.timeout = timeout
      request.isForced = isForced
      request.includesUnlisted = isAll
      connect(deed, .stop(request))
    case .clean(let targets, let isForced, let isDryRun):
      var request = CleanRequest(services: targets.compactMap(service))
      request.isForced = isForced
      request.isDryRun = isDryRun
      connect(deed, .clean(request))
    case .wait(let targets, let goal, let timeout):
      connect(deed, .wait(WaitRequest(targets: targets, goal: goal, timeout: timeout)))
    case .cancel(let other, let isForced): cancel(other, isForced: isForced)
    case .disconnect(let other): disconnect(other)
    case .stray(let service, let temper): addStray(of: service, temper)
    case .signalMain(let service, let signal): signalMain(of: service, signal)
    case .change(let service): writeFile(of: service)
    case .supervisorDeath(let effects):
      effectsToLive = effects
      if effects == 0 { killSupervisor() }
    }
  }

  private func began(_ start: Deed.Start) -> Instant {
    Instant(nanoseconds: now.nanoseconds - start.beganBefore.nanoseconds)
  }

  private func request(_ start: Deed.Start, _ deed: Deed) -> StartRequest {
    var names = Set(start.targets)
    if !start.withoutDependencies {
      // Services depend on earlier ones alone.
      for service in schedule.services.reversed() where names.contains(service.name) {
        names.formUnion(service.dependsOn.map(\.service))
      }
    }
    let caller = Caller(
      identity: ProcessIdentity(pid: Int32(deed.id), startTicks: 1),
      environment: ["VARIANT=\(start.variant)"], umask: 0o022, limits: [])
    var request = StartRequest(
      services: schedule.services.filter { names.contains($0.name) }, targets: start.targets,
      caller: caller)
    request.conflict = start.conflict
    request.waits = start.waits
    request.timeout = start.timeout
    request.isLease = start.isLease
    request.isDryRun = start.isDryRun
    return request
  }

  private func connect(_ deed: Deed, _ request: SimulatedClient.Request) {
    if fleet == nil { takeOver() }
    send(SimulatedClient(deed: deed.id, request: request, began: now))
  }

  func send(_ client: SimulatedClient) {
    let id = ClientID(nextClient)
    nextClient += 1
    clients[id] = client
    switch client.request {
    case .start(let request, let callerBegan):
      events.append(.start(id, request, callerBegan: callerBegan))
    case .stop(let request):
      for name in request.includesUnlisted ? names : request.targets { disturbed[name] = now }
      events.append(.stop(id, request))
    case .clean(let request): events.append(.clean(id, request))
    case .wait(let request): events.append(.wait(id, request))
    }
  }

  private func connection(of deed: Int) -> ClientID? {
    clients.filter { $0.value.deed == deed && !$0.value.isGone }.keys.max()
  }

  /// Ctrl-C matters to a start; every other command just leaves.
  private func cancel(_ deed: Int, isForced: Bool) {
    guard let id = connection(of: deed), clients[id]?.isAnswered == false else { return }
    guard case .start = clients[id]?.request else {
      disconnect(deed)
      return
    }
    clients[id]?.isCancelled = true
    for service in schedule.services { released[service.name] = now }
    events.append(.cancel(id, isForced: isForced))
  }

  private func disconnect(_ deed: Int) {
    guard let id = connection(of: deed) else { return }
    clients[id]?.isGone = true
    if case .start(let request, _) = clients[id]?.request, request.isLease {
      for service in request.services {
        disturbed[service.name] = now
        released[service.name] = now
      }
    }
    events.append(.disconnected(id))
  }

  private func addStray(of service: String, _ temper: Temper) {
    let pid = newPID()
    let facts = ProcessFacts(
      identity: ProcessIdentity(pid: pid, startTicks: 1), parent: 1, group: pid, session: pid,
      user: 1000, arguments: [service])
    strays.append(
      SimulatedStray(
        stray: Stray(service: service, facts: facts, reason: .rule(service)), temper: temper,
        appeared: now))
  }

  private func signalMain(of service: String, _ signal: Signal) {
    disturbed[service] = now
    for launch in launches.values.sorted(by: { $0.id < $1.id }) where launch.name == service {
      for member in launch.living where member.isMain { self.signal(member, of: launch, signal) }
    }
  }
}
