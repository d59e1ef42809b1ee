/// What `/metrics` answers.
package struct Metrics: Sendable {
  /// The supervisor's own, on the project's port.
  private let supervisor: SupervisorFacts?
  private let services: [ServiceFacts]

  /// Of the whole project.
  package init(_ supervisor: SupervisorFacts, _ services: [ServiceFacts]) {
    self.supervisor = supervisor
    self.services = services
  }

  /// Of one service.
  package init(of service: ServiceFacts) {
    supervisor = nil
    services = [service]
  }

  package func response(_ format: MetricsFormat) -> HTTPResponse {
    switch format {
    case .json: HTTPResponse(.ok, json)
    case .prometheus, .openMetrics:
      HTTPResponse(.ok, contentType: format.contentType, body: text(format))
    }
  }

  private var json: JSON {
    guard let supervisor else { return services.first?.json ?? nil }
    let named = services.map { JSON.Member(key: $0.status.name, value: $0.json) }
    return ["supervisor": supervisor.json, "services": JSON(.object(named))]
  }

  private func text(_ format: MetricsFormat) -> [UInt8] {
    var exposition = Exposition(format)
    if let supervisor { Self.write(supervisor, into: &exposition) }
    writeStates(into: &exposition)
    writeFigures(into: &exposition)
    writeHistory(into: &exposition)
    writeLimits(into: &exposition)
    return exposition.finished()
  }

  // MARK: The project

  private static func write(_ facts: SupervisorFacts, into exposition: inout Exposition) {
    let counters = facts.counters
    func one(_ name: String, _ kind: Exposition.Kind, _ help: String, _ value: Double) {
      exposition.family(name, kind, help, [.init(value)])
    }
    exposition.family(
      "devstart_build", .info, "The devstart that supervises.",
      [.init(1, ("version", programVersion))])
    one(
      "devstart_supervisor_start_time_seconds", .gauge, "When the supervisor started, since 1970.",
      Double(facts.startedAt) / 1000)
    one(
      "devstart_supervisor_memory_bytes", .gauge, "Resident memory of the supervisor.",
      Double(facts.memoryBytes))
    one(
      "devstart_supervisor_cpu_seconds", .counter, "CPU time of the supervisor.", facts.cpuSeconds)
    one(
      "devstart_take_overs", .counter,
      "How often a supervisor took over what an earlier one had launched.",
      Double(counters.takeOvers))
    one(
      "devstart_conflicts_detected", .counter,
      "Services that were found running unsupervised, or their port held.",
      Double(counters.conflictsDetected))
    one(
      "devstart_conflicts_resolved", .counter, "Of these, those whose strays were all ended.",
      Double(counters.conflictsResolved))
    one(
      "devstart_strays_found", .counter, "Stray processes of services that were found.",
      Double(counters.straysFound))
    exposition.family(
      "devstart_strays_ended", .counter, "Stray processes that were ended, by the last signal.",
      [Signal.terminate, .kill].map { signal in
        .init(Double(counters.straysEnded[signal] ?? 0), ("signal", signal.rawValue))
      })
  }

  // MARK: Services

  /// A sample for each service that has the value.
  private func samples(_ value: (ServiceFacts) -> Double?) -> [Exposition.Sample] {
    services.compactMap { facts in
      value(facts).map { Exposition.Sample($0, ("service", facts.status.name)) }
    }
  }

  private func writeStates(into exposition: inout Exposition) {
    exposition.family(
      "devstart_service_up", .gauge, "1 where the service is ready, or a oneshot has completed.",
      samples { $0.health.isHealthy ? 1 : 0 })
    exposition.family(
      "devstart_service_state", .gauge, "1 for the state that the service is in.",
      services.flatMap { facts in
        ServiceState.allCases.map { state in
          .init(
            facts.status.state == state ? 1 : 0, ("service", facts.status.name),
            ("state", state.rawValue))
        }
      })
    exposition.family(
      "devstart_service_start_time_seconds", .gauge,
      "When the service's main process started, since 1970.",
      samples { $0.status.startedAt.map { Double($0) / 1000 } })
    exposition.family(
      "devstart_service_uptime_seconds", .gauge, "How long its main process has run.",
      samples(\.status.uptimeSeconds))
    exposition.family(
      "devstart_service_ready_seconds", .gauge, "How long it took from launch to ready.",
      samples(\.status.readySeconds))
  }

  private func writeFigures(into exposition: inout Exposition) {
    exposition.family(
      "devstart_service_cpu_seconds", .counter,
      "CPU time of the launch's process tree, ended processes included.", samples(\.cpuSeconds))
    exposition.family(
      "devstart_service_memory_bytes", .gauge, "Resident memory of its process tree.",
      samples { $0.status.memoryBytes.map { Double($0) } })
    exposition.family(
      "devstart_service_processes", .gauge, "Processes in its tree.",
      samples { $0.status.processes.map { Double($0) } })
    exposition.family(
      "devstart_service_heartbeat_age_seconds", .gauge, "Time since its last heartbeat.",
      samples(\.status.heartbeatAgeSeconds))
    exposition.family(
      "devstart_service_log_bytes", .gauge, "Size of its current log file.",
      samples { Double($0.logBytes) })
  }

  private func writeHistory(into exposition: inout Exposition) {
    exposition.family(
      "devstart_service_restarts", .counter,
      "Restarts by itself since somebody started it, by what caused them.",
      services.flatMap { facts in
        RestartCause.allCases.map { cause in
          .init(
            Double(facts.restarts[cause] ?? 0), ("service", facts.status.name),
            ("reason", cause.rawValue))
        }
      })
    exposition.family(
      "devstart_service_last_exit_code", .gauge, "The code that its main process exited with last.",
      samples { if case .code(let code) = $0.lastExit { Double(code) } else { nil } })
    exposition.family(
      "devstart_service_last_exit_signal", .info, "The signal that ended its main process last.",
      services.compactMap { facts in
        guard case .signal(let signal) = facts.lastExit else { return nil }
        return .init(1, ("service", facts.status.name), ("signal", signal))
      })
  }

  private func writeLimits(into exposition: inout Exposition) {
    exposition.family(
      "devstart_service_memory_limit_bytes", .gauge, "The most memory that it may use.",
      samples { $0.limits.memory.map { Double($0) } })
    exposition.family(
      "devstart_service_cpu_limit_cores", .gauge, "The most CPU time per second that it may use.",
      samples { $0.limits.cpu.map { $0 / 100 } })
    exposition.family(
      "devstart_service_max_runtime_seconds", .gauge, "How long it may run.",
      samples { $0.limits.maxRuntime?.seconds })
    exposition.family(
      "devstart_service_remaining_runtime_seconds", .gauge, "How much of that is left.",
      samples(\.status.remainingSeconds))
    exposition.family(
      "devstart_service_heartbeat_limit_seconds", .gauge, "The longest silence that it may have.",
      samples { $0.heartbeat?.seconds })
  }
}
