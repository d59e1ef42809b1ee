extension ServiceLife {
  /// The state as `status` shows it.
  package var shown: ServiceState {
    switch self {
    case .down(let ending):
      switch ending.kind {
      case .stopped: .stopped
      case .failed: .failed
      case .completed: .completed
      }
    case .waiting: .waiting
    case .starting: .starting
    case .ready: .ready
    case .finished: .completed
    case .stopping: .stopping
    }
  }
}

extension Words {
  /// The `reason` of a status: nil where the state says it all.
  package static func statusReason(_ life: ServiceLife) -> String? {
    switch life {
    case .down(let ending):
      switch ending.reason {
      case .neverStarted, .asked: nil
      case .ended, .notReady, .notLaunched, .dependency, .told: self.ending(ending)
      }
    case .ready(let launch): uncheckedReadiness(of: launch.service)
    case .starting(let launch, _, _):
      launch.service.isOneshot
        ? "runs to its end" : awaited(launch.service.readiness.check)
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
    case .down(let ending): "\(life.shown.rawValue): \(self.ending(ending))"
    case .waiting(let specification): "waiting to be launched as \(specification.launch)"
    case .starting(let launch, _, _):
      launch.main.map { "starting, pid \($0.pid)" } ?? "starting, launch \(launch.id)"
    case .ready(let launch):
      "ready after \(seconds(launch.readyAfter ?? .zero))"
    case .finished: "completed"
    case .stopping(let launch, let stopping):
      switch stopping.step {
      case .command: "stopping: its stop command runs"
      case .asked: "stopping: asked by \(launch.service.stop.signal.rawValue)"
      case .killing, .naming: "stopping: KILL"
      case .stuck: "stopping: outlived KILL"
      }
    }
  }
}
