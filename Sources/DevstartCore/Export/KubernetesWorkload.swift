/// One service as Kubernetes runs it.
struct KubernetesWorkload {
  let service: Service
  /// A DNS label.
  let name: String
  let request: ExportRequest

  var objects: [JSON] {
    let workload = service.isOneshot ? job : deployment
    return service.ports.isEmpty ? [workload] : [workload, networkService]
  }

  private var container: ContainerCommand { ContainerCommand(service: service, request: request) }

  // MARK: Objects

  private var deployment: JSON {
    var minimum: JSON?
    if case .delay(let delay, chosen: true) = service.readiness.check, delay > .zero {
      minimum = JSON(delay.wholeSeconds)
    }
    let starts = request.startedByThemselves.contains(service.name)
    return .object([
      ("apiVersion", "apps/v1"), ("kind", "Deployment"), ("metadata", metadata),
      (
        "spec",
        .object([
          ("replicas", JSON(starts ? 1 : 0)),
          ("selector", ["matchLabels": selector]),
          // One of each: the old one is gone before the new one starts.
          ("strategy", ["type": "Recreate"]), ("minReadySeconds", minimum),
          ("template", pod(restartPolicy: nil)),
        ])
      ),
    ])
  }

  private var job: JSON {
    let isRestarted = service.restart.policy != .never
    let starts = request.startedByThemselves.contains(service.name)
    return .object([
      ("apiVersion", "batch/v1"), ("kind", "Job"), ("metadata", metadata),
      (
        "spec",
        .object([
          ("suspend", starts ? nil : true),
          ("backoffLimit", JSON(isRestarted ? service.restart.max : 0)),
          ("activeDeadlineSeconds", service.limits.maxRuntime.map { JSON($0.wholeSeconds) }),
          ("template", pod(restartPolicy: isRestarted ? "OnFailure" : "Never")),
        ])
      ),
    ])
  }

  private var networkService: JSON {
    let ports = service.ports.map { port -> JSON in
      ["name": JSON("tcp-\(port)"), "port": JSON(Int(port)), "targetPort": JSON(Int(port))]
    }
    return [
      "apiVersion": "v1", "kind": "Service", "metadata": metadata,
      "spec": ["selector": selector, "ports": JSON(ports)],
    ]
  }

  private var selector: JSON { ["app.kubernetes.io/name": JSON(name)] }

  private var labels: JSON {
    let project = ContainerCommand.dnsName(request.manifest.name)
    return ["app.kubernetes.io/name": JSON(name), "app.kubernetes.io/part-of": JSON(project)]
  }

  private var metadata: JSON { ["name": JSON(name), "labels": labels] }

  private func pod(restartPolicy: String?) -> JSON {
    [
      "metadata": ["labels": labels],
      "spec": .object([
        ("restartPolicy", restartPolicy.map { JSON($0) }),
        ("terminationGracePeriodSeconds", JSON(service.stop.timeout.wholeSeconds)),
        // Else each service's address is in every other's environment.
        ("enableServiceLinks", false), ("containers", [containerObject]),
      ]),
    ]
  }

  // MARK: The container

  private var containerObject: JSON {
    let variables = service.exportedVariables.filter { Self.takes(variable: $0.name) }.map {
      ["name": JSON($0.name), "value": JSON($0.value)] as JSON
    }
    let others = service.exportedVariables.filter { !Self.takes(variable: $0.name) }
    let ports = service.ports.map { port -> JSON in
      ["name": JSON("tcp-\(port)"), "containerPort": JSON(Int(port))]
    }
    // `$(NAME)` is put in by Kubernetes in these two and in checks, and `$$` is a dollar.
    return .object([
      ("name", JSON(name)), ("image", JSON(container.image)),
      ("command", JSON(container.arguments(variables: others)).withDoubledDollars),
      ("workingDir", container.foreignFolder.map { JSON($0) }),
      ("env", JSON(variables).withDoubledDollars), ("ports", ports.isEmpty ? nil : JSON(ports)),
      ("startupProbe", startupProbe), ("readinessProbe", readinessProbe),
      ("livenessProbe", livenessProbe), ("resources", resources),
      ("lifecycle", service.stop.command.map { ["preStop": Self.execution($0.argumentVector)] }),
      ("stdin", service.standardInput == .open ? true : nil),
    ])
  }

