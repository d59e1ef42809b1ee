import DevstartCore
import DevstartPlatform

/// An endpoint that was tried to be served: again only when somebody starts what it is of.
struct EndpointAttempt: Equatable {
  let endpoint: HealthEndpoint
  /// The launch that somebody asked for; nil for the project's.
  let origin: String?
}

// MARK: Which are served

extension Supervisor {
  /// A start says where the project's endpoint is from now on, and which services it starts.
  func serveProject(at endpoint: HealthEndpoint?, beside services: [Service] = []) {
    makeRoom(for: services)
    if state.health != endpoint {
      state.health = endpoint
      state.isStale = true
    }
    let isServed = endpointAttempts[.project]?.endpoint == endpoint && isServing(.project)
    guard !isServed else { return }
    endEndpoint(of: .project)
    guard let endpoint else { return }
    serve(EndpointAttempt(endpoint: endpoint, origin: nil), of: .project, beside: services)
  }

  /// A service needs its ports more than an endpoint does.
  private func makeRoom(for services: [Service]) {
    let ports = Set(services.flatMap(\.ports))
    for (owner, attempt) in endpointAttempts
    where ports.contains(attempt.endpoint.port) && isServing(owner) {
      endEndpoint(of: owner)
      serve(attempt, of: owner, beside: services)
    }
  }

  /// Serves a service's own endpoint while it is up, or on its way to be.
  func tendEndpoint(of name: String) {
    let owner = EndpointOwner.service(name)
    let specification = fleet.services[name]?.life.present
    let wanted = specification.flatMap { specification in
      specification.service.health.map {
        EndpointAttempt(endpoint: $0, origin: specification.origin)
      }
    }
    guard let wanted else { return endEndpoint(of: owner) }
    let known = endpointAttempts[owner]
    if known == wanted || known?.endpoint == wanted.endpoint && isServing(owner) { return }
    endEndpoint(of: owner)
    serve(wanted, of: owner)
  }

  private func isServing(_ owner: EndpointOwner) -> Bool { servedEndpoints.contains(owner) }

  private func endEndpoint(of owner: EndpointOwner) {
    guard endpointAttempts.removeValue(forKey: owner) != nil else { return }
    servedEndpoints.remove(owner)
    endpoints.close(owner)
  }

  private func serve(
    _ attempt: EndpointAttempt, of owner: EndpointOwner, beside services: [Service] = []
  ) {
    endpointAttempts[owner] = attempt
    let endpoint = attempt.endpoint
    let known = services + fleet.services.values.compactMap { $0.life.present?.service }
    if let user = known.first(where: { $0.ports.contains(endpoint.port) }) {
      return warn(owner, endpoint, why: "it is a port of \(user.name)'s own (\"ports\")")
    }
    do {
      try endpoints.open(endpoint, of: owner)
      servedEndpoints.insert(owner)
      log.write("serves \(Words.endpoint(owner)) at \(endpoint.host), port \(endpoint.port)")
    } catch {
      let why = error.isAddressTaken ? holder(ofPort: endpoint.port) : "\(error)"
      warn(owner, endpoint, why: why)
    }
  }

  private func warn(_ owner: EndpointOwner, _ endpoint: HealthEndpoint, why: String) {
    let text = Words.notServed(owner, at: endpoint, why: why)
    log.write(text)
    if !state.warnings.contains(text) { state.warnings.append(text) }
  }

  /// Who has the port, in words.
  private func holder(ofPort port: UInt16) -> String {
    if let owner = endpoints.owner(ofPort: port) {
      return "\(Words.endpoint(owner)) is served there"
    }
    do {
      guard let holder = try PortSurvey(users: users).holder(ofPort: port) else {
        return "it is taken"
      }
      return "it is held by \(Words.holder(holder))"
    } catch {
      return "it is taken, by whom cannot be seen: \(error)"
    }
  }
}

extension ServiceLife {
  /// The launch that is there, or else comes.
  fileprivate var present: LaunchSpecification? { launch?.specification ?? expected ?? planned }
}

// MARK: What they answer

