extension ServiceLife {
  /// How a launch that an earlier supervisor began goes on; `exit` is main's, where its keeper has
  /// recorded one, and `known` is what the state file says of the service.
  package init(
    takingOver launch: Launch, exit: ExitStatus?, known: StateFile.Entry?, at now: Instant
  ) {
    let service = launch.service
    if service.isOneshot, exit == .code(0) {
      self = .finished(launch)
    } else if let ready = known?.ready, ready.launch == launch.id {
      var launch = launch
      launch.readyAfter = ready.after
      self = .ready(launch)
    } else if service.isOneshot {
      // It takes as long as it takes, also where main is not known yet.
      self = .starting(launch, nextProbe: nil, deadline: nil)
    } else if launch.main == nil {
      self = .starting(launch, nextProbe: nil, deadline: now + service.readiness.timeout)
    } else if case .delay(let delay, _) = service.readiness.check {
      self = .starting(launch, nextProbe: max(now, launch.began + delay), deadline: nil)
    } else {
      self = .starting(launch, nextProbe: now, deadline: now + service.readiness.timeout)
    }
  }
}
