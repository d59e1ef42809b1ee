/// A launch that is alive, or was a moment ago.
package struct Launch: Equatable, Sendable {
  package var specification: LaunchSpecification
  package var began: Instant
  /// nil until its keeper has executed it.
  package var main: ProcessIdentity?
  /// From its begin to its readiness.
  package var readyAfter: Duration?

  package init(specification: LaunchSpecification, began: Instant) {
    self.specification = specification
    self.began = began
  }

  package var id: String { specification.launch }
  package var service: Service { specification.service }
}

/// How a service came to be down.
package struct Ending: Equatable, Sendable {
  package enum Kind: String, Sendable {
    /// As the user asked, or by TERM, INT, HUP or PIPE from outside.
    case stopped
    /// As nobody asked.
    case failed
    /// It ended by itself with 0.
    case completed
  }

  package var kind: Kind
  package var reason: Reason
  package var exit: ExitStatus?

  package init(_ kind: Kind, _ reason: Reason, exit: ExitStatus? = nil) {
    self.kind = kind
    self.reason = reason
    self.exit = exit
  }

  package enum Reason: Equatable, Sendable {
    case neverStarted
    case asked
    /// It ended by itself, after this long.
    case ended(ExitStatus, after: Duration, wasReady: Bool)
    case notReady(Readiness.Check, after: Duration)
    /// It could not be launched: the reason in the system's words.
    case notLaunched(String)
    /// Something that it depends on is not there: why, in words.
    case dependency(String, why: String)
    /// Read back from the state file.
    case told(String)
  }

  package static let never = Ending(.stopped, .neverStarted)
}

/// A launch that is being ended.
package struct Stopping: Equatable, Sendable {
  package enum Cause: Equatable, Sendable {
    case asked
    /// Main ended by itself; what remains of its tree is ended too.
    case mainEnded(after: Duration, wasReady: Bool)
    case notReady(Readiness.Check, after: Duration)
    case notLaunched(String)
  }

  /// Each step with the moment at which the next begins.
  package enum Step: Equatable, Sendable {
    case command(until: Instant)
    case asked(until: Instant)
    case killing(until: Instant)
    /// KILL did not end it all in time: who is left is being found out.
    case naming
    /// KILL did not end it all; what survived is named, and it is over when they are.
    case stuck
  }

  package var cause: Cause
  package var step: Step
  package var began: Instant
  /// From the stop signal to KILL.
  package var timeout: Duration
  /// What is launched once this launch is gone.
  package var next: LaunchSpecification?
  package var exit: ExitStatus?

  var deadline: Instant? {
    switch step {
    case .command(let until), .asked(let until), .killing(let until): until
    case .naming, .stuck: nil
    }
  }
}

/// The state of one service, with what only that state knows.
package enum ServiceLife: Equatable, Sendable {
  case down(Ending)
  /// To be launched once strays are gone and dependencies are there.
  case waiting(LaunchSpecification)
  /// Forked; ready at the next probe that finds it so, failed at the deadline.
  case starting(Launch, nextProbe: Instant?, deadline: Instant?)
  case ready(Launch)
  /// A oneshot that ended with 0; its descendants stay members until it is stopped.
  case finished(Launch)
  case stopping(Launch, Stopping)

  /// The launch that is alive.
  package var launch: Launch? {
    switch self {
    case .down, .waiting: nil
    case .starting(let launch, _, _), .ready(let launch), .finished(let launch),
      .stopping(let launch, _):
      launch
    }
  }

  /// Whether people see no difference: when the next probe comes is nobody's business.
  func looksLike(_ other: ServiceLife) -> Bool {
    switch (self, other) {
    case (.starting(let one, _, _), .starting(let two, _, _)): one == two
    case (.starting, _), (.down, _), (.waiting, _), (.ready, _), (.finished, _), (.stopping, _):
      self == other
    }
  }

  /// The launch that is planned, alone or after the one that is being stopped.
  package var planned: LaunchSpecification? {
    switch self {
    case .waiting(let specification): specification
    case .stopping(_, let stopping): stopping.next
    case .down, .starting, .ready, .finished: nil
    }
  }
}

/// How the last launch of a service was ended, for the report of a stop.
package struct StopFacts: Equatable, Sendable {
  package var launch: String
  package var hardest: Signal?
  package var began: Instant
  package var ended: Instant?
  package var survivors: [ReportedProcess] = []
  package var spared: [ReportedProcess] = []
}
