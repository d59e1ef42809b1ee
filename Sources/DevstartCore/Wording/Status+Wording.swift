extension ServiceLife {
  /// The state as `status` shows it.
  package var shown: ServiceState {
    switch self {
    case .down(let ending), .resting(_, let ending):
      switch ending.kind {
      case .stopped: .stopped
      case .failed: .failed
      case .completed: .completed
      }
    case .waiting: .waiting
    case .backoff: .backoff
    case .starting: .starting
    case .ready(_, let upkeep): upkeep.trouble == nil ? .ready : .unhealthy
    case .finished: .completed
    case .stopping: .stopping
    }
  }
}

extension Words {
  /// The `reason` of a status: nil where the state says it all. With the moment it says how long
  /// something is still to come.
  package static func statusReason(_ life: ServiceLife, at now: Instant? = nil) -> String? {
    switch life {
    case .down(let ending):
      switch ending.reason {
      case .neverStarted, .asked: nil
      case .ended, .notReady, .notLaunched, .dependency, .unhealthy, .exceeded, .filesChanged,
        .gaveUp, .told:
        self.ending(ending)
      }
    case .resting(_, let ending): "\(self.ending(ending)); starts again when its files change"
    case .backoff(_, let until, let ending):
      "\(self.ending(ending)); will be launched again"
        + (now.map { " in \(seconds(max(.zero, until - $0)))" } ?? "")
    case .ready(let launch, let upkeep):
      upkeep.trouble ?? launch.statusText ?? uncheckedReadiness(of: launch.service)
    case .starting(let launch, let startup):
      launch.service.isOneshot
        ? "runs to its end"
        : awaited(launch.service.readiness.check)
          + ((launch.statusText ?? startup.finding).map { " (\($0))" } ?? "")
    case .stopping(_, let stopping):
      stopping.step == .stuck ? "could not be ended" : nil
    case .waiting, .finished: nil
    }
  }

  /// What `status` says of launches that nobody supervises.
  package static let unsupervised =
    "unsupervised: no restarts, limits or endpoints; 'devstart start' takes over"

  /// A change of state as the supervisor's log has it.
  package static func logLine(_ life: ServiceLife) -> String {
    switch life {
    case .down(let ending), .resting(_, let ending):
      "\(life.shown.rawValue): \(self.ending(ending))"
    case .backoff(_, _, let ending): "ended: \(self.ending(ending)); will be launched again"
    case .waiting(let specification): "waiting to be launched as \(specification.launch)"
    case .starting(let launch, _):
      launch.main.map { "starting, pid \($0.pid)" } ?? "starting, launch \(launch.id)"
    case .ready(let launch, let upkeep):
      upkeep.trouble.map { "unhealthy: \($0)" }
        ?? "ready after \(seconds(launch.readyAfter ?? .zero))"
    case .finished: "completed"
    case .stopping(let launch, let stopping):
      "stopping, \(cause(stopping)): \(step(stopping.step, of: launch))"
    }
  }

  private static func cause(_ stopping: Stopping) -> String {
    switch stopping.cause {
    case .asked: "as it was asked to"
    case .mainEnded: "as main \(exit(stopping.exit ?? .unknown))"
    case .notReady, .notLaunched, .unhealthy, .exceeded, .filesChanged: ending(stopping.ending)
    }
  }

  private static func step(_ step: Stopping.Step, of launch: Launch) -> String {
    switch step {
    case .command: "its stop command runs"
    case .asked: launch.service.stop.signal.rawValue
    case .killing, .naming: "KILL"
    case .stuck: "outlived KILL"
    }
  }
}
