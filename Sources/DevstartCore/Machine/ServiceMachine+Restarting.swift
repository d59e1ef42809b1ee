/// What comes after an end: whether it is launched again by itself, and when.
extension ServiceMachine {
  /// The launch is gone, and nobody has asked for another.
  mutating func settleAfter(
    _ launch: Launch, _ stopping: Stopping, at now: Instant
  ) -> [ServiceEffect] {
    var ending = stopping.ending
    restarts.lastExit = ending.exit ?? restarts.lastExit
    if ending.kind == .failed { ending.lastLine = launch.lastLine }
    if case .filesChanged(let path) = stopping.cause {
      return launchAgain(launch.specification, filesChanged: path, at: now)
    }
    guard stopping.isFollowed(of: launch.service) else {
      return rest(launch.specification, ending, at: now)
    }
    let policy = launch.service.restart
    restarts.recent.removeAll { $0 + policy.within <= now }
    guard restarts.recent.count < policy.max else {
      let reason = Ending.Reason.gaveUp(
        restarts: restarts.recent.count, within: policy.within, ending.reason)
      return rest(
        launch.specification,
        Ending(.failed, reason, exit: ending.exit, lastLine: ending.lastLine), at: now)
    }
    restarts.recent.append(now)
    let next = launch.specification.successor
    let pause = policy.pause(before: restarts.recent.count, jitter: next.jitter)
    if pause == .zero {
      return launchAgain(
        launch.specification, ending.reason, because: Words.ending(ending), at: now)
    }
    life = .backoff(launch.specification, until: now + pause, after: ending)
    return []
  }

  /// It stays down until somebody starts it or, where it watches files, one of them changes.
  private mutating func rest(
    _ specification: LaunchSpecification, _ ending: Ending, at now: Instant
  ) -> [ServiceEffect] {
    let waitsForFiles =
      specification.service.watch?.signal == nil && specification.service.watch != nil
      && files.endedBecause == nil
    switch ending.reason {
    case .ended, .notReady, .unhealthy, .gaveUp, .notLaunched:
      if waitsForFiles, let path = files.settled {
        files.recent.append(now)
        return launchAgain(specification, filesChanged: path, at: now)
      }
      life = waitsForFiles ? .resting(specification, ending) : .down(ending)
    case .neverStarted, .asked, .dependency, .exceeded, .filesChanged, .told:
      life = .down(ending)
    }
    switch ending.kind {
    case .failed: return hook(.failed, specification, ending)
    case .stopped, .completed: return hook(.stopped, specification, ending)
    }
  }

  /// Launches it once more, at once, as these files changed.
  mutating func launchAgain(
    _ specification: LaunchSpecification, filesChanged path: String, at now: Instant
  ) -> [ServiceEffect] {
    launchAgain(
      specification, .filesChanged(path), because: Words.filesChanged(path), at: now)
  }

  private mutating func launchAgain(
    _ specification: LaunchSpecification, _ reason: Ending.Reason, because why: String,
    at now: Instant
  ) -> [ServiceEffect] {
    restarts.count += 1
    restarts.causes[RestartCause(reason), default: 0] += 1
    var launch = Launch(specification: specification.successor, began: now)
    launch.restartedBecause = why
    return begin(launch)
  }

  /// The time that it waits before it is launched again is over.
  mutating func backoffOver(
    _ specification: LaunchSpecification, _ ending: Ending, at now: Instant
  ) -> [ServiceEffect] {
    launchAgain(specification, ending.reason, because: Words.ending(ending), at: now)
  }

  // MARK: Hooks

  func hook(
    _ kind: HooksKey, _ specification: LaunchSpecification, _ ending: Ending
  ) -> [ServiceEffect] {
    hook(kind, specification, pid: nil, reason: Words.ending(ending), exit: ending.exit)
  }

  func hook(
    _ kind: HooksKey, _ specification: LaunchSpecification, pid: Int32?, reason: String?,
    exit: ExitStatus? = nil
  ) -> [ServiceEffect] {
    guard let command = specification.service.hooks[kind] else { return [] }
    return [
      .runHook(
        Hook(
          kind: kind, command: command, specification: specification, pid: pid, reason: reason,
          exit: exit, restarts: restarts.count))
    ]
  }
}

extension Stopping {
  /// Whether the manifest wants a restart after it. An end that a person asked for is never followed
  /// by one; a oneshot that is completed is what was wanted; what cannot be executed will not be the
  /// next time.
  func isFollowed(of service: Service) -> Bool {
    switch (cause, service.restart.policy) {
    case (.asked, _), (.notLaunched, _): false
    case (.filesChanged, _): true
    case (.exceeded, _): service.limits.onExceed == .restart
    case (_, .never): false
    case (_, .onFailure): ending.kind == .failed
    case (.mainEnded, .always): !(service.isOneshot && ending.kind == .completed)
    case (.notReady, .always), (.unhealthy, .always): true
    }
  }
}

extension Restart {
  /// The back-off before the restart of that number within the time, from 1: doubled with each,
  /// and up to a quarter shorter, so that what failed together does not come back together.
  /// `jitter` is from 0 up to 1.
  func pause(before number: Int, jitter: Double) -> Duration {
    var pause = Swift.min(backoff, maxBackoff)
    for _ in 1..<Swift.max(1, Swift.min(number, 64)) where pause < maxBackoff {
      pause = Swift.min(pause * 2, maxBackoff)
    }
    return .nanoseconds(Int64(Double(pause.nanoseconds) * (1 - 0.25 * jitter)))
  }
}

extension LaunchSpecification {
  /// The next launch of the same thing, which follows by itself: `ORIGIN.2` after `ORIGIN`.
  var successor: LaunchSpecification {
    let parts = launch.split(separator: ".")
    let number = parts.count > 1 ? Int(parts[1]) ?? 1 : 1
    var next = self
    next.launch = "\(origin).\(number + 1)"
    return next
  }

  /// From 0 up to 1, another for each launch.
  fileprivate var jitter: Double {
    let mixed = launch.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01b3
    }
    return Double(mixed >> 48) / 65_536
  }
}
