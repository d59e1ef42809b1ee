/// A launch that is alive, or was a moment ago.
package struct Launch: Equatable, Sendable {
  package var specification: LaunchSpecification
  package var began: Instant
  /// nil until its keeper has executed it.
  package var main: ProcessIdentity?
  /// From its begin to its readiness.
  package var readyAfter: Duration?
  /// Why it follows an earlier launch by itself, in words; nil where somebody asked for it.
  package var restartedBecause: String?
  /// What it says of itself: `STATUS=` (sd_notify(3)).
  package var statusText: String?
  /// The last line of its output, once it has failed.
  package var lastLine: String?

  package init(specification: LaunchSpecification, began: Instant) {
    self.specification = specification
    self.began = began
  }

  package var id: String { specification.launch }
  package var service: Service { specification.service }

  /// Whether people see no difference: the last line matters once it has ended.
  func looksLike(_ other: Launch) -> Bool {
    var other = other
    other.lastLine = lastLine
    return self == other
  }
}

/// How a service came to be down.
package struct Ending: Equatable, Sendable {
  package enum Kind: String, Sendable {
    /// As the user asked, here or in the manifest's limits, or by TERM, INT, HUP or PIPE from
    /// outside.
    case stopped
    /// As nobody asked.
    case failed
    /// It ended by itself with 0.
    case completed
  }

  package var kind: Kind
  package var reason: Reason
  package var exit: ExitStatus?
  /// The last line that it wrote, where it failed.
  package var lastLine: String?

  package init(_ kind: Kind, _ reason: Reason, exit: ExitStatus? = nil, lastLine: String? = nil) {
    self.kind = kind
    self.reason = reason
    self.exit = exit
    self.lastLine = lastLine
  }

  package indirect enum Reason: Equatable, Sendable {
    case neverStarted
    case asked
    /// It ended by itself, after this long.
    case ended(ExitStatus, after: Duration, wasReady: Bool)
    /// `found` is what the last look found.
    case notReady(Readiness.Check, after: Duration, found: String?)
    /// It could not be launched: the reason in the system's words.
    case notLaunched(String)
    /// Something that it depends on is not there: why, in words.
    case dependency(String, why: String)
    /// It was up and did not answer: why, in words.
    case unhealthy(String)
    case exceeded(Excess)
    /// These files changed, and a launch that follows was stopped before it began.
    case filesChanged(String)
    /// It was restarted so many times within that time, and ended once more like this.
    case gaveUp(restarts: Int, within: Duration, Reason)
    /// Read back from the state file.
    case told(String)
  }

  package static let never = Ending(.stopped, .neverStarted)
}

/// A limit that was exceeded, with what was measured.
package enum Excess: Equatable, Sendable {
  case runtime(limit: Duration)
  /// In bytes; the process that has most of it.
  case memory(Int, limit: Int, largest: Int32?)
  /// In percent of one core, over the time that it was averaged over.
  case cpu(Double, limit: Double, over: Duration)
}

/// A launch that is being ended.
package struct Stopping: Equatable, Sendable {
  package enum Cause: Equatable, Sendable {
    case asked
    /// Main ended by itself; what remains of its tree is ended too.
    case mainEnded(after: Duration, wasReady: Bool)
    case notReady(Readiness.Check, after: Duration, found: String?)
    case notLaunched(String)
    case unhealthy(String)
    case exceeded(Excess)
    case filesChanged(String)
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
  /// Down by itself, and launched again when its files change.
  case resting(LaunchSpecification, Ending)
  /// To be launched once strays are gone and dependencies are there.
  case waiting(LaunchSpecification)
  /// It ended by itself, and is launched again at that moment.
  case backoff(LaunchSpecification, until: Instant, after: Ending)
  /// Forked, and not ready yet.
  case starting(Launch, Startup)
  case ready(Launch, Upkeep)
  /// A oneshot that ended with 0; its descendants stay members until it is stopped.
  case finished(Launch)
  case stopping(Launch, Stopping)

  /// The launch that is alive.
  package var launch: Launch? {
    switch self {
    case .down, .resting, .waiting, .backoff: nil
    case .starting(let launch, _), .ready(let launch, _), .finished(let launch),
      .stopping(let launch, _):
      launch
    }
  }

  /// How it came to be down, where it is.
  package var ending: Ending? {
    switch self {
    case .down(let ending), .resting(_, let ending): ending
    case .waiting, .backoff, .starting, .ready, .finished, .stopping: nil
    }
  }

  /// Whether people see no difference: when the next probe comes is nobody's business.
  func looksLike(_ other: ServiceLife) -> Bool {
    switch (self, other) {
    case (.starting(let one, let its), .starting(let two, let other)):
      one.looksLike(two) && its.finding == other.finding
    case (.ready(let one, let its), .ready(let two, let other)):
      one.looksLike(two) && its.trouble == other.trouble
    case (.starting, _), (.down, _), (.resting, _), (.waiting, _), (.backoff, _), (.ready, _),
      (.finished, _), (.stopping, _):
      self == other
    }
  }

  /// The launch that is planned, alone or after the one that is being stopped.
  package var planned: LaunchSpecification? {
    switch self {
    case .waiting(let specification): specification
    case .stopping(_, let stopping): stopping.next
    case .down, .resting, .backoff, .starting, .ready, .finished: nil
    }
  }

  /// The launch that comes by itself, though nothing is alive now.
  package var expected: LaunchSpecification? {
    switch self {
    case .backoff(let specification, _, _), .resting(let specification, _): specification
    case .down, .waiting, .starting, .ready, .finished, .stopping: nil
    }
  }

  /// The launch that somebody asked for, of which what is alive or comes by itself is a successor.
  package var origin: String? { (launch?.specification ?? expected)?.origin }
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
