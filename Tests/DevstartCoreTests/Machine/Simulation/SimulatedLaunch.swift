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

  var awaitsAnswer: Bool { !isAnswered && !isGone }
}
