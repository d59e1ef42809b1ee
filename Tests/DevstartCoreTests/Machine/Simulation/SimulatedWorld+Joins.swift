import DevstartCore

/// Who asks for what was launched after its command began shares that launch.
extension SimulatedWorld {
  /// A start does not end what it is to share.
  func checkShared(_ decision: Decision) {
    guard !decision.wasStopping, let launch = decision.launch.flatMap({ watched[$0.id] }),
      case .stopping(_, let stopping) = decision.after.life, stopping.cause == .asked,
      let next = stopping.next
    else { return }
    let deed = Int(next.caller.identity.pid)
    let asking = clients.values.first { $0.deed == deed && $0.awaitsAnswer }
    if let asking, isShared(launch, by: asking) {
      violate(.join, "\(launch.name) is launched twice for who asked for the same")
    }
  }

  /// What a start is to share is not in its way.
  func checkRefusal(_ error: RequestError, _ id: ClientID) {
    guard let client = clients[id], error.text.hasPrefix("already running: ") else { return }
    for name in names where error.text.contains("'\(name)'") {
      guard let life = fleet?.services[name]?.life, let id = life.launch?.id,
        let launch = watched[id], isShared(launch, by: client)
      else { continue }
      if case .stopping = life { continue }
      violate(.join, "client \(client.deed) is refused for \(name), which it was to join")
    }
  }

  /// Whether the client asks for the same as the launch, which began after its command did for
  /// certain, by a tick of proc(5), and nobody is about to stop it.
  private func isShared(_ launch: SimulatedLaunch, by client: SimulatedClient) -> Bool {
    guard case .start(let request, let callerBegan) = client.request,
      let service = request.services.first(where: { $0.name == launch.name }),
      callerBegan + .milliseconds(10) <= launch.began, !isBeingStopped(launch.name)
    else { return false }
    let wanted = LaunchSpecification(
      project: Self.project, launch: launch.id, service: service, caller: request.caller)
    return launch.specification.asksTheSame(as: wanted)
  }
}
