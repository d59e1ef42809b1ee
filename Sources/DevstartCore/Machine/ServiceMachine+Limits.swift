/// Bounds for the whole tree: time, memory, CPU.
extension ServiceMachine {
  /// A moment has come at which a launch is measured, or has run for too long.
  mutating func meteringDue(
    _ launch: Launch, _ metering: Metering, at now: Instant
  ) -> [ServiceEffect] {
    let limits = launch.service.limits
    if let end = metering.runtimeEnd, end <= now, let limit = limits.maxRuntime {
      return exceeded(.runtime(limit: limit), launch, at: now)
    }
    guard let moment = metering.nextSample, moment <= now else { return [] }
    var metering = metering
    metering.nextSample = now + limits.every
    replaceMetering(metering)
    return [.sample(memoryLimit: limits.memory)]
  }

  mutating func sampled(_ sample: Sample, at now: Instant) -> [ServiceEffect] {
    guard let launch = life.launch, var metering = life.metering else { return [] }
    let limits = launch.service.limits
    if let limit = limits.memory, sample.memoryBytes > limit {
      let excess = Excess.memory(sample.memoryBytes, limit: limit, largest: sample.largest)
      return exceeded(excess, launch, at: now)
    }
    metering.readings.append(.init(at: now, cpuSeconds: sample.cpuSeconds))
    if metering.readings.count > limits.samples + 1 { metering.readings.removeFirst() }
    if let limit = limits.cpu, let used = metering.cpuPercent(over: limits.samples),
      used.percent > limit
    {
      let excess = Excess.cpu(used.percent, limit: limit, over: used.span)
      return exceeded(excess, launch, at: now)
    }
    replaceMetering(metering)
    return []
  }

  private mutating func exceeded(
    _ excess: Excess, _ launch: Launch, at now: Instant
  ) -> [ServiceEffect] {
    beginStopping(launch, cause: .exceeded(excess), next: nil, at: now)
  }

  private mutating func replaceMetering(_ metering: Metering) {
    switch life {
    case .starting(let launch, var startup):
      startup.metering = metering
      life = .starting(launch, startup)
    case .ready(let launch, var upkeep):
      upkeep.metering = metering
      life = .ready(launch, upkeep)
    case .down, .resting, .waiting, .backoff, .finished, .stopping: break
    }
  }
}

extension ServiceLife {
  /// What is measured, while anything is.
  package var metering: Metering? {
    switch self {
    case .starting(_, let startup): startup.metering
    case .ready(_, let upkeep): upkeep.metering
    case .down, .resting, .waiting, .backoff, .finished, .stopping: nil
    }
  }
}

extension Metering {
  /// In percent of one core, once there are enough readings to average over so many samples.
  func cpuPercent(over samples: Int) -> (percent: Double, span: Duration)? {
    guard readings.count > samples, let first = readings.first, let last = readings.last,
      last.at > first.at
    else { return nil }
    let span = last.at - first.at
    return (max(0, last.cpuSeconds - first.cpuSeconds) / span.seconds * 100, span)
  }
}
