import DevstartCore
import DevstartPlatform

/// What a client is being told.
enum Client: Equatable {
  /// The services of its request.
  case operation(Set<String>)
  case watching
}

extension Supervisor {
  func take(_ arrival: ClientArrival) {
    switch arrival {
    case .request(let client, let greeting, let request, let peer):
      if let error = refusal(of: greeting, client) {
        reception.send(.refusal(error), to: client)
      } else {
        clientIdentities[client] = ProcessTable.stat(of: peer)?.identity
        take(request, from: client)
      }
    case .notification(let client, let request): take(request, from: client)
    case .gone(let client):
      clients[client] = nil
      clientIdentities[client] = nil
      metConflicts[client] = nil
      events.append(.disconnected(client))
    }
  }

  /// A request comes with what the manifest says now: all that is left to know of a launch whose
  /// specification was lost.
  private func learn(from services: [Service]) {
    for service in services {
      for launch in launches.values
      where launch.name == service.name && launch.hasLostSpecification {
        launch.learn(spare: service.spare)
        fleet.learn(stop: service.stop, of: service.name)
      }
    }
  }

  private func take(_ request: Request, from client: ClientID) {
    switch request {
    case .status:
      reception.send(.status(statusReply()), to: client)
      memoryWasUsed()
    case .watch:
      clients[client] = .watching
      reception.send(.changed(statusReply()), to: client)
    case .start(let request):
      clients[client] = .operation(Set(request.services.map(\.name)))
      let began = Clock.instant(startTicks: request.caller.identity.startTicks)
      log.write(
        "start \(request.targets.joined(separator: " ")), asked by "
          + "pid \(request.caller.identity.pid)")
      learn(from: request.services)
      if !request.isDryRun { serveProject(at: request.health, beside: request.services) }
      events.append(.start(client, request, callerBegan: began))
    case .stop(let request):
      clients[client] = .operation(Set(request.targets))
      learn(from: request.services)
      log.write("stop \(request.targets.joined(separator: " "))")
      events.append(.stop(client, request))
    case .clean(let request):
      clients[client] = .operation(Set(request.services.map(\.name)))
      events.append(.clean(client, request))
    case .wait(let request):
      clients[client] = .operation(Set(request.targets))
      events.append(.wait(client, request))
    case .cancel(let isForced): events.append(.cancel(client, isForced: isForced))
    case .lease(let launches):
      forgetLease(of: launches)
      events.append(.lease(client, launches: launches))
      reception.send(.reply(OperationReply(verdict: .done)), to: client)
    }
  }

  /// What a newer program says is not understood here: it takes this one's place.
  private func refusal(of greeting: Greeting, _ client: ClientID) -> RequestError? {
    if greeting.protocolVersion == protocolVersion { return nil }
    if greeting.protocolVersion > protocolVersion {
      let why = handOver(to: greeting.executable)
      return RequestError(
        verdict: .failed,
        text: "the supervisor (devstart \(programVersion)) speaks protocol \(protocolVersion), "
          + "this command \(greeting.protocolVersion), and \(greeting.executable) cannot take its "
          + "place: \(why); stop the services with the older devstart first")
    }
    return RequestError(
      verdict: .failed,
      text: "the supervisor is of the newer devstart \(programVersion); this command is of "
        + "\(greeting.programVersion): use the newer one")
  }

  /// Tells every waiting client what has changed for it since it was told last.
  func tellClients() {
    defer { changedServices = [] }
    guard !changedServices.isEmpty else { return }
    for (client, what) in clients {
      switch what {
      case .watching: reception.send(.changed(statusReply()), to: client)
      case .operation(let services):
        for name in services.intersection(changedServices).sorted() { tell(client, of: name) }
      }
    }
  }

  private func tell(_ client: ClientID, of name: String) {
    guard let life = fleet.services[name]?.life else { return }
    reception.send(
      .progress(
        Progress(
          service: name, state: life.shown, pid: life.launch?.main?.pid,
          waitingFor: fleet.waitingFor(name, client: client))), to: client)
  }
}
