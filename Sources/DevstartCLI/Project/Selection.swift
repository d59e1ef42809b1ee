import DevstartCore
import DevstartPlatform

/// The services that the words of a command line mean.
struct Selection {
  /// In the manifest's order.
  var services: [Service]
  /// Those that count: `autostart: false` does not, unless it was named itself.
  var counted: Set<String>
  /// No target was named, or `all`.
  var isEverything: Bool

  var names: [String] { services.map(\.name) }

  /// For what starts services: `all` and categories leave out `autostart: false`.
  static func toStart(_ invocation: Invocation, in manifest: Manifest) throws(CommandFailure)
    -> Selection
  {
    do {
      let services = try manifest.resolve(targets: invocation.operands)
      return Selection(
        services: services, counted: Set(services.map(\.name)),
        isEverything: isEverything(invocation))
    } catch {
      throw failure(error, invocation, manifest)
    }
  }

  /// For what looks at services or ends them: whatever runs is meant.
  static func ofAll(_ invocation: Invocation, in manifest: Manifest) throws(CommandFailure)
    -> Selection
  {
    if isEverything(invocation), invocation.operands.count <= 1 {
      return Selection(
        services: manifest.services,
        counted: namesOfAutomatic(manifest.services),
        isEverything: true)
    }
    var chosen: Set<String> = []
    var counted: Set<String> = []
    for target in invocation.operands {
      let members = manifest.services.filter {
        target == "all" || $0.name == target || $0.categories.contains(target)
      }
      guard target == "all" || !members.isEmpty else {
        let nearest = Nearest.word(to: target, in: manifest.targets)
        throw failure(.unknown(target, nearest: nearest), invocation, manifest)
      }
      chosen.formUnion(members.map(\.name))
      counted.formUnion(
        members.filter { $0.startsAutomatically || $0.name == target }.map(\.name))
    }
    return Selection(
      services: manifest.services.filter { chosen.contains($0.name) }, counted: counted,
      isEverything: isEverything(invocation))
  }

  /// Room for all at once is cheaper than growing.
  private static func namesOfAutomatic(_ services: [Service]) -> Set<String> {
    var names = Set<String>(minimumCapacity: services.count)
    for service in services where service.startsAutomatically { names.insert(service.name) }
    return names
  }

  private static func isEverything(_ invocation: Invocation) -> Bool {
    invocation.operands.isEmpty || invocation.operands.contains("all")
  }

  /// The first word of a command line without a command may be either.
  private static func failure(
    _ problem: TargetProblem, _ invocation: Invocation, _ manifest: Manifest
  ) -> CommandFailure {
    guard case .unknown(let word, let nearest) = problem, invocation.isShorthand,
      word == invocation.operands.first
    else { return CommandFailure(.wrong, problem.description + hint(for: problem, manifest)) }
    let commands = CommandName.allCases.filter { !$0.isHidden }.map(\.rawValue)
    let command = Nearest.word(to: word, in: commands)
    let meant = [command, nearest].compactMap { $0.map { "'\($0)'" } }.joined(separator: " or ")
    return CommandFailure(
      .wrong,
      "'\(TextWidth.harmless(word))' is neither a command nor a target"
        + (meant.isEmpty ? hint(for: problem, manifest) : "; did you mean \(meant)?"))
  }

  private static func hint(for problem: TargetProblem, _ manifest: Manifest) -> String {
    guard case .unknown(_, nil) = problem else { return "" }
    let shown = manifest.targets.prefix(12).joined(separator: ", ")
    return "; targets are \(shown)\(manifest.targets.count > 12 ? " …" : "")"
  }
}
