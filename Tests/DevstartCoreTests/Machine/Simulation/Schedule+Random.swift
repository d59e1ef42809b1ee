import DevstartCore
import TestSupport

extension SeededRandom {
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
      killDelay: chance(2) ? milliseconds(4000...7000) : milliseconds(0...3),
      isInGroup: chance(70))
  }
}

extension Schedule {
  init(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let names = Array(["a", "b", "c", "d"].prefix(Int.random(in: 1...4, using: &random)))
    var services: [Service] = []
    for name in names { services.append(random.service(name, after: services)) }
    var deeds: [Deed] = []
    for id in 0..<Int.random(in: 1...8, using: &random) {
      // Some come in the middle of what another has begun.
      let earlier = random.chance(35) ? deeds.randomElement(using: &random) : nil
      let at = earlier.map { $0.at + random.milliseconds(0...60) } ?? random.milliseconds(0...400)
      deeds.append(Deed(id: id, at: at, what: random.deed(names, id)))
    }
    self.init(
      seed: seed, services: services, deeds: deeds,
      calmFrom: Int.random(in: 2...7, using: &random))
  }

  /// What a service's launch of that number does: the same whatever else is dropped.
  func behaviour(of service: Service, launch: Int) -> Behaviour {
    var behaviour = wildBehaviour(of: service, launch: launch)
    // Some write what they watch themselves, and never stop doing so.
    let isLooping = (seed &+ UInt64(service.name.utf8.first ?? 0)) % 29 == 0
    behaviour.writesAfter = isLooping ? behaviour.writesAfter ?? .milliseconds(3) : nil
    guard launch >= calmFrom else { return behaviour }
    var calm = Behaviour()
    calm.main = behaviour.main
    calm.children = behaviour.children
    calm.reportDelay = behaviour.reportDelay
    calm.startDelay = behaviour.startDelay
    calm.writesAfter = behaviour.writesAfter
    if service.isOneshot { calm.endsAfter = .milliseconds(5) }
    return calm
  }

  private func wildBehaviour(of service: Service, launch: Int) -> Behaviour {
    let number = UInt64(service.name.utf8.first ?? 0) &* 1000 &+ UInt64(launch)
    var random = SeededRandom(seed: seed &* 31 &+ number)
    var behaviour = Behaviour()
    behaviour.cannotLaunch = random.chance(3)
    behaviour.cannotExecute = random.chance(4)
    behaviour.startDelay = random.milliseconds(0...10)
    behaviour.listensAfter = random.chance(10) ? nil : random.milliseconds(0...80)
    let end = random.milliseconds(0...150)
    if random.chance(30) || service.isOneshot { behaviour.endsAfter = end }
    behaviour.exit = random.some(
      of: [.code(0), .code(0), .code(1), .code(1), .signal("TERM"), .signal("SEGV")],
      orElse: .code(0))
    behaviour.main = random.temper()
    behaviour.children = (0..<Int.random(in: 0...2, using: &random)).map { _ in random.temper() }
    behaviour.reportDelay = random.milliseconds(0...5)
    behaviour.stopCommandTakes = random.milliseconds(0...400)
    behaviour.stopCommandEndsMain = random.chance(60)
    random.add(to: &behaviour)
    return behaviour
  }
}

extension SeededRandom {
  /// What supervision is about: answers, silence, hunger.
  fileprivate mutating func add(to behaviour: inout Behaviour) {
    behaviour.losesKeeper = chance(2)
    behaviour.answersAfter = chance(10) ? nil : milliseconds(0...(chance(20) ? 60 : 4))
    behaviour.sick = chance(30) ? span() : nil
    behaviour.logsAfter = chance(15) ? nil : milliseconds(0...120)
    behaviour.saysReadyAfter = chance(15) ? nil : milliseconds(0...120)
    behaviour.beatsEvery = milliseconds(15...40)
    behaviour.silent = chance(30) ? span() : nil
    behaviour.triggersAfter = maybe(10)
    behaviour.saysStoppingAfter = maybe(10)
    behaviour.hungryAfter = maybe(30)
    behaviour.busyAfter = maybe(30)
    behaviour.writesAfter = milliseconds(0...60)
  }

