import DevstartCore

/// What one event has led to for one service.
struct Decision {
  var name: String
  var event: FleetEvent
  var before: ServiceLife
  var after: ServiceMachine
  var effects: [ServiceEffect]

  /// The launch that was alive before.
  var launch: Launch? { before.launch }
  /// What was planned or expected before, where nothing was alive.
  var specification: LaunchSpecification? { before.planned ?? before.expected }

  var wasStopping: Bool {
    if case .stopping(let launch, _) = before { after.life.launch?.id == launch.id } else { false }
  }

  /// It was being stopped for another launch.
  var isReplacement: Bool {
    if case .stopping(_, let stopping) = before { stopping.next != nil } else { false }
  }

  var isTreeEmpty: Bool { event == .service(name, .treeEmpty) }

  /// The launch before has become ready, or is completed.
  var becameReady: Bool {
    guard case .starting(let launch, _) = before, let now = after.life.launch, now.id == launch.id
    else { return false }
    if case .finished = after.life { return true }
    return now.readyAfter != nil
  }

  /// A person has asked for another launch, and that is under way.
  var isWantedAnew: Bool {
    guard let origin = (after.life.launch?.specification ?? after.life.planned)?.origin else {
      return false
    }
    return origin != (launch?.specification ?? specification)?.origin
  }

  var relaunched: LaunchSpecification? {
    for case .relaunch(let specification) in effects { return specification }
    return nil
  }

  /// The hooks that what happened is told to.
  func tellable(_ now: Instant) -> [HooksKey] {
    var kinds: [HooksKey] = []
    if case .service(_, .mainStarted) = event, let launch, launch.main == nil,
      launch.restartedBecause != nil
    {
      switch before {
      case .starting, .ready: kinds.append(.restarted)
      case .down, .resting, .waiting, .backoff, .finished, .stopping: break
      }
    }
    if becameReady { kinds.append(.ready) }
    guard let ending = after.life.ending else { return kinds }
    switch before {
    // A launch was planned and given up in the same moment.
    case .down(let earlier), .resting(_, let earlier):
      if ending.kind == .failed, ending != earlier { kinds.append(.failed) }
    case .waiting: if ending.kind == .failed { kinds.append(.failed) }
    // A oneshot was told of when it was completed.
    case .finished: break
    case .starting, .ready, .backoff, .stopping:
      kinds.append(ending.kind == .failed ? .failed : .stopped)
    }
    return kinds
  }
}
