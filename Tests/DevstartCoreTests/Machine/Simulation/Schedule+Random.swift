import DevstartCore

extension SeededGenerator {
  mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }

  /// Whole milliseconds, so that many things happen at the same moment.
  mutating func milliseconds(_ range: ClosedRange<Int>) -> Duration {
    .milliseconds(Int.random(in: range, using: &self))
  }

  mutating func some<Element>(of list: [Element], orElse other: Element) -> Element {
    list.randomElement(using: &self) ?? other
  }

  mutating func subset(of names: [String]) -> [String] {
    let chosen = names.filter { _ in chance(50) }
    return chosen.isEmpty ? [some(of: names, orElse: "a")] : chosen
  }

  mutating func temper() -> Temper {
    Temper(
      termDelay: chance(15) ? nil : milliseconds(0...30),
      killDelay: chance(8) ? milliseconds(4000...12_000) : milliseconds(0...3),
      isInGroup: chance(70))
  }
}

extension Schedule {
  init(seed: UInt64) {
    var random = SeededGenerator(state: seed)
    let names = Array(["a", "b", "c", "d"].prefix(Int.random(in: 1...4, using: &random)))
    var services: [Service] = []
    for name in names { services.append(random.service(name, after: services)) }
    let deeds = (0..<Int.random(in: 1...7, using: &random)).map { id in
      Deed(id: id, at: random.milliseconds(0...400), what: random.deed(names, id))
    }
    self.init(seed: seed, services: services, deeds: deeds)
  }

  /// What a service's launch of that number does: the same whatever else is dropped.
  func behaviour(of service: Service, launch: Int) -> Behaviour {
    let number = UInt64(service.name.utf8.first ?? 0) &* 1000 &+ UInt64(launch)
    var random = SeededGenerator(state: seed &* 31 &+ number)
    var behaviour = Behaviour()
    behaviour.cannotLaunch = random.chance(3)
    behaviour.cannotExecute = random.chance(4)
    behaviour.startDelay = random.milliseconds(0...10)
    behaviour.listensAfter = random.chance(10) ? nil : random.milliseconds(0...80)
    if service.isOneshot || random.chance(15) { behaviour.endsAfter = random.milliseconds(0...150) }
    behaviour.exit = random.some(
      of: [.code(0), .code(0), .code(0), .code(1), .signal("TERM"), .signal("SEGV")],
      orElse: .code(0))
    behaviour.main = random.temper()
    behaviour.children = (0..<Int.random(in: 0...2, using: &random)).map { _ in random.temper() }
    behaviour.reportDelay = random.milliseconds(0...5)
    behaviour.stopCommandTakes = random.milliseconds(0...400)
    behaviour.stopCommandEndsMain = random.chance(60)
    return behaviour
  }
}

extension SeededGenerator {
  fileprivate mutating func service(_ name: String, after others: [Service]) -> Service {
    let port = 8000 + UInt16(others.count)
    let listens = chance(50)
    var service = Service(
      name: name, command: .arguments([name]), workingDirectory: "/", match: [],
      readiness: Readiness(
        check: listens
          ? .probe(.listening([port])) : .delay(milliseconds(0...50), chosen: true),
        timeout: .milliseconds(200)))
    service.isOneshot = chance(20)
    service.onConflict = some(of: [.replace, .replace, .replace, .keep, .fail], orElse: .replace)
    service.stop.timeout = some(of: [.zero, .milliseconds(20), .milliseconds(100)], orElse: .zero)
    service.stop.scope = chance(70) ? .group : .main
    if chance(20) { service.stop.command = .shell("stop") }
    for other in others where chance(45) {
      let condition: Dependency.Condition =
        other.isOneshot && chance(50)
        ? .completed : some(of: [.started, .ready, .ready], orElse: .ready)
      service.dependsOn.append(Dependency(service: other.name, condition: condition))
    }
    return service
  }

  fileprivate mutating func deed(_ names: [String], _ id: Int) -> Deed.What {
    let earlier = id > 0 ? Int.random(in: 0..<id, using: &self) : 0
    switch Int.random(in: 0..<100, using: &self) {
    case ..<42: return .start(start(names))
    case ..<58:
      return .stop(
        targets: subset(of: names), timeout: chance(20) ? milliseconds(0...50) : nil,
        isForced: chance(15), isAll: chance(20))
    case ..<62:
      return .clean(targets: subset(of: names), isForced: chance(20), isDryRun: chance(10))
    case ..<69:
      return .wait(
        targets: subset(of: names), goal: chance(60) ? .ready : .stopped,
        timeout: chance(50) ? milliseconds(0...300) : nil)
    case ..<78: return .cancel(deed: earlier, isForced: chance(20))
    case ..<84: return .disconnect(deed: earlier)
    case ..<90: return .stray(service: some(of: names, orElse: "a"), temper())
    case ..<95:
      return .signalMain(
        service: some(of: names, orElse: "a"), some(of: [.terminate, .kill], orElse: .kill))
    default: return .supervisorDeath(afterEffects: Int.random(in: 0...6, using: &self))
    }
  }

  private mutating func start(_ names: [String]) -> Deed.Start {
    var start = Deed.Start(targets: subset(of: names))
    if chance(25) { start.conflict = some(of: [.replace, .keep, .fail], orElse: .replace) }
    start.waits = chance(85)
    if chance(20) { start.timeout = milliseconds(0...250) }
    start.isLease = chance(15)
    start.isDryRun = chance(4)
    start.withoutDependencies = chance(15)
    start.beganBefore = chance(60) ? milliseconds(0...3) : milliseconds(0...200)
    start.variant = chance(20) ? 1 : 0
    return start
  }
}
