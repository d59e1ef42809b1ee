import DevstartCore

/// What people and the world do to one project; its seed tells what the processes do.
struct Schedule {
  var seed: UInt64
  var services: [Service]
  var deeds: [Deed]
  /// From its launch of that number on a service does nothing that gives cause to restart it.
  var calmFrom = 4
}

/// Something that somebody does at a moment.
struct Deed {
  /// Stays when other deeds are dropped.
  var id: Int
  var at: Duration
  var what: What

  enum What {
    case start(Start)
    case stop(targets: [String], timeout: Duration?, isForced: Bool, isAll: Bool)
    case clean(targets: [String], isForced: Bool, isDryRun: Bool)
    case wait(targets: [String], goal: WaitRequest.Goal, timeout: Duration?)
    /// Ctrl-C in the terminal of that deed.
    case cancel(deed: Int, isForced: Bool)
    case disconnect(deed: Int)
    /// A process of the service appears that no launch of ours has started.
    case stray(service: String, Temper)
    /// Somebody signals main by hand.
    case signalMain(service: String, Signal)
    /// A file that the service watches is written.
    case change(service: String)
    /// The supervisor is KILLed once it has performed so many more effects.
    case supervisorDeath(afterEffects: Int)
  }

  struct Start {
    var targets: [String]
    var conflict: ConflictPolicy?
    var waits = true
    var timeout: Duration?
    var isLease = false
    var isDryRun = false
    var withoutDependencies = false
    /// How long before the request its command's process began.
    var beganBefore = Duration.zero
    /// Another environment, so that the specification is another.
    var variant = 0
  }

  /// Whose targets it names.
  var targets: [String] {
    switch what {
    case .start(let start): start.targets
    case .stop(let targets, _, _, _), .clean(let targets, _, _), .wait(let targets, _, _): targets
    case .stray(let service, _), .signalMain(let service, _), .change(let service): [service]
    case .cancel, .disconnect, .supervisorDeath: []
    }
  }

  /// The same for these services alone; nil where nothing is left of it.
  func limited(to names: Set<String>) -> Deed? {
    let kept = targets.filter(names.contains)
    guard targets.isEmpty || !kept.isEmpty else { return nil }
    var limited = self
    switch what {
    case .start(var start):
      start.targets = kept
      limited.what = .start(start)
    case .stop(_, let timeout, let isForced, let isAll):
      limited.what = .stop(targets: kept, timeout: timeout, isForced: isForced, isAll: isAll)
    case .clean(_, let isForced, let isDryRun):
      limited.what = .clean(targets: kept, isForced: isForced, isDryRun: isDryRun)
    case .wait(_, let goal, let timeout):
      limited.what = .wait(targets: kept, goal: goal, timeout: timeout)
    case .stray, .signalMain, .change, .cancel, .disconnect, .supervisorDeath: break
    }
    return limited
  }
}

/// How a process takes signals.
struct Temper {
  /// From TERM to its end; nil where it ignores it.
  var termDelay: Duration?
  /// From KILL to its end: long where it sits in the kernel.
  var killDelay = Duration.zero
  /// Whether it is still in main's process group.
  var isInGroup = true
}

/// What one launch of a service does.
struct Behaviour {
  var cannotLaunch = false
  var cannotExecute = false
  var startDelay = Duration.milliseconds(1)
  /// nil where it never listens.
  var listensAfter: Duration? = .milliseconds(10)
  /// nil where it runs until it is ended.
  var endsAfter: Duration?
  var exit = ExitStatus.code(0)
  var main = Temper(termDelay: .milliseconds(1))
  var children: [Temper] = []
  /// From a report to the moment at which the supervisor reads it.
  var reportDelay = Duration.zero
  var stopCommandTakes = Duration.milliseconds(20)
  var stopCommandEndsMain = true
  /// Its keeper is KILLed, and nobody sees how main ended.
  var losesKeeper = false
  /// From a look to its answer; nil where none comes. Ports are looked at at once.
  var answersAfter: Duration? = .milliseconds(1)
  /// Since main began: when it fails whoever looks.
  var sick: Range<Duration>?
  /// Since main began: when the pattern is in its log.
  var logsAfter: Duration? = .milliseconds(5)
  var saysReadyAfter: Duration? = .milliseconds(5)
  var beatsEvery = Duration.milliseconds(20)
  /// Since main began: when it does not beat.
  var silent: Range<Duration>?
  var triggersAfter: Duration?
  var saysStoppingAfter: Duration?
  /// Since main began: when it has too much memory, and when it burns too much CPU.
  var hungryAfter: Duration?
  var busyAfter: Duration?
  /// Since main began: when it writes a file that is watched.
  var writesAfter: Duration?
}

extension Schedule: CustomStringConvertible {
  var description: String {
    let done = deeds.map { "  \($0.id) at \($0.at): \($0.what)" }
    return (["seed \(seed), calm from launch \(calmFrom)"] + services.map(\.summary) + done)
      .joined(separator: "\n")
  }
}

extension Service {
  /// What of it is not the default.
  fileprivate var summary: String {
    var parts = ["  \(name): \(readiness.check) every \(readiness.interval)"]
    if isOneshot { parts.append("oneshot") }
    if !dependsOn.isEmpty {
      parts.append("needs \(dependsOn.map { "\($0.service) \($0.condition.rawValue)" })")
    }
    parts.append("stop \(stop.timeout) \(stop.scope)\(stop.command == nil ? "" : " command")")
    if onConflict != .replace { parts.append("\(onConflict)") }
    if restart.policy != .never || limits.onExceed == .restart {
      parts.append(
        "restart \(restart.policy) \(restart.max) within \(restart.within), "
          + "pause \(restart.backoff) up to \(restart.maxBackoff)")
    }
    if let liveness {
      parts.append(
        "live \(liveness.check) every \(liveness.interval) timeout \(liveness.timeout) "
          + "failures \(liveness.failures)")
    }
    if let heartbeat { parts.append("heartbeat \(heartbeat)") }
    if let time = limits.maxRuntime { parts.append("maxRuntime \(time)") }
    if limits.needsSamples {
      parts.append(
        "memory \(limits.memory ?? 0) cpu \(limits.cpu ?? 0) over \(limits.samples) "
          + "every \(limits.every)")
    }
    if limits != Limits() { parts.append("then \(limits.onExceed)") }
    if let watch { parts.append("watch \(watch.debounce) \(watch.signal?.rawValue ?? "restart")") }
    if hooks != Hooks() { parts.append("hooks") }
    return parts.joined(separator: ", ")
  }
}
