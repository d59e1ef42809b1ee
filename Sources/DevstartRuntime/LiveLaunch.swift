import DevstartCore
import DevstartPlatform

/// A process that is held by its handle, for as long as anybody refers to it.
final class HeldProcess {
  let handle: ProcessHandle

  init(_ handle: consuming ProcessHandle) { self.handle = handle }

  var identity: ProcessIdentity { handle.identity }

  /// nil where the process is gone, or cannot be held: then it cannot be signalled either.
  static func hold(_ identity: ProcessIdentity) -> HeldProcess? {
    held(ProcessHandle.open(identity))
  }

  /// A child that was forked and not reaped.
  static func hold(child pid: Int32) -> HeldProcess? { held(ProcessHandle.open(child: pid)) }

  private static func held(_ opened: consuming ProcessHandle.Opened) -> HeldProcess? {
    switch consume opened {
    case .opened(let handle): HeldProcess(handle)
    case .gone: nil
    case .notPermitted: nil
    case .failed: nil
    }
  }
}

/// A launch with the means to reach it.
final class LiveLaunch {
  enum Role: Equatable {
    case service
    /// The stop command of the launch of that name.
    case stopCommand(of: String)
    case probe(of: String, number: Int)
    case hook(HooksKey)
    /// What an earlier supervisor began and nobody waits for any more, by its launch identifier.
    case leftOver(String)
  }

  let specification: LaunchSpecification
  let role: Role
  /// nil once the keeper was killed: then the members are found by other means.
  var keeper: HeldProcess?
  var main: HeldProcess?
  /// Main's identity, also after its end.
  var mainIdentity: ProcessIdentity?
  var reports: ReportPipe?
  /// When main's number was last seen to name its own session, in ticks since boot.
  var sessionSeenAt: UInt64 = 0
  /// Who is left of a launch whose keeper was killed, or of one that leaves spared ones behind.
  var awaited: [HeldProcess] = []
  /// Who of a launch whose keeper was killed was alive when last looked for.
  var adopted: Set<ProcessIdentity> = []
  /// Orphans that may be of this launch or of another that lost its keeper as well, when last
  /// looked for: nobody can tell, so that they are left to the last of these launches.
  var unclaimed: Set<Int32> = []
  /// How main ended, where the supervisor itself had to reap it.
  var exit: ExitStatus?
  var isMainReported = false
  /// The keeper has said so, and ends.
  var isTreeEmpty = false
  /// Why its PID file does not say who it is, in words.
  var pidFileProblem: String?
  /// Why its log is larger than it should be, in words.
  var logProblem: String?
  /// What is under way to find out how it is.
  var look: Look?
  private(set) var tree: LaunchTree
  /// Its keeper was killed while nobody supervised, and what it was started as is gone with that.
  var hasLostSpecification = false
  /// Once somebody has asked for its figures.
  var gauge: TreeGauge?
  /// Once it was measured for its limits.
  var meter: LaunchMeter?
  /// Where it tells of itself; nil where there could be none.
  var notify: NotifySocket?

  init(
    _ specification: LaunchSpecification, role: Role = .service, keeper: HeldProcess?,
    reports: ReportPipe?
  ) {
    self.specification = specification
    self.role = role
    self.keeper = keeper
    self.reports = reports
    tree = LaunchTree(spare: specification.service.spare)
  }

  /// What its specification said of this, before it was lost.
  func learn(spare: [MatchRule]) { tree = LaunchTree(spare: spare) }

  /// Whether a process was a member when last looked for.
  func knows(_ process: ProcessIdentity) -> Bool {
    adopted.contains(process) || awaited.contains { $0.identity == process }
  }

  var id: String { role.identifier(of: specification) }

  /// What its processes carry: a command beside a service has a marker of its own.
  var marker: Marker {
    var marker = specification.marker
    switch role {
    case .service, .stopCommand, .probe, .hook: marker.launch = id
    case .leftOver: break
    }
    return marker
  }

  var name: String { specification.service.name }
}

extension LiveLaunch.Role {
  /// What a launch in this role is called; `specification` is the service's own.
  func identifier(of specification: LaunchSpecification) -> String {
    switch self {
    case .service: specification.launch
    case .stopCommand(let launch): "stop-\(launch)"
    case .probe(let launch, let number): "probe\(number)-\(launch)"
    case .hook(let kind): "\(kind.rawValue)-\(specification.launch)"
    case .leftOver(let launch): "left-\(launch)"
    }
  }

  /// For `ps`.
  var title: String {
    switch self {
    case .service: "service"
    case .stopCommand: "stop command"
    case .probe: "probe"
    case .hook(let kind): "hook \(kind.rawValue)"
    case .leftOver: "left over"
    }
  }

  /// Whether it must be gone before a stop of its service is over. Hooks have their own time.
  var delaysStop: Bool {
    switch self {
    case .service, .stopCommand, .probe, .leftOver: true
    case .hook: false
    }
  }
}
