/// A request under way.
enum Operation: Equatable, Sendable {
  case start(StartOperation)
  case stop(StopOperation)
  case clean(CleanOperation)
  case wait(WaitOperation)

  var deadline: Instant? {
    switch self {
    case .start(let operation): operation.deadline
    case .wait(let operation): operation.deadline
    case .stop, .clean: nil
    }
  }
}

struct StartOperation: Equatable, Sendable {
  /// How far one service of the request is.
  enum Member: Equatable, Sendable {
    /// Its old launch and its strays have to go, then its dependencies have to come.
    case clearing(LaunchSpecification)
    /// Its launch is under way or was there before: the state tells.
    case following(ServiceOutcome.Result)
    /// Nothing more will happen to it here.
    case settled(ServiceOutcome)
  }

  let request: StartRequest
  let began: Instant
  let callerBegan: Instant
  let services: [String: Service]
  var members: [String: Member] = [:]
  /// Which launches are this operation's own.
  var launched: [String: String] = [:]
  /// The main processes that had to go for them.
  var replaced: [String: Int32] = [:]
  /// What somebody has stopped since: a launch that is planned later is not for this start.
  var stopped: Set<String> = []
  var isSurveyed = false
  /// The services of which strays are being ended for this start.
  var sweeping: Set<String> = []
  /// Those of which they were, and are looked for once more before the service is launched.
  var looksAgain: Set<String> = []
  var rounds = SweepRounds()
  /// Ctrl-C: nothing more is launched, and the reply says so.
  var isCancelled = false
  /// Nobody waits for the reply any more.
  var isAbandoned = false
  var sweep = SweepReport()
  var warnings: [String] = []

  var deadline: Instant? { request.timeout.map { began + $0 } }
}

struct StopOperation: Equatable, Sendable {
  enum Stage: Equatable, Sendable {
    case stopping
    case surveying
    /// Strays of these services are being ended.
    case sweeping(Set<String>)
  }

  var request: StopRequest
  let began: Instant
  var targets: [String]
  var stage = Stage.stopping
  /// The launch that each service was told to stop; nil where nothing ran.
  var told: [String: String?] = [:]
  var rounds = SweepRounds()
  var sweep = SweepReport()
  var warnings: [String] = []
  /// What Ctrl-C or a lost lease began has nobody to reply to, or somebody who waits for another.
  var isSilent = false
}

struct CleanOperation: Equatable, Sendable {
  let request: CleanRequest
  var left: Set<String> = []
  var rounds = SweepRounds()
  var sweep = SweepReport()
}

struct WaitOperation: Equatable, Sendable {
  let request: WaitRequest
  let began: Instant

  var deadline: Instant? { request.timeout.map { began + $0 } }
}

/// An operation's looks for strays, each after what the last one found was ended.
struct SweepRounds: Equatable, Sendable {
  /// After so many looks that find no fewer than one before, something outside brings them back.
  private static let mostInVain = 3

  private var inVain = 0
  private var fewest = Int.max

  /// Takes what one more look found. What replaces itself is fewer each time, and so is what was
  /// born while the process table was read.
  mutating func add(_ found: [Stray]) {
    if !found.isEmpty, found.count >= fewest { inVain += 1 }
    fewest = min(fewest, found.count)
  }

  /// Whether there is no end to it.
  var areInVain: Bool { inVain >= Self.mostInVain }
}

extension SweepReport {
  /// What comes back whenever it is ended.
  static func cameBack(_ strays: [Stray]) -> [Failed] {
    let own = Set(strays.map(\.facts.identity.pid))
    return strays.map { stray in
      let parent = stray.facts.parent
      let isOutside = parent > 1 && !own.contains(parent)
      return Failed(
        pid: stray.facts.identity.pid,
        reason: Words.cameBack(parent: isOutside ? parent : nil))
    }
  }

  /// Adds what another sweep of the same operation found and did; nothing is listed twice.
  mutating func merge(_ other: SweepReport) {
    found += other.found.filter { new in !found.contains { $0.pid == new.pid } }
    spared += other.spared.filter { new in !spared.contains { $0.pid == new.pid } }
    foreign += other.foreign.filter { new in !foreign.contains { $0.pid == new.pid } }
    ended += other.ended
    failed.removeAll { old in other.ended.contains { $0.pid == old.pid } }
    failed += other.failed.filter { new in !failed.contains { $0.pid == new.pid } }
    freedBytes += other.freedBytes
  }
}
