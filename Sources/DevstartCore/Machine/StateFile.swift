/// What cannot be seen of the services: how they came to be down, what was about to be ended, how
/// long they took to be ready, and whose leases there are.
package struct StateFile: Equatable, Sendable {
  package static let name = "state.json"

  package struct Entry: Equatable, Sendable {
    package var kind = Ending.Kind.stopped
    package var reason: String?
    package var exit: ExitStatus?
    /// The launch that this tells of.
    package var launch: String?
    /// The launch that is being ended, and must be by whoever reads this.
    package var stopping: Stop?
    package var ready: Ready?
    /// The launch was alive when this was written: how it ends is to be told.
    package var isAlive = false
    /// The restarts that it had by itself.
    package var restarts = RestartHistory()
    /// It waits to be launched again; what that is made of, the supervisor alone knows.
    package var isExpected = false
    /// To have ended with 0 is what is wanted of it.
    package var isOneshot = false

    package struct Stop: Equatable, Sendable {
      package var launch: String
      package var cause: Stopping.Cause
    }

    package struct Ready: Equatable, Sendable {
      package var launch: String
      package var after: Duration

      package init(launch: String, after: Duration) {
        self.launch = launch
        self.after = after
      }
    }

    package init() {}
  }

  /// Whose launches end with the connection of a process.
  package struct Lease: Equatable, Sendable {
    package var holder: ProcessIdentity
    package var launches: [String]

    package init(holder: ProcessIdentity, launches: [String]) {
      self.holder = holder
      self.launches = launches
    }
  }

  package var world: ProcessWorld
  package var entries: [String: Entry] = [:]
  package var leases: [Lease] = []
  /// Where the project's own endpoint is served; the services' are in their specifications.
  package var health: HealthEndpoint?
  package var counters = ProjectCounters()
  /// What the next reply tells people.
  package var warnings: [String] = []
  /// Whether the file says less than is known.
  package var isStale = false
  /// What was written last.
  private var written: [UInt8] = []

  package init(world: ProcessWorld) { self.world = world }

  /// Takes over what another supervisor wrote; what another boot wrote tells only how services
  /// ended.
  package init(parsing bytes: [UInt8], world: ProcessWorld) throws {
    self.world = world
    let json = try JSON.parse(bytes)
    let isSameWorld =
      json["boot"]?.string == world.bootID
      && json["pidNamespace"]?.string == String(world.pidNamespace)
    for member in json["services"]?.members ?? [] {
      var entry = Entry()
      entry.kind = try member.value.choice("kind")
      entry.reason = member.value["reason"]?.string
      entry.exit = try member.value.optionalMessage("exit")
      entry.launch = member.value["launch"]?.string
      entry.isExpected = member.value["expected"]?.bool ?? false
      entry.isOneshot = member.value["oneshot"]?.bool ?? false
      if isSameWorld {
        entry.isAlive = member.value["alive"]?.bool ?? false
        if let launch = member.value["stopping"]?.string {
          let cause: Stopping.Cause? = try member.value.optionalMessage("cause")
          entry.stopping = Entry.Stop(launch: launch, cause: cause ?? .asked)
        }
        if let ready = member.value["ready"], !ready.isNull {
          entry.ready = Entry.Ready(
            launch: try ready.text("launch"), after: try ready.duration("after"))
        }
        entry.restarts.count = try member.value.optionalCount("restarts") ?? 0
        entry.restarts.recent = (member.value["recent"]?.array ?? []).compactMap {
          $0.integer.map { Instant(nanoseconds: Int64($0)) }
        }
        let causes = member.value["causes"]
        for cause in RestartCause.allCases {
          entry.restarts.causes[cause] = try causes?.optionalCount(cause.rawValue)
        }
        entry.restarts.lastExit = try member.value.optionalMessage("lastExit")
      }
      entries[member.key] = entry
    }
    health = try json.optionalMessage("health")
    counters = try json.optionalMessage("counters") ?? ProjectCounters()
    guard isSameWorld else { return }
    leases = try (json["leases"]?.array ?? []).map { lease in
      Lease(holder: try lease.message("holder"), launches: try lease.texts("launches"))
    }
  }

  private var json: JSON {
    let services = entries.sorted { $0.key < $1.key }.map { name, entry in
      var value: JSON = [
        "kind": JSON(entry.kind.rawValue), "reason": JSON(entry.reason),
        "exit": entry.exit?.json ?? nil, "launch": JSON(entry.launch),
        "stopping": JSON(entry.stopping?.launch),
        "ready": entry.ready.map {
          ["launch": JSON($0.launch), "after": JSON(Int($0.after.nanoseconds))]
        } ?? nil,
      ]
      if entry.restarts.count > 0 || !entry.restarts.recent.isEmpty {
        let recent = entry.restarts.recent.map { JSON(Int($0.nanoseconds)) }
        let causes = entry.restarts.causes.map { ($0.rawValue, JSON($1)) }
        let more: JSON = [
          "restarts": JSON(entry.restarts.count), "recent": JSON(recent),
          "causes": JSON(
            .object(causes.sorted { $0.0 < $1.0 }.map { JSON.Member(key: $0, value: $1) })),
        ]
        value = value.merging(more)
      }
      if let exit = entry.restarts.lastExit { value = value.merging(["lastExit": exit.json]) }
      if let cause = entry.stopping?.cause, cause != .asked {
        value = value.merging(["cause": cause.json])
      }
      if entry.isAlive { value = value.merging(["alive": true]) }
      if entry.isExpected { value = value.merging(["expected": true]) }
      if entry.isOneshot { value = value.merging(["oneshot": true]) }
      return JSON.Member(key: name, value: value)
    }
    var whole: JSON = [
      "boot": JSON(world.bootID), "pidNamespace": JSON(String(world.pidNamespace)),
      "services": JSON(.object(services)),
      "leases": JSON(
        leases.map { ["holder": $0.holder.json, "launches": JSON($0.launches)] }),
    ]
    if let health { whole = whole.merging(["health": health.json]) }
    if counters != ProjectCounters() { whole = whole.merging(["counters": counters.json]) }
    return whole
  }

  /// The file's new content; nil where it says what was written last.
  package mutating func contentToWrite() -> [UInt8]? {
    isStale = false
    let content = json.indentedBytes + [UInt8(ascii: "\n")]
    guard content != written else { return nil }
    written = content
    return content
  }

  /// The file was deleted: whatever was written, it says nothing now.
  package mutating func forgetWritten() { written = [] }

  /// Takes in a launch that ended while nobody supervised; false where its end was told before.
  /// What a supervisor was about to end, it ended, for the reason that it had.
  package mutating func learn(end exit: ExitStatus, of launch: String, service: String) -> Bool {
    let known = entries[service]
    if let known, known.ready == nil, known.stopping == nil, !known.isAlive {
      if known.launch == launch { return false }
      // One that came and went between two writes has been told of without its launch.
      if known.launch == nil, known.exit == exit { return false }
    }
    let wasReady = known?.ready?.launch == launch
    var entry = Entry(
      of: Ending(exit.endingKind, .ended(exit, after: .zero, wasReady: wasReady), exit: exit),
      launch: launch)
    if let known, known.stopping?.launch == launch {
      entry.kind = known.kind
      entry.reason = known.reason
      entry.isExpected = known.isExpected
    }
    entry.isOneshot = known?.isOneshot ?? false
    entries[service] = entry
    isStale = true
    return true
  }

  /// Takes in how the services are now.
  package mutating func update(from fleet: FleetMachine) {
    for (name, machine) in fleet.services {
      var entry = entries[name] ?? Entry()
      switch machine.life {
      case .down(let ending):
        // What was never started has nothing to tell; what was told stays told.
        if ending.reason == .neverStarted { continue }
        entry = Entry(of: ending, launch: machine.lastStop?.launch ?? entries[name]?.launch)
      case .resting(let specification, let ending):
        entry = Entry(of: ending, launch: specification.launch)
        entry.isExpected = true
      case .backoff(let specification, _, let ending):
        entry = Entry(of: ending, launch: specification.launch)
        entry.isExpected = true
      case .waiting: entry.stopping = nil
      case .starting(let launch, _), .ready(let launch, _), .finished(let launch):
        entry = Entry()
        entry.launch = launch.id
        entry.isAlive = true
        entry.ready = launch.readyAfter.map { .init(launch: launch.id, after: $0) }
      case .stopping(let launch, let stopping):
        // How it will be down, and what is to follow, should nobody see its end.
        let ready = entry.ready
        entry = Entry(of: stopping.ending, launch: launch.id)
        entry.ready = ready
        entry.stopping = Entry.Stop(launch: launch.id, cause: stopping.cause)
        entry.isExpected = stopping.isFollowed(of: launch.service)
      }
      entry.restarts = machine.restarts
      entry.restarts.since = nil
      entry.isOneshot = fleet.isOneshot(name) ?? entries[name]?.isOneshot ?? false
      entries[name] = entry
    }
  }
}

extension StateFile.Entry {
  /// The restarts that led to this launch: those of a launch that somebody asked for since are none.
  package func restarts(before launch: LaunchSpecification) -> RestartHistory {
    self.launch.map { $0.prefix { $0 != "." } == launch.origin } == true
      ? restarts : RestartHistory()
  }

  /// How its last launch ended.
  package var told: Ending { Ending(kind, reason.map { .told($0) } ?? .asked, exit: exit) }

  /// How the service is down, for whoever did not see it end.
  package var ending: Ending {
    guard isExpected else { return told }
    let why =
      "\(reason ?? "ended"); the supervisor was killed before it could launch it again: "
      + "start it"
    return Ending(.failed, .told(why), exit: exit)
  }

  fileprivate init(of ending: Ending, launch: String?) {
    self.launch = launch
    kind = ending.kind
    reason = ending.reason == .asked ? nil : Words.ending(ending)
    exit = ending.exit
  }
}
