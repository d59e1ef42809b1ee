/// What an export's reader has to know; `ExportFact+Wording.swift` words it.
package enum ExportFact: Hashable, Sendable {
  /// About the export as a whole.
  case general(GeneralFact)
  /// The target has nothing like this part of a service.
  case lost(ExportPart)
  /// The target does something about a service in another way.
  case otherwise(ServiceFact)
}

/// What is to be known about an export as a whole.
package enum GeneralFact: Hashable, Sendable {
  /// Values of these variables of the caller's environment were put in for `${NAME}`.
  case borrowedVariables([String])
  /// `env` and `envFile` stand where everybody can read them.
  case readableVariables
  case runsAsRoot
  /// The services' `/tmp` is everybody's, as this folder is there.
  case sharedTmp(String)
  /// Whoever depends on a unit is stopped and restarted with it.
  case dependantsFollow
  /// Services cannot reach each other at `localhost`.
  case ownLocalhost
  /// The image's own working folder stands for the manifest's.
  case imageHoldsProject
  case signalsMainAlone
  /// What leaves the process group is not ended.
  case endsGroupAlone
  /// Standard input is a pipe that nobody writes to, for every service.
  case inputStaysOpen
  case projectHealth
  /// When one service ends, all are ended.
  case endsTogether
}

/// What a target does about a service in another way than devstart.
package enum ServiceFact: Hashable, Sendable {
  /// The limit is enforced by slowing down.
  case cpuThrottles
  /// What exceeds a limit is launched again, or not, as after every other end.
  case exceedFollowsRestart(ExceedPolicy)
  /// The back-off doubles from systemd 254 on, with the lines that are commented out.
  case backoffNeedsNewer
  /// A listener of any process counts.
  case portOfAnyone
  /// The check calls a program that is not on every system.
  case needsProgram(String)
  /// These are waited for until they are ready, not only launched.
  case awaitsReady([String])
  /// These are waited for until they are launched: nothing tells when they are ready or over.
  case awaitsLaunch([String])
  case placeholderImage(String)
  case renamed(String)
  /// Any status from 200 to 399 counts.
  case anyStatus(Int?)
  /// The program is looked up where the target looks, not in the caller's `PATH`.
  case searched(String)
  case wholeSeconds
  /// An end by TERM, INT, HUP or PIPE counts as a failure.
  case signalIsFailure
  case alwaysRestarted(RestartPolicy)
  /// A path of this machine stands in a container's command or environment.
  case machinePath(String)
  /// It is there as a comment only.
  case commentedOut
  /// One check serves as both, made from this key.
  case oneCheck(ServiceKey)
  /// What fails its check is shown as unhealthy, and not restarted.
  case unhealthyRunsOn
  /// Of several categories, only the first is its group.
  case oneGroup(String)
  /// `log` is matched by `grep -P`, line by line, on the journal.
  case journalSearched
}

/// Parts of a service that not every target can express.
package enum ExportPart: Hashable, Sendable, CaseIterable {
  case categories, match, onConflict, spare, dependsOn
  case readyProbe, readyLog, readyNotify, readyDelay, live, heartbeat
  case restart, restartLimit, backoff
  case memory, cpu, maxRuntime
  case stopCommand, stopSignal, stopTimeout, stopScope
  case ports, oneshot, autostart, watch, hooks, stdin, log, health
}

extension Service {
  /// What the manifest says about this service beyond the defaults.
  var exportParts: [ExportPart] { ExportPart.allCases.filter(uses) }

  private func uses(_ part: ExportPart) -> Bool {
    switch part {
    case .categories: !categories.isEmpty
    case .match: match != MatchRule.defaults(for: command) || matchScope != .project
    case .onConflict: onConflict != .replace
    case .spare: spare != MatchRule.sparedByDefault
    case .dependsOn: !dependsOn.isEmpty
    case .readyProbe, .readyLog, .readyNotify, .readyDelay: readinessPart == part
    case .live: isProbedAlive
    case .heartbeat: longestSilence != nil
    case .restart, .restartLimit, .backoff: restart.policy != .never
    case .memory: limits.memory != nil
    case .cpu: limits.cpu != nil
    case .maxRuntime: limits.maxRuntime != nil
    case .stopCommand: stop.command != nil
    case .stopSignal: stop.signal != .terminate
    case .stopTimeout: stop.timeout != StopPolicy().timeout
    case .stopScope: stop.scope == .main
    case .ports: !ports.isEmpty
    case .oneshot: isOneshot
    case .autostart: !startsAutomatically
    case .watch: watch != nil
    case .hooks: hooks != Hooks()
    case .stdin: standardInput == .open
    case .log: log != LogPolicy()
    case .health: health != nil
    }
  }

  /// A oneshot is ready when it is over, whatever its check.
  private var readinessPart: ExportPart? {
    guard !isOneshot else { return nil }
    return switch readiness.check {
    case .probe: .readyProbe
    case .log: .readyLog
    case .notify: .readyNotify
    case .delay(_, let chosen): chosen ? .readyDelay : nil
    }
  }

  private var isProbedAlive: Bool {
    switch liveness?.check {
    case .probe: true
    case .notify, nil: false
    }
  }

  /// The longest silence on the notify socket that is no failure.
  var longestSilence: Duration? {
    guard let liveness, liveness.check == .notify else { return heartbeat }
    let silence = liveness.interval * liveness.failures
    return heartbeat.map { min($0, silence) } ?? silence
  }

  /// What the target cannot express of what the manifest says.
  func lost(beyond expressed: Set<ExportPart>) -> [ExportFact] {
    exportParts.filter { !expressed.contains($0) }.map { .lost($0) }
  }
}
