/// The version of what is said on the control socket. A supervisor that hears a higher number
/// executes the newer program in its own place.
package let protocolVersion = 3

/// The version of devstart, as `devstart version` says it.
package let programVersion = "0.1.0"

/// The first thing on every connection: who asks, with what.
package struct Greeting: Message, Equatable {
  package var protocolVersion: Int
  package var programVersion: String
  /// The asking program's path, for a handover.
  package var executable: String

  package init(protocolVersion: Int, programVersion: String, executable: String) {
    self.protocolVersion = protocolVersion
    self.programVersion = programVersion
    self.executable = executable
  }

  package var json: JSON {
    [
      "protocol": JSON(protocolVersion), "version": JSON(programVersion),
      "executable": JSON(executable),
    ]
  }

  package init(json: JSON) throws(MessageError) {
    self.init(
      protocolVersion: try json.whole("protocol"), programVersion: try json.text("version"),
      executable: try json.text("executable"))
  }
}

/// What a service inherits from the command that starts it.
package struct Caller: Message, Equatable {
  /// One resource limit (getrlimit(2)); nil is «unlimited».
  package struct Limit: Equatable, Sendable {
    package var resource: Int
    package var soft: UInt64
    package var hard: UInt64

    package init(resource: Int, soft: UInt64, hard: UInt64) {
      self.resource = resource
      self.soft = soft
      self.hard = hard
    }
  }

  package var identity: ProcessIdentity
  /// `NAME=value` each, as environ(7) has them.
  package var environment: [String]
  package var umask: Int
  package var limits: [Limit]

  package init(
    identity: ProcessIdentity, environment: [String], umask: Int, limits: [Limit]
  ) {
    self.identity = identity
    self.environment = environment
    self.umask = umask
    self.limits = limits
  }

  package var json: JSON {
    [
      "identity": identity.json, "environment": JSON(environment), "umask": JSON(umask),
      "limits": JSON(
        limits.map { [JSON($0.resource), JSON(String($0.soft)), JSON(String($0.hard))] }),
    ]
  }

  package init(json: JSON) throws(MessageError) {
    self.init(
      identity: try json.message("identity"), environment: try json.texts("environment"),
      umask: try json.whole("umask"),
      limits: try json.list("limits") { json throws(MessageError) in
        guard let parts = json.array, parts.count == 3, let resource = parts[0].integer,
          let soft = parts[1].string.flatMap({ UInt64($0) }),
          let hard = parts[2].string.flatMap({ UInt64($0) })
        else { throw MessageError(key: "limits") }
        return Limit(resource: resource, soft: soft, hard: hard)
      })
  }
}

extension ProcessIdentity: Message {
  package var json: JSON { ["pid": JSON(Int(pid)), "startTicks": JSON(Int(startTicks))] }

  package init(json: JSON) throws(MessageError) {
    guard let pid = Int32(exactly: try json.whole("pid")),
      let ticks = UInt64(exactly: try json.whole("startTicks"))
    else { throw MessageError(key: "pid") }
    self.init(pid: pid, startTicks: ticks)
  }
}

/// Launch these services and, unless told otherwise, wait until they are ready.
package struct StartRequest: Message, Equatable {
  /// The targets and everything they depend on.
  package var services: [Service]
  /// Those that were asked for by name or category; the others are dependencies.
  package var targets: [String]
  package var caller: Caller
  /// Overrides every service's own `onConflict`.
  package var conflict: ConflictPolicy?
  package var waits = true
  package var timeout: Duration?
  /// What this call launches is stopped when its connection ends.
  package var isLease = false
  /// Say what would be done, and do nothing.
  package var isDryRun = false
  /// Where the project's own endpoint is served from now on.
  package var health: HealthEndpoint?

  package init(services: [Service], targets: [String], caller: Caller) {
    self.services = services
    self.targets = targets
    self.caller = caller
  }

  package var json: JSON {
    [
      "services": JSON(services), "targets": JSON(targets), "caller": caller.json,
      "conflict": JSON(conflict?.rawValue), "waits": JSON(waits), "timeout": JSON(timeout),
      "lease": JSON(isLease), "dryRun": JSON(isDryRun), "health": health?.json ?? nil,
    ]
  }

  package init(json: JSON) throws(MessageError) {
    self.init(
      services: try json.messages("services"), targets: try json.texts("targets"),
      caller: try json.message("caller"))
    conflict = try json.optionalChoice("conflict")
    waits = try json.flag("waits")
    timeout = try json.optionalDuration("timeout")
    isLease = try json.flag("lease")
    isDryRun = try json.flag("dryRun")
    health = try json.optionalMessage("health")
  }
}

