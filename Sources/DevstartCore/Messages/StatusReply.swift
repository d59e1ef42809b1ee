/// The states that `status` shows.
package enum ServiceState: String, CaseIterable, Sendable {
  case stopped, waiting, starting, ready, unhealthy, stopping, backoff, failed, completed
}

/// One service in `status --json`; times are milliseconds since 1970.
package struct ServiceStatus: Equatable, Sendable {
  package var name: String
  package var categories: [String] = []
  package var state = ServiceState.stopped
  package var pid: Int32?
  package var startedAt: Int?
  package var uptimeSeconds: Double?
  package var readySeconds: Double?
  package var restarts = 0
  package var exit: ExitStatus?
  /// Why it is in this state, in words.
  package var reason: String?
  package var processes: Int?
  package var memoryBytes: Int?
  /// Of one core, averaged over the launch's life.
  package var cpuPercent: Double?
  package var ports: [UInt16] = []
  /// What is left of its `maxRuntime`.
  package var remainingSeconds: Double?
  /// Since its last `WATCHDOG=1`, where it owes any.
  package var heartbeatAgeSeconds: Double?
  /// What it says of itself: `STATUS=` (sd_notify(3)).
  package var statusText: String?

  package init(name: String) { self.name = name }

  /// As people get it; the paths are relative to the manifest's folder.
  package func json(pidFile: String, log: String) -> JSON {
    let base: JSON = [
      "name": JSON(name), "categories": JSON(categories), "state": JSON(state.rawValue),
      "pid": JSON(pid.map { Int($0) }), "startedAt": JSON(startedAt.map(Timestamp.text)),
      "uptimeSeconds": JSON(uptimeSeconds.map(rounded)),
      "readySeconds": JSON(readySeconds.map(rounded)), "restarts": JSON(restarts),
      "exit": exit?.json ?? nil, "reason": JSON(reason), "processes": JSON(processes),
      "memoryBytes": JSON(memoryBytes), "cpuPercent": JSON(cpuPercent.map(rounded)),
      "ports": JSON(ports.map { JSON(Int($0)) }), "pidFile": JSON(pidFile), "log": JSON(log),
    ]
    var members = base.members ?? []
    // Only where there is something to say: most services have no such thing.
    func add(_ key: String, _ value: JSON?) {
      if let value { members.append(JSON.Member(key: key, value: value)) }
    }
    add("remainingSeconds", remainingSeconds.map { JSON(rounded($0)) })
    add("heartbeatAgeSeconds", heartbeatAgeSeconds.map { JSON(rounded($0)) })
    add("statusText", statusText.map { JSON($0) })
    return JSON(.object(members))
  }
}

// MARK: On the control socket

extension ServiceStatus {
  /// What is nil or has its default is left out; times are whole milliseconds and percentages
  /// whole thousandths, as whole numbers are written and read in a tenth of the time. Of a
  /// hundred services, that is the difference between a status that is felt and one that is not.
  fileprivate var message: JSON {
    var members: [JSON.Member] = []
    members.reserveCapacity(12)
    func add(_ key: String, _ value: JSON) { members.append(JSON.Member(key: key, value: value)) }
    func add(_ key: String, _ value: Int?) { if let value { add(key, JSON(value)) } }
    add("name", JSON(name))
    add("state", JSON(state.rawValue))
    add("pid", pid.map { Int($0) })
    add("started", startedAt)
    add("uptime", uptimeSeconds.map(Self.thousandths))
    add("ready", readySeconds.map(Self.thousandths))
    add("processes", processes)
    add("memory", memoryBytes)
    add("cpu", cpuPercent.map(Self.thousandths))
    if restarts != 0 { add("restarts", restarts) }
    if let exit { add("exit", exit.json) }
    if let reason { add("reason", JSON(reason)) }
    add("left", remainingSeconds.map(Self.thousandths))
    add("beat", heartbeatAgeSeconds.map(Self.thousandths))
    if let statusText { add("says", JSON(statusText)) }
    if !categories.isEmpty { add("categories", JSON(categories)) }
    if !ports.isEmpty { add("ports", JSON(ports.map { JSON(Int($0)) })) }
    return JSON(.object(members))
  }

  fileprivate init(message json: JSON) throws(MessageError) {
    guard case .object(let members) = json.kind else { throw MessageError(key: "services") }
    self.init(name: try json.text("name"))
    for member in members { try take(member) }
  }

  private mutating func take(_ member: JSON.Member) throws(MessageError) {
    let value = member.value
    switch member.key {
    case "state":
      guard let known = value.string.flatMap(ServiceState.init(rawValue:)) else {
        throw MessageError(key: "state")
      }
      state = known
    case "pid": pid = value.integer.flatMap { Int32(exactly: $0) }
    case "started": startedAt = value.integer
    case "uptime": uptimeSeconds = Self.units(value)
    case "ready": readySeconds = Self.units(value)
    case "processes": processes = value.integer
    case "memory": memoryBytes = value.integer
    case "cpu": cpuPercent = Self.units(value)
    case "restarts": restarts = value.integer ?? 0
    case "exit": exit = try ExitStatus(json: value)
    case "reason": reason = value.string
    case "left": remainingSeconds = Self.units(value)
    case "beat": heartbeatAgeSeconds = Self.units(value)
    case "says": statusText = value.string
    case "categories": categories = value.strings ?? []
    case "ports":
      ports = value.array?.compactMap { $0.integer.flatMap { UInt16(exactly: $0) } } ?? []
    default: break  // A newer supervisor may tell more.
    }
  }

  private static func thousandths(_ value: Double) -> Int {
    abs(value) < 1e12 ? Int((value * 1000).rounded()) : 0
  }

  private static func units(_ json: JSON) -> Double? { json.integer.map { Double($0) / 1000 } }
}

/// The reply to `status`, and each notification of `watch`.
package struct StatusReply: Message, Equatable {
  package var supervisor: Int32?
  package var services: [ServiceStatus]

  package init(supervisor: Int32?, services: [ServiceStatus]) {
    self.supervisor = supervisor
    self.services = services
  }

  package var json: JSON {
    ["supervisor": JSON(supervisor.map { Int($0) }), "services": JSON(services.map(\.message))]
  }

  package init(json: JSON) throws(MessageError) {
    self.init(
      supervisor: json.int32("supervisor"),
      services: try json.list("services") { json throws(MessageError) in
        try ServiceStatus(message: json)
      })
  }
}
