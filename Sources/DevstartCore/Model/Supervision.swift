/// What one look at a running service asks.
package enum Probe: Equatable, Sendable {
  /// A member of the launch listens on each of these TCP ports.
  case listening([UInt16])
  /// `GET` of the address answers with the status, or with any of 200 to 299 where it is nil.
  case http(String, status: Int?)
  /// The command exits with 0.
  case command(Command)
}

/// How a service that is up is found to be alive.
package struct Liveness: Equatable, Sendable {
  package enum Check: Equatable, Sendable {
    case probe(Probe)
    /// It has sent `WATCHDOG=1` since the last check.
    case notify
  }

  package var check: Check
  package var interval = Duration.seconds(10)
  /// Of one probe.
  package var timeout = Duration.seconds(5)
  /// In a row, until it counts as unhealthy.
  package var failures = 3

  package init(check: Check) { self.check = check }
}

/// Whether and how soon a service that ended is launched again.
package struct Restart: Equatable, Sendable {
  package var policy = RestartPolicy.never
  /// How many restarts there may be `within` that time.
  package var max = 5
  package var within = Duration.seconds(60)
  /// Before the first restart; doubles with each more within the time, up to `maxBackoff`.
  package var backoff = Duration.milliseconds(100)
  package var maxBackoff = Duration.seconds(30)

  package init() {}
}

/// Bounds for a service's whole process tree.
package struct Limits: Equatable, Sendable {
  package var maxRuntime: Duration?
  /// Proportional memory plus swap, in bytes.
  package var memory: Int?
  /// In percent of one core, averaged over `samples`.
  package var cpu: Double?
  package var samples = 5
  package var every = Duration.seconds(5)
  package var onExceed = ExceedPolicy.stop

  package init() {}

  /// Whether anything has to be measured.
  package var needsSamples: Bool { memory != nil || cpu != nil }
}

/// Which files' changes restart a service, or send it a signal.
package struct Watch: Equatable, Sendable {
  /// Glob patterns, relative to the manifest's folder.
  package var paths: [String]
  package var ignore: [String] = []
  package var debounce = Duration.milliseconds(300)
  /// nil: it is restarted.
  package var signal: Signal?

  package init(paths: [String]) { self.paths = paths }
}

/// Commands that are run when something has happened to a service.
package struct Hooks: Equatable, Sendable {
  package var ready: Command?
  package var failed: Command?
  package var stopped: Command?
  package var restarted: Command?

  package init() {}

  package subscript(hook: HooksKey) -> Command? {
    switch hook {
    case .ready: ready
    case .failed: failed
    case .stopped: stopped
    case .restarted: restarted
    }
  }
}

/// How large a log grows before its head goes into `.log.1`, and how many of these are kept.
package struct LogPolicy: Equatable, Sendable {
  /// In bytes.
  package var maxSize = 50 << 20
  package var keep = 3

  package init() {}
}

/// Where HTTP endpoints are served.
package struct HealthEndpoint: Equatable, Sendable {
  package var port: UInt16
  /// An address or `localhost`.
  package var host = "127.0.0.1"

  package init(port: UInt16) { self.port = port }
}
