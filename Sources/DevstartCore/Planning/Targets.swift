/// Why a word on the command line names no services.
package enum TargetProblem: Error, Equatable, Sendable {
  /// Neither a service nor a category nor `all`.
  case unknown(String, nearest: String?)
  /// All it stands for is left out of categories and of `all` by `autostart: false`.
  case nothingStartsByItself(String, services: [String])
}

extension Manifest {
  /// What the command line can name: the services, the categories, `all`.
  package var targets: [String] {
    var seen: Set<String> = []
    return (services.map(\.name) + services.flatMap(\.categories) + [ReservedNames.everything])
      .filter { seen.insert($0).inserted }
  }

  /// The services that the targets name, in the manifest's order, each once; none is `all`.
  package func resolve(targets: [String]) throws(TargetProblem) -> [Service] {
    var named: Set<String> = []
    for target in targets.isEmpty ? [ReservedNames.everything] : targets {
      if services.contains(where: { $0.name == target }) {
        named.insert(target)
      } else {
        named.formUnion(try members(of: target))
      }
    }
    return services.filter { named.contains($0.name) }
  }

  private func members(of group: String) throws(TargetProblem) -> [String] {
    let isEverything = group == ReservedNames.everything
    let members = services.filter { isEverything || $0.categories.contains(group) }
    guard isEverything || !members.isEmpty else {
      throw .unknown(group, nearest: Nearest.word(to: group, in: targets))
    }
    let automatic = members.filter(\.startsAutomatically)
    guard !automatic.isEmpty || members.isEmpty else {
      throw .nothingStartsByItself(group, services: members.map(\.name))
    }
    return automatic.map(\.name)
  }

  /// These services and all that they depend on, each once, dependencies first, else in the
  /// manifest's order: the order to launch them in, and in reverse to stop them in.
  package func launchOrder(of chosen: [Service]) -> [Service] {
    let names = Set(chosen.map(\.name))
    let roots = services.indices.filter { names.contains(services[$0].name) }
    return graph.dependenciesFirst(from: roots).map { services[$0] }
  }

  /// What these services depend on, directly or not, without themselves; dependencies first.
  package func dependencies(of chosen: [Service]) -> [Service] {
    let names = Set(chosen.map(\.name))
    return launchOrder(of: chosen).filter { !names.contains($0.name) }
  }

  private var graph: DependencyGraph {
    DependencyGraph(services.map { ($0.name, $0.dependsOn.map(\.service)) })
  }
}
