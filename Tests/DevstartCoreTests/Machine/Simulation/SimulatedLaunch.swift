import DevstartCore

/// A launch in the simulated world: its keeper and its processes.
final class SimulatedLaunch {
  struct Member {
    var pid: Int32
    var temper: Temper
    var isMain = false
    var isAlive = true
  }

  enum Report {
    case mainStarted(ProcessIdentity)
    case executionFailed
    case mainExited(ExitStatus)
    case treeEmpty
  }

  let specification: LaunchSpecification
  let behaviour: Behaviour
  let began: Instant
  var members: [Member] = []
  /// What the keeper's record says.
  var main: ProcessIdentity?
  var exit: ExitStatus?
  /// What the keeper has said and no supervisor has read.
  var pipe: [Report] = []
  /// The keeper has ended: nothing of the launch is left.
  var isOver = false
  /// When main listens.
  var listensAt: Instant?
  /// What the supervisor knows: main's start was read.
  var isMainKnown = false
  var isMainReported = false
  var attention = Attention()

  init(_ specification: LaunchSpecification, _ behaviour: Behaviour, began: Instant) {
    self.specification = specification
    self.behaviour = behaviour
    self.began = began
  }

  var id: String { specification.launch }
  var name: String { specification.service.name }
  var living: [Member] { members.filter(\.isAlive) }
  var isMainAlive: Bool { members.contains { $0.isMain && $0.isAlive } }
}

/// What the present supervisor has done about a launch, seen from outside.
struct Attention {
  struct Look {
    var number: Int
    var began: Instant
  }

  /// Since when main is known.
  var since: Instant?
  var takenOver: Instant?
  /// Why the supervisor before was ending it, as it had written.
  var endedFor: Stopping.Cause?
  var isRelaunch = false
  var look: Look?
  var looks = 0
  /// When the last look ended.
  var lastLook: Instant?
  /// Failed looks at its liveness, in a row.
  var failures = 0
  var readySince: Instant?
  var lastBeat: Instant?
  /// When the beats began that have come without a gap since.
  var beatingSince: Instant?
  var isSilent = false
  var hasTriggered = false
  var hasSaidStopping = false
  var lastSample: Instant?
  var samples: [(at: Instant, sample: Sample)] = []
}

/// What is known of one service from outside, whatever supervisor there is.
struct Ledger {
  /// The last launch.
  var last: SimulatedLaunch?
  /// Its restarts by policy since somebody started it.
  var restarts: [Instant] = []
  /// When a watched file was written last, where nothing has followed from it yet.
  var change: Instant?
  /// One has settled while a launch was being ended.
  var hasSettled = false
  var fileRestarts: [Instant] = []
}

/// A process that belongs to a service and to none of its launches.
struct SimulatedStray {
  var stray: Stray
  var temper: Temper
  var isAlive = true
  var appeared: Instant
  /// Somebody was told to end it.
  var isCondemned = false

  var pid: Int32 { stray.facts.identity.pid }
}

/// The strays of one service that the supervisor is ending for somebody.
struct SimulatedStrayEnding {
  struct ID: Hashable {
    var client: ClientID
    var service: String
  }

  var left: [Int32]
  var deadline: Instant
  var isKilling: Bool
  var report = SweepReport()
}

/// One connection of one deed.
struct SimulatedClient {
  enum Request {
    case start(StartRequest, callerBegan: Instant)
    case stop(StopRequest)
    case clean(CleanRequest)
    case wait(WaitRequest)
  }

  var deed: Int
  var request: Request
  var began: Instant
  var isAnswered = false
  var isGone = false
  var isCancelled = false
  /// When somebody looked for strays for it.
  var lastSurvey: Instant?
  /// What the answer of a lease named.
  var leased: [String] = []
  /// What of it the call has launched itself.
  var own: [String] = []

  var awaitsAnswer: Bool { !isAnswered && !isGone }

  /// Whether it waits no longer than it has said.
  var isBounded: Bool {
    switch request {
    case .start(let request, _): request.timeout != nil
    case .wait(let request): request.timeout != nil
    case .stop, .clean: false
    }
  }
}
