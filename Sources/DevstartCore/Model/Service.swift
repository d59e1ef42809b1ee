/// One service as the manifest describes it, every default filled in and every path absolute.
package struct Service: Equatable, Sendable {
  package var name: String
  package var categories: [String] = []
  package var command: Command
  /// Absolute.
  package var workingDirectory: String
  /// What the manifest adds to the environment of the command that starts the service.
  package var environment: [String: String] = [:]
  /// What recognises the service's processes; its default is `MatchRule.defaults(for:)`.
  package var match: [MatchRule]
  package var matchScope = MatchScope.project
  package var spare: [MatchRule] = MatchRule.sparedByDefault
  package var onConflict = ConflictPolicy.replace
  package var dependsOn: [Dependency] = []
  package var readiness: Readiness
  package var stop = StopPolicy()
  package var ports: [UInt16] = []
  package var isOneshot = false
  package var startsAutomatically = true
  package var standardInput = StandardInput.null
  package var liveness: Liveness?
  /// The longest silence on the notify socket.
  package var heartbeat: Duration?
  package var restart = Restart()
  package var limits = Limits()
  package var watch: Watch?
  package var hooks = Hooks()
  package var log = LogPolicy()
  package var image: String?
  package var health: HealthEndpoint?

  package init(
    name: String, command: Command, workingDirectory: String, match: [MatchRule],
    readiness: Readiness
  ) {
    self.name = name
    self.command = command
    self.workingDirectory = workingDirectory
    self.match = match
    self.readiness = readiness
  }
}

/// What is executed.
package enum Command: Equatable, Sendable {
  /// Executed as it is; the first is looked up in `PATH`. Never empty.
  case arguments([String])
  /// Run by `/bin/sh -c`.
  case shell(String)

  /// The argument vector that execve(2) gets.
  package var argumentVector: [String] {
    switch self {
    case .arguments(let arguments): arguments
    case .shell(let text): ["/bin/sh", "-c", text]
    }
  }
}

/// Which processes a `match` rule may hit.
package enum MatchScope: String, CaseIterable, Sendable {
  /// Those for whose working directory the nearest manifest upwards is this one.
  case project
  /// Any of this user's.
  case user
}

/// What a start does with a service that already runs.
package enum ConflictPolicy: String, CaseIterable, Sendable {
  case replace, keep, fail
}

/// What a service waits for before it is launched.
package struct Dependency: Equatable, Sendable {
  package enum Condition: String, CaseIterable, Sendable {
    case started, ready, completed
  }

  package var service: String
  package var condition: Condition

  package init(service: String, condition: Condition) {
    self.service = service
    self.condition = condition
  }
}

/// How a starting service is found to be ready.
package struct Readiness: Equatable, Sendable {
  package enum Check: Equatable, Sendable {
    case probe(Probe)
    /// The regular expression fits something that the launch has written.
    case log(String)
    /// It has sent `READY=1`.
    case notify
    /// It is alive after this long; `chosen` is false where the manifest names no check at all.
    case delay(Duration, chosen: Bool)
  }

  package var check: Check
  package var timeout: Duration
  package var interval: Duration

  package init(
    check: Check, timeout: Duration = .seconds(30), interval: Duration = .milliseconds(50)
  ) {
    self.check = check
    self.timeout = timeout
    self.interval = interval
  }

  /// The default: its ports listening if it has any, else 200 ms of life.
  package static func byDefault(ports: [UInt16]) -> Readiness {
    Readiness(
      check: ports.isEmpty ? .delay(.milliseconds(200), chosen: false) : .probe(.listening(ports)))
  }
}

/// How a service is asked to end.
package struct StopPolicy: Equatable, Sendable {
  package enum Scope: String, CaseIterable, Sendable {
    /// Main's process group.
    case group
    /// Main alone first.
    case main
  }

  package var signal = Signal.terminate
  package var timeout = Duration.seconds(10)
  package var scope = Scope.group
  package var command: Command?

  package init() {}
}

/// What a service reads from.
package enum StandardInput: String, CaseIterable, Sendable {
  case null
  /// A pipe that never ends.
  case open
}
