import DevstartCore

/// One schedule from its first deed to its end, where everything is stopped.
enum Simulation {
  /// What a schedule broke, and how.
  struct Violation {
    var promise: Promise
    var text: String
  }

  static func violation(of schedule: Schedule, log: ((String) -> Void)? = nil) -> Violation? {
    let world = SimulatedWorld(schedule, keepsLog: log != nil)
    world.takeOver()
    world.run()
    world.checkQuiet()
    if world.violation == nil { world.stopEverything() }
    for line in world.log { log?(line) }
    guard let promise = world.broken, let text = world.violation else { return nil }
    return Violation(promise: promise, text: text)
  }

  /// The smallest schedule that can be found which still breaks the same promise.
  static func shrunk(_ schedule: Schedule, breaking promise: Promise) -> Schedule {
    var best = schedule
    while let better = best.smaller.first(where: { violation(of: $0)?.promise == promise }) {
      best = better
    }
    return best
  }

  /// Runs one after the other, from the seed on, every so many; the report of the first that
  /// breaks a promise, shrunk.
  static func firstFailure(
    from first: UInt64, count: Int, every: UInt64 = 1
  ) -> (promise: Promise, schedules: Int, report: String)? {
    for number in 0..<count {
      let seed = first &+ UInt64(number) &* every
      let schedule = Schedule(seed: seed)
      guard let violation = violation(of: schedule) else { continue }
      let small = shrunk(schedule, breaking: violation.promise)
      var lines: [String] = []
      let what = Self.violation(of: small) { lines.append($0) }
      let report =
        "DEVSTART_SEED=\(seed): \(what?.text ?? "")\n\(small)\n\(lines.joined(separator: "\n"))"
      return (violation.promise, number + 1, report)
    }
    return nil
  }
}

extension Schedule {
  /// The same with something left out: the largest parts first.
  fileprivate var smaller: [Schedule] {
    withFewerServices + withFewerDeeds + withFewerTargets + withFewerFeatures + calmer
  }

  private var withFewerServices: [Schedule] {
    guard services.count > 1 else { return [] }
    return services.map { service in
      var smaller = self
      smaller.services.removeAll { $0.name == service.name }
      for index in smaller.services.indices {
        smaller.services[index].dependsOn.removeAll { $0.service == service.name }
      }
      let names = Set(smaller.services.map(\.name))
      smaller.deeds = deeds.compactMap { $0.limited(to: names) }
      return smaller
    }
  }

  private var withFewerDeeds: [Schedule] {
    deeds.indices.map { index in
      var smaller = self
      smaller.deeds.remove(at: index)
      return smaller
    }
  }

  private var withFewerTargets: [Schedule] {
    deeds.indices.flatMap { index in
      let targets = deeds[index].targets
      guard targets.count > 1 else { return [Schedule]() }
      return targets.compactMap { target in
        guard let fewer = deeds[index].limited(to: Set(targets).subtracting([target])) else {
          return nil
        }
        var smaller = self
        smaller.deeds[index] = fewer
        return smaller
      }
    }
  }

  private var withFewerFeatures: [Schedule] {
    services.indices.flatMap { index in
      services[index].simpler.map { service in
        var smaller = self
        smaller.services[index] = service
        return smaller
      }
    }
  }

  private var calmer: [Schedule] {
    guard calmFrom > 0 else { return [] }
    var smaller = self
    smaller.calmFrom -= 1
    return [smaller]
  }
}

extension Service {
  /// The same with one thing less to supervise.
  fileprivate var simpler: [Service] {
    let changes: [(inout Service) -> Void] = [
      { $0.hooks = Hooks() }, { $0.watch = nil }, { $0.limits = Limits() },
      { $0.liveness = nil }, { $0.heartbeat = nil }, { $0.restart.policy = .never },
      { $0.stop.command = nil }, { $0.dependsOn = [] }, { $0.isOneshot = false },
      { $0.limits.maxRuntime = nil }, { $0.limits.memory = nil }, { $0.limits.cpu = nil },
      { $0.restart.backoff = .zero }, { $0.onConflict = .replace },
      { $0.readiness.check = .delay(.zero, chosen: true) },
      { $0.readiness.check = .probe(.listening([8000])) },
    ]
    return changes.compactMap { change in
      var service = self
      change(&service)
      if case .delay = readiness.check, service.readiness != readiness { return nil }
      return service == self ? nil : service
    }
  }
}

extension SimulatedWorld {
  /// Nothing is to come: then nobody may wait who can be answered.
  func checkQuiet() {
    guard violation == nil else { return }
    for (id, client) in clients.sorted(by: { $0.key < $1.key }) where client.awaitsAnswer {
      if case .wait(let request) = client.request, request.timeout == nil { continue }
      if client.isCancelled, supervisors > 1 { continue }
      // What restarts for ever may come up yet, and what takes long to end may end.
      if isStirring { continue }
      violate(.answers, "client \(id.number) (deed \(client.deed)) waits for ever")
    }
  }

  /// The last stop of all leaves nothing.
  func stopEverything() {
    if fleet == nil { takeOver() }
    for (id, client) in clients where client.awaitsAnswer {
      clients[id]?.isGone = true
      events.append(.disconnected(id))
    }
    let stop = Deed.What.stop(targets: names, timeout: nil, isForced: false, isAll: true)
    effectsToLive = nil
    // Nothing restarts for ever after a stop: as long as it takes, whatever KILL has to wait for.
    end = now + Self.longest * 10
    plan(.deed(Deed(id: -1, at: .zero, what: stop)), after: .milliseconds(1))
    run()
    checkQuiet()
    if violation == nil, !launches.isEmpty {
      violate(.nothingLeft, "something is alive after a stop of all")
    }
    if violation == nil, fleet?.isIdle == false {
      violate(.idle, "the fleet is not idle after all")
    }
  }
}