  /// Letters, digits, `_`, `-` and `.`, no digit first: what every version takes.
  private static func takes(variable name: String) -> Bool {
    guard let first = name.utf8.first, !(0x30...0x39).contains(first), name != ".",
      !name.hasPrefix("..")
    else {
      return false
    }
    return name.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"),
        UInt8(ascii: "."):
        true
      default: false
      }
    }
  }

  private var resources: JSON? {
    let memory = service.limits.memory.map { JSON(Self.quantity($0)) }
    let cpu = service.limits.cpu.map { JSON("\(max(1, Int(($0 * 10).rounded())))m") }
    guard memory != nil || cpu != nil else { return nil }
    return ["limits": .object([("memory", memory), ("cpu", cpu)])]
  }

  /// `2Gi`, `512Mi`, else bytes.
  private static func quantity(_ bytes: Int) -> String {
    if bytes % (1 << 30) == 0 { return "\(bytes >> 30)Gi" }
    return bytes % (1 << 20) == 0 ? "\(bytes >> 20)Mi" : String(bytes)
  }

  // MARK: Probes

  private var readyProbe: Probe? {
    guard !service.isOneshot, case .probe(let probe) = service.readiness.check else { return nil }
    return probe
  }

  private var liveProbe: Probe? {
    guard case .probe(let probe) = service.liveness?.check else { return nil }
    return probe
  }

  /// Until it passes, neither of the others is asked; it fails once `ready.timeout` is over.
  private var startupProbe: JSON? {
    readyProbe.map { probe in
      let period = max(1, service.readiness.interval.wholeSeconds)
      let times = (service.readiness.timeout.wholeSeconds + period - 1) / period
      return self.probe(probe, period: period, timeout: .seconds(5), failures: times)
    }
  }

  private var readinessProbe: JSON? {
    readyProbe.map { probe($0, period: 10, timeout: .seconds(5), failures: 3) }
  }

  private var livenessProbe: JSON? {
    guard let liveness = service.liveness, let liveProbe else { return nil }
    return probe(
      liveProbe, period: liveness.interval.wholeSeconds, timeout: liveness.timeout,
      failures: liveness.failures)
  }

  private func probe(_ probe: Probe, period: Int, timeout: Duration, failures: Int) -> JSON {
    let timing: JSON = [
      "periodSeconds": JSON(max(1, period)), "timeoutSeconds": JSON(max(1, timeout.wholeSeconds)),
      "failureThreshold": JSON(max(1, failures)),
    ]
    return handler(of: probe).merging(timing)
  }

  private func handler(of probe: Probe) -> JSON {
    switch probe {
    case .listening(let ports) where ports.count == 1:
      return ["tcpSocket": ["port": JSON(Int(ports[0]))]]
    case .listening:
      return Self.execution(ShellProbe(probe, timeout: .seconds(5)).arguments).withDoubledDollars
    case .http(let address, _):
      let (port, path) = Self.portAndPath(ofHTTP: address)
      return ["httpGet": ["path": JSON(path), "port": JSON(port)]]
    case .command(let command):
      return Self.execution(command.argumentVector).withDoubledDollars
    }
  }

  private static func execution(_ arguments: [String]) -> JSON {
    ["exec": ["command": JSON(arguments)]]
  }

  /// Of an address that the manifest's decoder has taken; the host is the pod's own.
  static func portAndPath(ofHTTP address: String) -> (port: Int, path: String) {
    do {
      let address = try HTTPAddress(address)
      return (Int(address.port), address.target)
    } catch {
      return (80, "/")
    }
  }

  // MARK: What it cannot say

  var facts: [ExportFact] {
    var facts = container.facts
    if name != service.name { facts.append(.renamed(name)) }
    if !service.isOneshot, service.restart.policy != .always {
      facts.append(.alwaysRestarted(service.restart.policy))
    }
    for probe in [readyProbe, liveProbe] {
      if case .http(_, let status) = probe { facts.append(.anyStatus(status)) }
      if case .listening(let ports) = probe, ports.count > 1 {
        facts.append(.needsProgram("grep"))
      }
    }
    if service.limits.cpu != nil { facts.append(.cpuThrottles) }
    if !hasWholeSeconds { facts.append(.wholeSeconds) }
    var lost = service.lost(beyond: KubernetesExport.expressed)
    // A Job has a deadline and a number of tries; only what runs for ever has neither.
    if service.isOneshot {
      lost.removeAll { [.lost(.maxRuntime), .lost(.restartLimit)].contains($0) }
    }
    return lost
      + facts.reduce(into: [ServiceFact]()) {
        if !$0.contains($1) { $0.append($1) }
      }.map { .otherwise($0) }
  }

  private var hasWholeSeconds: Bool {
    var times = [service.stop.timeout]
    if let liveness = service.liveness { times += [liveness.interval, liveness.timeout] }
    if service.isOneshot, let most = service.limits.maxRuntime { times.append(most) }
    if readyProbe != nil { times.append(service.readiness.timeout) }
    if case .delay(let delay, chosen: true) = service.readiness.check { times.append(delay) }
    return times.allSatisfy(\.isWholeSeconds)
  }
}
