/// What is measured of one service.
package struct ServiceFacts: Equatable, Sendable {
  package var status: ServiceStatus
  package var health: ServiceHealth
  /// Of its launch; nil where nothing of it runs.
  package var cpuSeconds: Double?
  /// Of its log now.
  package var logBytes: Int
  package var restarts: [RestartCause: Int] = [:]
  package var lastExit: ExitStatus?
  package var limits = Limits()
  package var heartbeat: Duration?

  package init(status: ServiceStatus, health: ServiceHealth, logBytes: Int) {
    self.status = status
    self.health = health
    self.logBytes = logBytes
  }

  /// The shape of `/metrics` in JSON.
  package var json: JSON {
    [
      "metrics": [
        "pid": JSON(status.pid.map { Int($0) }),
        "uptime_seconds": JSON(status.uptimeSeconds.map(rounded)),
        "cpu_percent": JSON(status.cpuPercent.map(rounded)),
        "memory_mb": JSON(status.memoryBytes.map { rounded(Double($0) / 1_048_576) }),
        "heartbeat_age_seconds": JSON(status.heartbeatAgeSeconds.map(rounded)),
      ],
      "health": health.json,
      "runtime": [
        "uptime_hours": JSON(status.uptimeSeconds.map { rounded($0 / 3600) }),
        "remaining_hours": JSON(status.remainingSeconds.map { rounded($0 / 3600) }),
      ],
    ]
  }
}

/// What is measured of the supervisor and of the project as a whole.
package struct SupervisorFacts: Equatable, Sendable {
  package var pid: Int32
  /// Milliseconds since 1970.
  package var startedAt: Int
  package var uptimeSeconds: Double
  package var memoryBytes: Int
  package var cpuSeconds: Double
  package var counters: ProjectCounters

  package init(
    pid: Int32, startedAt: Int, uptimeSeconds: Double, memoryBytes: Int, cpuSeconds: Double,
    counters: ProjectCounters
  ) {
    self.pid = pid
    self.startedAt = startedAt
    self.uptimeSeconds = uptimeSeconds
    self.memoryBytes = memoryBytes
    self.cpuSeconds = cpuSeconds
    self.counters = counters
  }

  package var json: JSON {
    let ended = counters.straysEnded.sorted { $0.key.rawValue < $1.key.rawValue }
    return [
      "version": JSON(programVersion), "pid": JSON(Int(pid)),
      "uptime_seconds": JSON(rounded(uptimeSeconds)),
      "memory_mb": JSON(rounded(Double(memoryBytes) / 1_048_576)),
      "cpu_seconds": JSON(rounded(cpuSeconds)),
      "conflicts": [
        "detected": JSON(counters.conflictsDetected), "resolved": JSON(counters.conflictsResolved),
      ],
      "strays": [
        "found": JSON(counters.straysFound),
        "ended": JSON(
          .object(ended.map { JSON.Member(key: $0.key.rawValue, value: JSON($0.value)) })),
      ],
      "take_overs": JSON(counters.takeOvers),
    ]
  }
}

/// What has happened to a project, counted over all its supervisors.
package struct ProjectCounters: Equatable, Sendable {
  /// Services that were found running unsupervised, or their port held, by a command.
  package var conflictsDetected = 0
  /// Of these, those whose strays were all ended.
  package var conflictsResolved = 0
  package var straysFound = 0
  package var straysEnded: [Signal: Int] = [:]
  /// How often a supervisor took over what another had launched.
  package var takeOvers = 0

  package init() {}
}

extension ProjectCounters: Message {
  package var json: JSON {
    let ended = straysEnded.sorted { $0.key.rawValue < $1.key.rawValue }.map {
      JSON.Member(key: $0.key.rawValue, value: JSON($0.value))
    }
    return [
      "detected": JSON(conflictsDetected), "resolved": JSON(conflictsResolved),
      "found": JSON(straysFound), "ended": JSON(.object(ended)), "takeOvers": JSON(takeOvers),
    ]
  }

  package init(json: JSON) throws(MessageError) {
    conflictsDetected = try json.count("detected")
    conflictsResolved = try json.count("resolved")
    straysFound = try json.count("found")
    takeOvers = try json.count("takeOvers")
    guard let ended = json["ended"] else { return }
    for member in ended.members ?? [] {
      guard let signal = Signal(rawValue: member.key) else { throw MessageError(key: "ended") }
      straysEnded[signal] = try ended.count(member.key)
    }
  }
}

/// Why a service was launched again by itself.
package enum RestartCause: String, CaseIterable, Sendable {
  case exited
  case signal
  case notReady = "not_ready"
  case unhealthy
  case maxRuntime = "max_runtime"
  case memory
  case cpu
  case filesChanged = "files_changed"

  init(_ reason: Ending.Reason) {
    switch reason {
    case .ended(.signal, _, _): self = .signal
    case .ended(.code, _, _), .ended(.unknown, _, _): self = .exited
    case .notReady: self = .notReady
    case .unhealthy: self = .unhealthy
    case .exceeded(.runtime): self = .maxRuntime
    case .exceeded(.memory): self = .memory
    case .exceeded(.cpu): self = .cpu
    case .filesChanged: self = .filesChanged
    case .gaveUp(_, _, let last): self.init(last)
    case .neverStarted, .asked, .notLaunched, .dependency, .told: self = .exited
    }
  }
}