/// Stop these services, dependants first, and what is left of their earlier launches.
package struct StopRequest: Message, Equatable {
  /// As the manifest has them now; what runs is stopped as it was launched.
  package var services: [Service]
  /// May name services that are in the manifest no more.
  package var targets: [String]
  /// Every launch, also of services that are in the manifest no more.
  package var includesUnlisted = false
  /// Overrides every service's own time between its stop signal and KILL.
  package var timeout: Duration?
  /// KILL at once.
  package var isForced = false

  package init(services: [Service], targets: [String]) {
    self.services = services
    self.targets = targets
  }

  package var json: JSON {
    [
      "services": JSON(services), "targets": JSON(targets),
      "includesUnlisted": JSON(includesUnlisted), "timeout": JSON(timeout),
      "force": JSON(isForced),
    ]
  }

  package init(json: JSON) throws(MessageError) {
    self.init(services: try json.messages("services"), targets: try json.texts("targets"))
    includesUnlisted = try json.flag("includesUnlisted")
    timeout = try json.optionalDuration("timeout")
    isForced = try json.flag("force")
  }
}

/// End the strays of these services and leave their current launches alone.
package struct CleanRequest: Message, Equatable {
  package var services: [Service]
  package var isDryRun = false
  package var isForced = false

  package init(services: [Service]) { self.services = services }

  package var json: JSON {
    ["services": JSON(services), "dryRun": JSON(isDryRun), "force": JSON(isForced)]
  }

  package init(json: JSON) throws(MessageError) {
    self.init(services: try json.messages("services"))
    isDryRun = try json.flag("dryRun")
    isForced = try json.flag("force")
  }
}

/// Wait until all of these services are in a state.
package struct WaitRequest: Message, Equatable {
  package enum Goal: String, Sendable {
    /// Ready, or completed where the service is a oneshot.
    case ready
    case stopped
  }

  package var targets: [String]
  package var goal: Goal
  package var timeout: Duration?
  /// Those of the targets that are up once they have ended with 0.
  package var oneshots: [String]

  package init(targets: [String], goal: Goal, timeout: Duration?, oneshots: [String] = []) {
    self.targets = targets
    self.goal = goal
    self.timeout = timeout
    self.oneshots = oneshots
  }

  package var json: JSON {
    [
      "targets": JSON(targets), "goal": JSON(goal.rawValue), "timeout": JSON(timeout),
      "oneshots": JSON(oneshots),
    ]
  }

  package init(json: JSON) throws(MessageError) {
    self.init(
      targets: try json.texts("targets"), goal: try json.choice("goal"),
      timeout: try json.optionalDuration("timeout"), oneshots: try json.texts("oneshots"))
  }
}

/// What a connection asks for. A connection has one request at a time.
package enum Request: Equatable, Sendable {
  /// The statuses of every service the supervisor knows.
  case status
  /// The same, now and again after each change, until the connection ends.
  case watch
  case start(StartRequest)
  case stop(StopRequest)
  case clean(CleanRequest)
  case wait(WaitRequest)
  /// Ends the connection's request: what it launched is stopped, or KILLed.
  case cancel(isForced: Bool)
  /// Ends when what the named launches are is stopped by the end of this connection.
  case lease(launches: [String])
}

extension Request {
  /// The same, asked so much later: of the time that a command may take, less is left.
  package func asked(after delay: Duration) -> Request {
    switch self {
    case .start(var request):
      request.timeout = request.timeout.map { max(.zero, $0 - delay) }
      return .start(request)
    case .wait(var request):
      request.timeout = request.timeout.map { max(.zero, $0 - delay) }
      return .wait(request)
    case .status, .watch, .stop, .clean, .cancel, .lease: return self
    }
  }

  package var method: String {
    switch self {
    case .status: "status"
    case .watch: "watch"
    case .start: "start"
    case .stop: "stop"
    case .clean: "clean"
    case .wait: "wait"
    case .cancel: "cancel"
    case .lease: "lease"
    }
  }

  package var parameters: JSON {
    switch self {
    case .status, .watch: [:]
    case .start(let request): request.json
    case .stop(let request): request.json
    case .clean(let request): request.json
    case .wait(let request): request.json
    case .cancel(let isForced): ["force": JSON(isForced)]
    case .lease(let launches): ["launches": JSON(launches)]
    }
  }

  /// nil where no such method exists.
  package init?(method: String, parameters: JSON) throws(MessageError) {
    switch method {
    case "status": self = .status
    case "watch": self = .watch
    case "start": self = .start(try StartRequest(json: parameters))
    case "stop": self = .stop(try StopRequest(json: parameters))
    case "clean": self = .clean(try CleanRequest(json: parameters))
    case "wait": self = .wait(try WaitRequest(json: parameters))
    case "cancel": self = .cancel(isForced: try parameters.flag("force"))
    case "lease": self = .lease(launches: try parameters.texts("launches"))
    default: return nil
    }
  }
}
