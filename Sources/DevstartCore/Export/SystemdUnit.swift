/// The unit of one service.
struct SystemdUnit {
  let service: Service
  let export: SystemdExport

  var file: ExportFile {
    let project = export.request.manifest.name
    let parts = [
      ExportTarget.systemd.header(project: project, notes: facts),
      ["[Unit]"] + unitSection,
      ["[Service]"] + processLines + readinessLines + restartLines + limitLines + stopLines,
      hardening,
    ]
    return ExportFile(
      name: export.unitName(of: service.name),
      text: parts.map { $0.joined(separator: "\n") + "\n" }.joined(separator: "\n"),
      isPrivate: !service.environment.isEmpty)
  }

  // MARK: [Unit]

  private var unitSection: [String] {
    let request = export.request
    let needed = service.dependsOn.map { export.unitName(of: $0.service) }
    let targets = [export.prefix] + service.categories.map { "\(export.prefix)-\($0)" }
    let order = (request.isForUser ? [] : ["network.target"]) + needed
    var lines = ["Description=" + SystemdText.line("\(service.name) of \(request.manifest.name)")]
    if !needed.isEmpty { lines.append("Requires=" + needed.joined(separator: " ")) }
    if !order.isEmpty { lines.append("After=" + order.joined(separator: " ")) }
    lines.append("PartOf=" + targets.map { "\($0).target" }.joined(separator: " "))
    // They have /tmp in common, as before: a socket there is how some of them talk.
    if !request.isForUser, !needed.isEmpty, export.folderInTmp == nil {
      lines.append("JoinsNamespaceOf=" + needed.joined(separator: " "))
    }
    if service.restart.policy != .never {
      lines += [
        "StartLimitIntervalSec=\(service.restart.within.decimalSeconds)s",
        // The first start counts, too.
        "StartLimitBurst=\(service.restart.max + 1)",
      ]
    }
    return lines
  }

  // MARK: [Service]

  private var isNotifying: Bool { !service.isOneshot && service.readiness.check == .notify }
  private var type: String {
    service.isOneshot ? "oneshot" : isNotifying ? "notify" : "simple"
  }

  private var processLines: [String] {
    var lines = ["Type=\(type)"]
    if service.isOneshot { lines.append("RemainAfterExit=yes") }
    if isNotifying || service.longestSilence != nil { lines.append("NotifyAccess=all") }
    if SystemdText.takes(folder: service.workingDirectory) {
      let folder = service.workingDirectory.replacing("%", with: "%%")
      lines.append("WorkingDirectory=\(folder)")
    }
    for variable in service.exportedVariables where SystemdText.takes(variable: variable) {
      lines.append("Environment=" + SystemdText.word("\(variable.name)=\(variable.value)"))
    }
    lines.append("ExecStart=" + commandLine(service.command))
    // As devstart leaves every signal as it is by default.
    lines.append("IgnoreSIGPIPE=no")
    return lines
  }

  private func commandLine(_ command: Command) -> String {
    commandLine(ExportedCommand(command, in: service.workingDirectory))
  }

  private func commandLine(_ command: ExportedCommand) -> String {
    var command = command
    if !SystemdText.takes(folder: service.workingDirectory) {
      command.changeFolder(to: service.workingDirectory)
    }
    return SystemdText.commandLine(
      command,
      variables: service.exportedVariables.filter { !SystemdText.takes(variable: $0) },
      hasOwnPath: service.environment["PATH"] != nil)
  }

  // MARK: Readiness

  private var readinessLines: [String] {
    guard !service.isOneshot else { return [] }
    let timeout = "TimeoutStartSec=\(service.readiness.timeout.decimalSeconds)s"
    switch service.readiness.check {
    case .probe(let probe):
      return [timeout, waiting(for: ShellProbe(probe, timeout: .seconds(5)).arguments)]
    case .log(let pattern): return [timeout, waiting(for: Self.journalSearch + [pattern])]
    case .notify: return [timeout]
    case .delay(_, chosen: false): return []
    case .delay(let delay, chosen: true):
      // It counts only if main is alive then.
      let script = "sleep \(delay.decimalSeconds); kill -0 \"$MAINPID\" 2>/dev/null"
      return ["ExecStartPost=" + commandLine(.arguments(["/bin/sh", "-c", script]))]
    }
  }

  private static let journalSearch = [
    "/bin/sh", "-c",
    "journalctl -q -o cat --no-pager \"_SYSTEMD_INVOCATION_ID=$INVOCATION_ID\" "
      + "| grep -Pqe \"$0\"",
  ]

  /// Again and again until it passes or main is gone; the timeout is systemd's.
  private func waiting(for probe: [String]) -> String {
    let pause = service.readiness.interval.decimalSeconds
    let script =
      "while kill -0 \"$MAINPID\" 2>/dev/null; do \"$@\" && exit 0; sleep \(pause); done; exit 1"
    let words = ["/bin/sh", "-c", script, "ready"]
    return "ExecStartPost=" + commandLine(.arguments(words + probe))
  }

  // MARK: Restart and limits

  private var restartLines: [String] {
    let restart = service.restart
    // An end by a stop's signal, or as a shell tells of one, is no failure.
    var lines = service.isOneshot ? [] : ["SuccessExitStatus=\(Self.stopCodes)"]
    guard restart.policy != .never else { return lines }
    // A oneshot that is completed is what was wanted.
    let policy = service.isOneshot ? RestartPolicy.onFailure : restart.policy
    lines += [
      "Restart=\(policy.rawValue)",
      "RestartSec=\(min(restart.backoff, restart.maxBackoff).decimalSeconds)s",
    ]
    // It is not completed either: what waits for it must not start.
    if service.isOneshot {
      lines.append("RestartPreventExitStatus=\(Self.stopCodes) SIGHUP SIGINT SIGPIPE SIGTERM")
    }
    if doublings > 0 {
      lines += [
        "#RestartSteps=\(doublings)",
        "#RestartMaxDelaySec=\(restart.maxBackoff.decimalSeconds)s",
      ]
    }
    return lines
  }

