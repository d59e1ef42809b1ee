/// A service, or `defaults`, as far as the manifest has said anything about it. A service begins
/// as a copy of `defaults`; each key of its own replaces the default's value as a whole, `ready`
/// and `stop` too, except `env`, which merges.
struct ServiceDraft {
  /// A rule as it was written; a string is about the program of the service that it ends up in.
  enum Rule {
    case text(String)
    case complete(MatchRule)
  }

  struct Readiness {
    var check: DevstartCore.Readiness.Check?
    var timeout: Duration?
    var interval: Duration?
  }

  struct Reference<Value> {
    var value: Value
    var position: Position
    /// Said in `defaults`, not by the service itself.
    var isDefault = false
  }

  var name = ""
  var categories: [Reference<String>] = []
  var command: Command?
  var workingDirectory: String?
  /// The whole project's variables.
  var inherited: [String: String] = [:]
  var fileVariables: [String: String] = [:]
  var defaultVariables: [String: String] = [:]
  var variables: [String: String] = [:]
  var match: [Rule]?
  var matchScope: MatchScope?
  var spare: [Rule]?
  var onConflict: ConflictPolicy?
  var dependsOn: [Reference<Dependency>] = []
  var readiness = Readiness()
  var stop = StopPolicy()
  var ports: [UInt16] = []
  var isOneshot = false
  var startsAutomatically = true
  var standardInput = StandardInput.null
  var liveness: Liveness?
  var heartbeat: Duration?
  var restart = Restart()
  var limits = Limits()
  var watch: Watch?
  var hooks = Hooks()
  var log = LogPolicy()
  var image: String?
  var health: HealthEndpoint?
  /// The manifest's folder.
  var folder = ""

  /// Notes that what it says so far was said in `defaults`.
  mutating func becomeDefaults() {
    defaultVariables = variables
    variables = [:]
    for index in categories.indices { categories[index].isDefault = true }
    for index in dependsOn.indices { dependsOn[index].isDefault = true }
  }

  /// The service, every default filled in; nil without a command.
  var service: Service? {
    guard let command else { return nil }
    let ports = Self.once(ports) { $0 }
    var service = Service(
      name: name, command: command, workingDirectory: workingDirectory ?? folder,
      match: match.map { Self.rules($0, program: command.programName) }
        ?? MatchRule.defaults(for: command),
      readiness: .byDefault(ports: ports))
    if let check = readiness.check { service.readiness.check = check }
    if let timeout = readiness.timeout { service.readiness.timeout = timeout }
    if let interval = readiness.interval { service.readiness.interval = interval }
    service.categories = Self.once(categories.map(\.value)) { $0 }
    service.environment = environment
    if let matchScope { service.matchScope = matchScope }
    // A descendant that is to be spared is rarely the service's own program.
    if let spare { service.spare = Self.rules(spare, program: nil) }
    if let onConflict { service.onConflict = onConflict }
    service.dependsOn = Self.once(dependencies.map(\.value), by: \.service)
    service.stop = stop
    service.ports = ports
    service.isOneshot = isOneshot
    service.startsAutomatically = startsAutomatically
    service.standardInput = standardInput
    service.liveness = liveness
    service.heartbeat = heartbeat
    service.restart = restart
    service.limits = limits
    service.watch = watch
    service.hooks = hooks
    service.log = log
    service.image = image
    service.health = health
    return service
  }

  /// What a list names twice is meant once.
  private static func once<Element, Key: Equatable>(
    _ list: [Element], by key: (Element) -> Key
  ) -> [Element] {
    guard list.count > 1 else { return list }
    return list.indices.filter { index in
      !list[..<index].contains { key($0) == key(list[index]) }
    }.map { list[$0] }
  }

  /// What every service depends on by default does not depend on itself.
  var dependencies: [Reference<Dependency>] {
    dependsOn.filter { !($0.isDefault && $0.value.service == name) }
  }

  /// The nearer level wins, and at each level `env` over `envFile`: the project's, then
  /// `defaults`' and the service's own `envFile`, which replaces the default one.
  private var environment: [String: String] {
    var environment = inherited
    if environment.isEmpty, fileVariables.isEmpty, defaultVariables.isEmpty { return variables }
    for layer in [fileVariables, defaultVariables, variables] where !layer.isEmpty {
      environment.merge(layer) { $1 }
    }
    return environment
  }

  private static func rules(_ rules: [Rule], program: String?) -> [MatchRule] {
    rules.map { rule in
      switch rule {
      case .text(let text): .argument(containing: text, program: program)
      case .complete(let rule): rule
      }
    }
  }
}
