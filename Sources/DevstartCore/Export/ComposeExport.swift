/// A file for `docker compose` and `podman-compose` (the Compose Specification).
struct ComposeExport {
  let request: ExportRequest

  private static let expressed: Set<ExportPart> = [
    .dependsOn, .readyProbe, .live, .restart, .memory, .cpu, .stopSignal, .stopTimeout, .stopScope,
    .ports, .oneshot, .autostart, .stdin, .log,
  ]

  var export: Export {
    let target = ExportTarget.compose
    let general = ContainerCommand.general(request).map { ExportFact.general($0) }
    var lines = target.header(project: request.manifest.name, notes: general)
    var notes = general.map { ExportNote(service: nil, fact: $0) }
    lines += ["", "services:"]
    for service in request.services {
      let facts = facts(of: service)
      notes += facts.map { ExportNote(service: service.name, fact: $0) }
      lines += target.comments(facts).map { "  " + $0 }
      lines += ["  \(YAML.key(service.name)):"]
      lines += YAML.lines(definition(of: service).withDoubledDollars, indent: 4)
    }
    // A map without a member would be no map.
    if request.services.isEmpty { lines[lines.count - 1] += " {}" }
    let isPrivate = request.services.contains { !$0.environment.isEmpty }
    let file = ExportFile(
      name: "compose.yaml", text: lines.joined(separator: "\n") + "\n", isPrivate: isPrivate)
    return Export(files: [file], notes: notes)
  }

  private func definition(of service: Service) -> JSON {
    let container = ContainerCommand(service: service, request: request)
    let variables = service.exportedVariables.map {
      JSON.Member(key: $0.name, value: JSON($0.value))
    }
    let starts = request.startedByThemselves.contains(service.name)
    return .object([
      ("image", JSON(container.image)), ("init", true),
      ("command", JSON(container.arguments())),
      ("working_dir", container.foreignFolder.map { JSON($0) }),
      ("environment", JSON(.object(variables))),
      ("profiles", starts ? nil : ["manual"]),
      ("depends_on", dependencies(of: service)),
      ("healthcheck", healthCheck(of: service)),
      ("restart", JSON(restart(service))),
      ("mem_limit", service.limits.memory.map { JSON("\($0)b") }),
      // Memory and swap together: what is swapped out counts, too.
      ("memswap_limit", service.limits.memory.map { JSON("\($0)b") }),
      ("cpus", service.limits.cpu.map { JSON($0 / 100) }),
      ("stop_signal", JSON("SIG\(service.stop.signal.rawValue)")),
      ("stop_grace_period", JSON(Self.duration(service.stop.timeout))),
      ("stdin_open", service.standardInput == .open ? true : nil),
      ("ports", service.ports.isEmpty ? nil : JSON(service.ports.map { "\($0):\($0)" })),
      (
        "logging",
        [
          "driver": "json-file",
          "options": [
            "max-size": JSON("\(service.log.maxSize)b"),
            "max-file": JSON("\(service.log.keep + 1)"),
          ],
        ]
      ),
    ])
  }

  // MARK: Dependencies

  private func dependencies(of service: Service) -> JSON? {
    guard !service.dependsOn.isEmpty else { return nil }
    return JSON(
      .object(
        service.dependsOn.map { dependency in
          JSON.Member(
            key: dependency.service, value: ["condition": JSON(condition(for: dependency))])
        }))
  }

  private func condition(for dependency: Dependency) -> String {
    let service = request.manifest[dependency.service]
    switch dependency.condition {
    case .started: return "service_started"
    case .completed: return "service_completed_successfully"
    case .ready where service?.isOneshot == true: return "service_completed_successfully"
    case .ready:
      return service.flatMap(healthCheck) == nil ? "service_started" : "service_healthy"
    }
  }

  // MARK: Health

  /// There is one check; readiness is what others wait for.
  private func healthCheck(of service: Service) -> JSON? {
    guard !service.isOneshot else { return nil }
    let liveness = service.liveness ?? Liveness(check: .notify)
    if case .probe(let probe) = service.readiness.check {
      // It goes on for the container's whole life: not as often as devstart looks at a start.
      let interval = service.liveness?.interval ?? max(service.readiness.interval, .seconds(2))
      return Self.healthCheck(
        probe, interval: interval, timeout: liveness.timeout, failures: liveness.failures,
        start: service.readiness.timeout)
    }
    guard case .probe(let probe) = liveness.check else { return nil }
    return Self.healthCheck(
      probe, interval: liveness.interval, timeout: liveness.timeout, failures: liveness.failures,
      start: service.readiness.timeout)
  }

  private static func healthCheck(
    _ probe: Probe, interval: Duration, timeout: Duration, failures: Int, start: Duration
  ) -> JSON {
    let command = ShellProbe(probe, timeout: timeout).arguments
    return [
      "test": JSON(["CMD"] + command), "interval": JSON(duration(interval)),
      "timeout": JSON(duration(timeout)), "retries": JSON(failures),
      "start_period": JSON(duration(start)),
    ]
  }

  // MARK: Values

  private func restart(_ service: Service) -> String {
    switch service.restart.policy {
    case .never: "no"
    // To Docker, 0 is no limit.
    case .onFailure: service.restart.max == 0 ? "no" : "on-failure:\(service.restart.max)"
    case .always: service.isOneshot ? "on-failure:\(service.restart.max)" : "always"
    }
  }

  /// `1s500ms`: not every reader takes fractions.
  static func duration(_ duration: Duration) -> String {
    let milliseconds = (duration.nanoseconds + 999_999) / 1_000_000
    let (seconds, rest) = (milliseconds / 1000, milliseconds % 1000)
    return rest == 0 ? "\(seconds)s" : seconds == 0 ? "\(rest)ms" : "\(seconds)s\(rest)ms"
  }

  // MARK: What it cannot say

  private func facts(of service: Service) -> [ExportFact] {
    let container = ContainerCommand(service: service, request: request)
    var facts = container.facts
    facts += checkFacts(service)
    let unready = service.dependsOn.filter {
      $0.condition == .ready && condition(for: $0) == "service_started"
    }
    if !unready.isEmpty { facts.append(.awaitsLaunch(unready.map(\.service))) }
    if service.limits.cpu != nil { facts.append(.cpuThrottles) }
    if service.restart.policy == .onFailure { facts.append(.signalIsFailure) }
    if service.limits.memory != nil,
      (service.limits.onExceed == .restart) != (service.restart.policy != .never)
    {
      facts.append(.exceedFollowsRestart(service.limits.onExceed))
    }
    return service.lost(beyond: Self.expressed) + facts.map { .otherwise($0) }
  }

  private func checkFacts(_ service: Service) -> [ServiceFact] {
    guard !service.isOneshot else { return [] }
    var facts: [ServiceFact] = []
    var isLive = false
    if case .probe = service.liveness?.check { isLive = true }
    if case .probe(let probe) = service.readiness.check {
      if isLive, service.liveness?.check != .probe(probe) { facts.append(.oneCheck(.ready)) }
      if case .http = probe { facts.append(.needsProgram("curl")) }
      if case .listening = probe { facts.append(.needsProgram("grep")) }
    } else if isLive {
      facts.append(.oneCheck(.live))
    }
    if isLive { facts.append(.unhealthyRunsOn) }
    return facts
  }
}