  private mutating func maybe(_ percent: Int) -> Duration? {
    let after = milliseconds(0...300)
    return chance(percent) ? after : nil
  }

  private mutating func span() -> Range<Duration> {
    let begin = milliseconds(0...200)
    return begin..<begin + milliseconds(1...300)
  }
}

extension SeededRandom {
  fileprivate mutating func service(_ name: String, after others: [Service]) -> Service {
    let probe = probe(8000 + UInt16(others.count))
    var service = Service(
      name: name, command: .arguments([name]), workingDirectory: "/", match: [],
      readiness: Readiness(
        check: some(
          of: [
            .probe(probe), .probe(probe), .log("up"), .notify,
            .delay(milliseconds(0...50), chosen: true),
          ], orElse: .notify),
        timeout: .milliseconds(200), interval: milliseconds(5...50)))
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
    supervise(&service, probe)
    return service
  }

  private mutating func probe(_ port: UInt16) -> Probe {
    some(
      of: [
        .listening([port]), .listening([port]), .http("http://localhost", status: nil),
        .command(.shell("probe")),
      ], orElse: .listening([port]))
  }

  private mutating func supervise(_ service: inout Service, _ probe: Probe) {
    service.restart.policy = some(
      of: [.never, .never, .onFailure, .onFailure, .always], orElse: .never)
    service.restart.max = Int.random(in: 0...4, using: &self)
    service.restart.within = chance(30) ? milliseconds(50...400) : .seconds(60)
    service.restart.backoff = chance(30) ? .zero : milliseconds(1...40)
    service.restart.maxBackoff = milliseconds(0...100)
    if chance(35) {
      var liveness = Liveness(check: chance(70) ? .probe(probe) : .notify)
      liveness.interval = milliseconds(40...120)
      liveness.timeout = milliseconds(5...40)
      liveness.failures = Int.random(in: 1...3, using: &self)
      service.liveness = liveness
    }
    if chance(20) { service.heartbeat = milliseconds(30...100) }
    if chance(15) { service.limits.maxRuntime = milliseconds(30...400) }
    if chance(20) { service.limits.memory = 100 }
    if chance(20) { service.limits.cpu = 50 }
    service.limits.samples = Int.random(in: 1...3, using: &self)
    service.limits.every = milliseconds(20...90)
    service.limits.onExceed = chance(50) ? .stop : .restart
    if chance(30) {
      var watch = Watch(paths: ["*"])
      watch.debounce = milliseconds(5...40)
      if chance(25) { watch.signal = .hangUp }
      service.watch = watch
    }
    if chance(60) { service.hooks.ready = .shell("hook") }
    if chance(60) { service.hooks.failed = .shell("hook") }
    if chance(60) { service.hooks.stopped = .shell("hook") }
    if chance(60) { service.hooks.restarted = .shell("hook") }
  }

  fileprivate mutating func deed(_ names: [String], _ id: Int) -> Deed.What {
    let earlier = id > 0 ? Int.random(in: 0..<id, using: &self) : 0
    switch Int.random(in: 0..<100, using: &self) {
    case ..<38: return .start(start(names))
    case ..<50:
      return .stop(
        targets: subset(of: names), timeout: chance(20) ? milliseconds(0...50) : nil,
        isForced: chance(15), isAll: chance(20))
    case ..<53:
      return .clean(targets: subset(of: names), isForced: chance(20), isDryRun: chance(10))
    case ..<60:
      return .wait(
        targets: subset(of: names), goal: chance(60) ? .ready : .stopped,
        timeout: chance(50) ? milliseconds(0...300) : nil)
    case ..<68: return .cancel(deed: earlier, isForced: chance(20))
    case ..<74: return .disconnect(deed: earlier)
    case ..<78: return .stray(service: some(of: names, orElse: "a"), temper())
    case ..<92: return .change(service: some(of: names, orElse: "a"))
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