  /// 128 and HUP, INT, PIPE or TERM.
  private static let stopCodes = "129 130 141 143"

  /// How often the back-off doubles until it is as long as it gets.
  private var doublings: Int {
    let restart = service.restart
    guard restart.backoff > .zero else { return 0 }
    var (pause, count) = (restart.backoff, 0)
    while pause < restart.maxBackoff {
      pause *= 2
      count += 1
    }
    return count
  }

  private var limitLines: [String] {
    var lines: [String] = []
    if let silence = service.longestSilence {
      lines.append("WatchdogSec=\(silence.decimalSeconds)s")
      lines.append("WatchdogSignal=SIG\(service.stop.signal.rawValue)")
    }
    if let most = service.limits.maxRuntime {
      // A oneshot is «starting» for all of its life.
      let name = service.isOneshot ? "TimeoutStartSec" : "RuntimeMaxSec"
      lines.append("\(name)=\(most.decimalSeconds)s")
    }
    // What is swapped out counts, too: there is none.
    if let bytes = service.limits.memory { lines += ["MemoryMax=\(bytes)", "MemorySwapMax=0"] }
    if let percent = service.limits.cpu {
      lines.append("CPUQuota=\(Self.hundredths(percent))%")
    }
    return lines
  }

  /// systemd takes two decimals.
  private static func hundredths(_ value: Double) -> String {
    let number = max(1, Int((min(value, 1e9) * 100).rounded()))
    let rest = number % 100
    return rest == 0 ? String(number / 100) : "\(number / 100).\(rest < 10 ? "0" : "")\(rest)"
  }

  // MARK: Stopping

  private var stopLines: [String] {
    var lines: [String] = []
    if let command = service.stop.command { lines.append("ExecStop=" + commandLine(command)) }
    if service.stop.signal != .terminate {
      lines.append("KillSignal=SIG\(service.stop.signal.rawValue)")
    }
    // What is left at the end is killed either way.
    lines.append("KillMode=\(service.stop.scope == .main ? "mixed" : "control-group")")
    // To systemd, 0 is for ever.
    let timeout = max(service.stop.timeout, .milliseconds(1))
    lines.append("TimeoutStopSec=\(timeout.decimalSeconds)s")
    return lines
  }

  // MARK: Hardening

  /// What a service can hardly miss; a user's manager can do the first lines alone.
  private var hardening: [String] {
    let everywhere = [
      "NoNewPrivileges=yes", "RestrictSUIDSGID=yes", "RestrictRealtime=yes", "LockPersonality=yes",
    ]
    guard !export.request.isForUser else { return everywhere }
    var lines = everywhere
    // Nobody would find a project there.
    if export.folderInTmp == nil { lines.append("PrivateTmp=yes") }
    lines.append("ProtectSystem=full")
    // Those that it makes read-only.
    let ownFolders = export.folders(of: service).filter {
      SystemdExport.isInside($0, ["/usr", "/boot", "/efi", "/etc"])
    }
    if !ownFolders.isEmpty {
      lines.append("ReadWritePaths=" + ownFolders.map(SystemdText.word).joined(separator: " "))
    }
    return lines + [
      "ProtectKernelTunables=yes", "ProtectKernelModules=yes", "ProtectKernelLogs=yes",
      "ProtectControlGroups=yes", "ProtectClock=yes", "ProtectHostname=yes",
    ]
  }

  // MARK: What it cannot say

  var facts: [ExportFact] {
    export.facts(of: service) + otherwise.map { .otherwise($0) }
  }

  private var otherwise: [ServiceFact] {
    var facts: [ServiceFact] = []
    let command = ExportedCommand(service.command)
    if !command.isPath, service.environment["PATH"] == nil {
      facts.append(.searched(command.arguments[0]))
    }
    if !service.isOneshot { facts += readinessFacts }
    facts += dependencyFacts
    if doublings > 0, service.restart.policy != .never { facts.append(.backoffNeedsNewer) }
    if service.limits.cpu != nil { facts.append(.cpuThrottles) }
    let isLimited = service.limits.memory != nil || service.limits.maxRuntime != nil
    if isLimited, (service.limits.onExceed == .restart) != (service.restart.policy != .never) {
      facts.append(.exceedFollowsRestart(service.limits.onExceed))
    }
    return facts
  }

  private var readinessFacts: [ServiceFact] {
    switch service.readiness.check {
    case .probe(.listening): [.portOfAnyone]
    case .probe(.http): [.needsProgram("curl")]
    case .log: [.journalSearched]
    case .probe(.command), .notify, .delay: []
    }
  }

  private var dependencyFacts: [ServiceFact] {
    let manifest = export.request.manifest
    let started = service.dependsOn.filter { $0.condition == .started }.map(\.service)
    // Whatever is no oneshot is up once it runs, and nobody waits for its end.
    let completed = service.dependsOn.filter {
      $0.condition == .completed && manifest[$0.service]?.isOneshot == false
    }.map(\.service)
    return (started.isEmpty ? [] : [.awaitsReady(started)])
      + (completed.isEmpty ? [] : [.awaitsLaunch(completed)])
  }
}
