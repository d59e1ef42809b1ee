/// A configuration for supervisord (supervisord.org): all of its own files are beside it.
struct SupervisordExport {
  let request: ExportRequest

  private static let expressed: Set<ExportPart> = [
    .categories, .readyDelay, .restart, .stopSignal, .stopTimeout, .stopScope, .oneshot,
    .autostart, .log, .stdin,
  ]

  var export: Export {
    let target = ExportTarget.supervisord
    var lines = target.header(project: request.manifest.name, notes: general)
    lines += [""] + Self.daemon
    var notes = general.map { ExportNote(service: nil, fact: $0) }
    for (index, service) in request.launchOrder.enumerated() {
      let facts = facts(of: service)
      notes += facts.map { ExportNote(service: service.name, fact: $0) }
      lines += [""] + target.comments(facts) + program(service, priority: index + 1)
    }
    for group in groups {
      lines += ["", "[group:\(group.name)]", "programs=" + group.members.joined(separator: ",")]
    }
    let isPrivate = request.services.contains { !$0.environment.isEmpty }
    let file = ExportFile(
      name: "supervisord.conf", text: lines.joined(separator: "\n") + "\n", isPrivate: isPrivate)
    return Export(files: [file], notes: notes)
  }

  private static let daemon = [
    "[unix_http_server]", "file=%(here)s/supervisor.sock", "chmod=0700", "",
    "[supervisord]", "logfile=%(here)s/supervisord.log", "pidfile=%(here)s/supervisord.pid",
    "childlogdir=%(here)s", "",
    "[rpcinterface:supervisor]",
    "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface", "",
    "[supervisorctl]", "serverurl=unix://%(here)s/supervisor.sock",
  ]

  /// A program in two groups would be run twice: each service is in that of its first category.
  private var groups: [(name: String, members: [String])] {
    request.categories.compactMap { category in
      let members = category.services.filter { $0.categories.first == category.name }
      return members.isEmpty ? nil : (category.name, members.map(\.name))
    }
  }

  private func program(_ service: Service, priority: Int) -> [String] {
    var command = ExportedCommand(service.command, in: service.workingDirectory)
    let variables = service.exportedVariables
    let others = variables.filter { !SupervisordText.takes(variable: $0) }
    if !others.isEmpty || !command.isPath && service.environment["PATH"] != nil {
      command.setVariables(others)
    }
    let takesFolder = SupervisordText.takes(folder: service.workingDirectory)
    if !takesFolder { command.changeFolder(to: service.workingDirectory) }
    var lines = [
      "[program:\(service.name)]", "command=" + SupervisordText.commandLine(command),
    ]
    if takesFolder {
      lines.append("directory=" + service.workingDirectory.replacing("%", with: "%%"))
    }
    let own = variables.filter { SupervisordText.takes(variable: $0) }
    if !own.isEmpty { lines.append("environment=" + SupervisordText.variables(own)) }
    let starts = request.startedByThemselves.contains(service.name)
    lines += ["autostart=\(starts)", "priority=\(priority)"]
    return lines + restartLines(service) + stopLines(service) + logLines(service)
  }

  private func restartLines(_ service: Service) -> [String] {
    let policy =
      switch service.restart.policy {
      case .never: "false"
      case .onFailure: "unexpected"
      case .always: service.isOneshot ? "unexpected" : "true"
      }
    var lines = ["autorestart=\(policy)", "startsecs=\(secondsToStart(service))"]
    if service.restart.policy == .never {
      lines.append("startretries=0")
    } else {
      lines += ["startretries=\(service.restart.max)", "exitcodes=0,129,130,141,143"]
    }
    return lines
  }

  /// How long it has to live to count as running.
  private func secondsToStart(_ service: Service) -> Int {
    guard !service.isOneshot else { return 0 }
    return switch service.readiness.check {
    case .delay(let delay, chosen: true): delay.wholeSeconds
    case .delay(_, chosen: false), .probe, .log, .notify: 1
    }
  }

  private func stopLines(_ service: Service) -> [String] {
    [
      "stopsignal=\(service.stop.signal.rawValue)",
      "stopwaitsecs=\(service.stop.timeout.wholeSeconds)",
      "stopasgroup=\(service.stop.scope == .group)", "killasgroup=true",
    ]
  }

  private func logLines(_ service: Service) -> [String] {
    [
      "redirect_stderr=true", "stdout_logfile=%(here)s/\(service.name).log",
      "stdout_logfile_maxbytes=\(service.log.maxSize)",
      "stdout_logfile_backups=\(service.log.keep)",
    ]
  }

  // MARK: What it cannot say

  private var general: [ExportFact] {
    var facts: [GeneralFact] = []
    if !request.manifest.borrowedVariables.isEmpty {
      facts.append(.borrowedVariables(request.manifest.borrowedVariables))
    }
    facts.append(.endsGroupAlone)
    if request.services.contains(where: { $0.standardInput == .null }) {
      facts.append(.inputStaysOpen)
    }
    if request.manifest.health != nil { facts.append(.projectHealth) }
    return facts.map { .general($0) }
  }

  private func facts(of service: Service) -> [ExportFact] {
    var facts = service.lost(beyond: Self.expressed)
    if service.categories.count > 1 { facts.append(.otherwise(.oneGroup(service.categories[0]))) }
    let command = ExportedCommand(service.command)
    if !command.isPath, service.environment["PATH"] == nil {
      facts.append(.otherwise(.searched(command.arguments[0])))
    }
    if service.restart.policy == .onFailure { facts.append(.otherwise(.signalIsFailure)) }
    if !service.stop.timeout.isWholeSeconds || !delayIsWhole(service) {
      facts.append(.otherwise(.wholeSeconds))
    }
    return facts
  }

  private func delayIsWhole(_ service: Service) -> Bool {
    guard case .delay(let delay, chosen: true) = service.readiness.check else { return true }
    return delay.isWholeSeconds
  }
}
