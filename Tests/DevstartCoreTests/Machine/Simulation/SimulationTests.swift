import DevstartCore
import Foundation
import Testing

@Suite struct SimulationTests {
  /// One schedule from its first deed to its end, where everything is stopped; what it broke.
  static func violation(of schedule: Schedule, log: ((String) -> Void)? = nil) -> String? {
    let world = SimulatedWorld(schedule, keepsLog: log != nil)
    world.takeOver()
    world.run()
    world.checkQuiet()
    if world.violation == nil { world.stopEverything() }
    for line in world.log { log?(line) }
    return world.violation
  }

  /// The smallest schedule that can be found which still breaks the promise.
  static func shrunk(_ schedule: Schedule) -> Schedule {
    var best = schedule
    var isBetter = true
    while isBetter {
      isBetter = false
      for candidate in best.smaller where violation(of: candidate) != nil {
        best = candidate
        isBetter = true
        break
      }
    }
    return best
  }

  /// `$DEVSTART_LONG` times ten thousand schedules, or five thousand; `$DEVSTART_SEED` is the
  /// first one's seed.
  @Test(arguments: 0..<2)
  func `no schedule breaks a promise`(half: Int) {
    let environment = ProcessInfo.processInfo.environment
    let count = environment["DEVSTART_LONG"].map { (Int($0) ?? 10) * 10_000 } ?? 5000
    let first = environment["DEVSTART_SEED"].flatMap { UInt64($0) } ?? 1
    for number in 0..<count / 2 {
      let seed = first &+ UInt64(number * 2 + half)
      let schedule = Schedule(seed: seed)
      guard Self.violation(of: schedule) != nil else { continue }
      let small = Self.shrunk(schedule)
      var lines: [String] = []
      let what = Self.violation(of: small) { lines.append($0) }
      Issue.record(
        "DEVSTART_SEED=\(seed): \(what ?? "")\n\(small)\n\(lines.joined(separator: "\n"))")
      return
    }
  }
}

extension Schedule {
  /// The same with something left out.
  fileprivate var smaller: [Schedule] {
    var found: [Schedule] = []
    for index in deeds.indices {
      var smaller = self
      smaller.deeds.remove(at: index)
      found.append(smaller)
    }
    for service in services where services.count > 1 {
      var smaller = self
      smaller.services.removeAll { $0.name == service.name }
      for index in smaller.services.indices {
        smaller.services[index].dependsOn.removeAll { $0.service == service.name }
      }
      let names = Set(smaller.services.map(\.name))
      smaller.deeds = deeds.compactMap { $0.limited(to: names) }
      found.append(smaller)
    }
    return found
  }
}

extension SimulatedWorld {
  /// Nothing is to come: then nobody may wait who can be answered.
  func checkQuiet() {
    guard violation == nil else { return }
    for (id, client) in clients.sorted(by: { $0.key < $1.key }) where client.awaitsAnswer {
      if case .wait(let request) = client.request, request.timeout == nil { continue }
      if client.isCancelled, supervisors > 1 { continue }
      violate("client \(id.number) (deed \(client.deed)) waits for ever")
    }
  }

  /// The last stop of all leaves nothing.
  func stopEverything() {
    if fleet == nil { takeOver() }
    for (id, client) in clients where client.awaitsAnswer {
      clients[id]?.isGone = true
      events.append(.disconnected(id))
    }
    let names = schedule.services.map(\.name)
    let stop = Deed.What.stop(targets: names, timeout: nil, isForced: false, isAll: true)
    effectsToLive = nil
    plan(.deed(Deed(id: -1, at: .zero, what: stop)), after: .milliseconds(1))
    run()
    checkQuiet()
    if violation == nil, !launches.isEmpty { violate("something is alive after a stop of all") }
    if violation == nil, fleet?.isIdle == false { violate("the fleet is not idle after all") }
  }
}
