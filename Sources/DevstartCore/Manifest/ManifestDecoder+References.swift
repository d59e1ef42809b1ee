/// Names, and what refers to them.
extension ManifestDecoder {
  /// Services and categories are targets, and a service's name is part of file names.
  mutating func checkName(_ name: String, at position: Position) {
    guard Self.isName(name) else {
      problems.add(.badName(name), at: position)
      return
    }
    if ReservedNames.contains(name) { problems.add(.reservedName(name), at: position) }
  }

  /// Letters, digits, `_`, `-`, `.`; it begins with neither `-`, as options do, nor `.`; and it
  /// leaves room in a file's name of 255 bytes.
  static func isName(_ name: String) -> Bool {
    guard let first = name.utf8.first, name.utf8.count <= 128 else { return false }
    let isStart = first != UInt8(ascii: "-") && first != UInt8(ascii: ".")
    return isStart
      && name.utf8.allSatisfy {
        (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
          || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
      }
  }

  /// `names` are those of all services, also of those that could not be decoded.
  mutating func checkReferences(of drafts: [ServiceDraft], names: [String]) {
    let hasReferences = drafts.contains { !$0.dependsOn.isEmpty || !$0.categories.isEmpty }
    guard hasReferences else { return }
    let known = Set(names)
    checkCategories(of: drafts, services: known)
    for draft in drafts {
      for dependency in draft.dependencies {
        let service = dependency.value.service
        if service == draft.name {
          problems.add(.dependsOnItself, at: dependency.position)
        } else if !known.contains(service) {
          reportUnknown(dependency, names: names)
        }
      }
    }
    checkCycles(of: drafts)
  }

  /// What `defaults` say wrong is wrong once, not once a service.
  private mutating func reportUnknown(
    _ dependency: ServiceDraft.Reference<Dependency>, names: [String]
  ) {
    guard problems.entries[dependency.position] == nil else { return }
    let service = dependency.value.service
    problems.add(
      .unknownService(service, nearest: nearest(to: service, in: names)), at: dependency.position)
  }

  /// A category that is called as a service is ambiguous, unless that service is all it holds.
  private mutating func checkCategories(of drafts: [ServiceDraft], services: Set<String>) {
    var hasOthers: Set<String> = []
    for draft in drafts {
      for category in draft.categories where category.value != draft.name {
        hasOthers.insert(category.value)
      }
    }
    for draft in drafts {
      for category in draft.categories
      where services.contains(category.value) && hasOthers.contains(category.value)
        && problems.entries[category.position] == nil
      {
        problems.add(.categoryIsService(category.value), at: category.position)
      }
    }
  }

  private mutating func checkCycles(of drafts: [ServiceDraft]) {
    let graph = DependencyGraph(
      drafts.map { draft in (draft.name, draft.dependencies.map(\.value.service)) })
    for cycle in graph.cycles where cycle.count > 2 {
      // Where the last of the cycle refers back to the first.
      let last = drafts.last { $0.name == cycle[cycle.count - 2] }
      let back = last?.dependencies.first { $0.value.service == cycle[0] }
      if let back { problems.add(.cycle(cycle), at: back.position) }
    }
  }
}