extension Supervisor {
  func answer(_ request: HTTPRequest, at door: EndpointDoor) -> HTTPResponse {
    switch EndpointQuestion(request, at: door) {
    case .refused(let status, let words): HTTPResponse(refusal: status, words)
    case .unknown: notFound(at: door)
    case .health(let owner): health(of: owner).map { .health($0) } ?? notFound(at: door)
    case .ready(let owner): health(of: owner).map { .ready($0) } ?? notFound(at: door)
    case .metrics(let owner, let format):
      metrics(of: owner).map { $0.response(format) } ?? notFound(at: door)
    }
  }

  private func notFound(at door: EndpointDoor) -> HTTPResponse {
    memoryWasUsed()
    return .notFound(at: door.owner, services: fleet.services.keys.sorted())
  }

  /// nil where there is no such service.
  private func health(of owner: EndpointOwner) -> ServiceHealth? {
    switch owner {
    case .service(let name): return fleet.services[name].map { health(of: $0) }
    case .project:
      let all = fleet.services.values.map { machine in
        (name: machine.name, state: machine.life.shown, health: health(of: machine))
      }
      return ServiceHealth(ofAll: all.sorted { $0.name < $1.name })
    }
  }

  private func health(of machine: ServiceMachine) -> ServiceHealth {
    let isOneshot = fleet.isOneshot(machine.name) ?? state.entries[machine.name]?.isOneshot
    return ServiceHealth(machine, isOneshot: isOneshot ?? false)
  }

  /// nil where there is no such service.
  private func metrics(of owner: EndpointOwner) -> Metrics? {
    let now = Clock.now()
    switch owner {
    case .service(let name): return fleet.services[name].map { Metrics(of: facts(of: $0, at: now)) }
    case .project:
      // Of a hundred services the answer is large: what it was made of is given back.
      memoryWasUsed()
      let services = fleet.services.values.sorted { $0.name < $1.name }
      return Metrics(supervisorFacts(), services.map { facts(of: $0, at: now) })
    }
  }

  private func facts(of machine: ServiceMachine, at now: Instant) -> ServiceFacts {
    var facts = ServiceFacts(
      status: status(of: machine, at: now), health: health(of: machine),
      logBytes: files.logSize(of: machine.name))
    facts.restarts = machine.restarts.causes
    facts.lastExit = facts.status.exit ?? machine.restarts.lastExit
    guard let launch = machine.life.launch else { return facts }
    facts.limits = launch.service.limits
    facts.heartbeat = launch.service.heartbeat
    if let live = launches[launch.id] { facts.cpuSeconds = measure(live).cpuSeconds }
    return facts
  }

  private func supervisorFacts() -> SupervisorFacts {
    let stat = ProcessTable.stat(of: identity.pid)
    return SupervisorFacts(
      pid: identity.pid, startedAt: Clock.milliseconds(startTicks: identity.startTicks),
      uptimeSeconds: (Clock.now() - Clock.instant(startTicks: identity.startTicks)).seconds,
      memoryBytes: (stat?.residentPages ?? 0) * ProcessTable.pageSize,
      cpuSeconds: Double(stat?.ticks ?? 0) / Double(Clock.ticksPerSecond),
      counters: state.counters)
  }
}

// MARK: What is counted

/// What one request has met that is counted once, however often it looks.
struct MetConflicts {
  var services: Set<String> = []
  var strays: Set<ProcessIdentity> = []
}

extension Supervisor {
  /// A look for a client found what runs unsupervised, and who holds ports.
  func count(_ survey: Survey, for client: ClientID) {
    var met = metConflicts[client] ?? MetConflicts()
    let strangers = survey.holders.filter { $0.memberOf == nil }
    for service in survey.strays.map(\.service) + strangers.map(\.service)
    where met.services.insert(service).inserted {
      state.counters.conflictsDetected += 1
      state.isStale = true
    }
    for stray in survey.strays where met.strays.insert(stray.facts.identity).inserted {
      state.counters.straysFound += 1
      state.isStale = true
    }
    if !met.services.isEmpty { metConflicts[client] = met }
  }

  /// The strays of one service have been ended, as far as they could be.
  func count(_ report: SweepReport) {
    for ended in report.ended { state.counters.straysEnded[ended.signal, default: 0] += 1 }
    if report.failed.isEmpty { state.counters.conflictsResolved += 1 }
    state.isStale = true
  }
}
