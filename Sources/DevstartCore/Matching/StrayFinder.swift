/// Finds the strays of services among the processes of the machine.
package struct StrayFinder {
  /// A service whose strays are looked for.
  package struct Target {
    package var service: String
    package var rules: CompiledRules
    package var spare: CompiledRules
    package var scope: MatchScope
    package var pidFile: PIDFileEntry?

    package init(
      service: String, rules: CompiledRules, spare: CompiledRules, scope: MatchScope,
      pidFile: PIDFileEntry? = nil
    ) {
      self.service = service
      self.rules = rules
      self.spare = spare
      self.scope = scope
      self.pidFile = pidFile
    }

    /// A service's own rules; throws where a regular expression is none.
    package init(_ service: Service, pidFile: PIDFileEntry? = nil) throws(InvalidPattern) {
      self.init(
        service: service.name, rules: try CompiledRules(service.match),
        spare: try CompiledRules.spare(service.spare), scope: service.matchScope, pidFile: pidFile)
    }
  }

  /// What a PID file says.
  package struct PIDFileEntry: Equatable, Sendable {
    package var pid: Int32
    /// The file's last change, in milliseconds since 1970.
    package var writtenAt: Int

    package init(pid: Int32, writtenAt: Int) {
      self.pid = pid
      self.writtenAt = writtenAt
    }
  }

  /// `Manifest.project`, as markers have it.
  package var project: String
  /// The manifest's canonical path, as `nearestManifest` gives it.
  package var manifest: String
  /// In the manifest's order.
  package var targets: [Target]
  /// Only this user's processes are strays.
  package var user: UInt32
  /// The current launches of all services of the project.
  package var currentLaunches: Set<Marker>
  /// This process and its ancestors, supervisors, keepers, and the members of current launches.
  package var untouchable: Set<Int32>

  package init(
    project: String, manifest: String, targets: [Target], user: UInt32,
    currentLaunches: Set<Marker> = [], untouchable: Set<Int32> = []
  ) {
    self.project = project
    self.manifest = manifest
    self.targets = targets
    self.user = user
    self.currentLaunches = currentLaunches
    self.untouchable = untouchable
  }

  /// The strays among `processes`, which is a whole scan. `startedAt` turns a process's start
  /// ticks into milliseconds since 1970; `nearestManifest` is the canonical path of the manifest
  /// that a directory belongs to.
  package func find(
    in processes: [ProcessFacts], startedAt: (UInt64) -> Int,
    nearestManifest: (String) -> String?
  ) -> StrayFindings {
    guard !targets.isEmpty else { return StrayFindings() }
    let tree = ProcessTree(processes)
    let guarded = guardedProcesses(tree)
    var claims: [Int32: Claims] = [:]
    for facts in processes where isCandidate(facts, guarded) {
      claims[facts.identity.pid] = self.claims(facts, startedAt, nearestManifest)
    }
    return StraySorting(finder: self, tree: tree, guarded: guarded, claims: claims).findings()
  }

  /// Every PID that no stray may have: what the caller named, devstart's own processes, those
  /// that carry the marker of another project or of a current launch; and what stands below one
  /// of them without a marker of its own to say otherwise (it may have cleared its environment).
  private func guardedProcesses(_ tree: ProcessTree) -> Set<Int32> {
    var guarded: Set<Int32> = []
    var roots: [Int32] = []
    for facts in tree.processes {
      if DevstartOwn.isSupervisorOrKeeper(facts) || isElsewhere(facts.marker) {
        guarded.insert(facts.identity.pid)
        roots.append(facts.identity.pid)
      }
    }
    while let parent = roots.popLast() {
      for child in tree.children(of: parent)
      where child.marker == nil && guarded.insert(child.identity.pid).inserted {
        roots.append(child.identity.pid)
      }
    }
    return guarded.union(untouchable)
  }

  /// Whether the marker names a launch that is not ours to sweep.
  private func isElsewhere(_ marker: Marker?) -> Bool {
    guard let marker else { return false }
    return marker.project != project || currentLaunches.contains(marker)
  }

  private func isCandidate(_ facts: ProcessFacts, _ guarded: Set<Int32>) -> Bool {
    !facts.isEnded && !guarded.contains(facts.identity.pid) && facts.identity.pid > 1
  }
}

extension StrayFinder {
  /// Why a process belongs to a target.
  struct Claim {
    var target: Int
    var reason: Stray.Reason
    /// It runs the service's own command: then no `spare` rule means it.
    var isOwnCommand: Bool
  }

  /// What speaks for a process's belonging.
  struct Claims {
    var byMarker: Claim?
    /// By a PID file or a rule.
    var byFitting: Claim?
  }

  private func claims(
    _ facts: ProcessFacts, _ startedAt: (UInt64) -> Int, _ nearestManifest: (String) -> String?
  ) -> Claims? {
    let profile = ProcessProfile(facts)
    let isCommand = DevstartOwn.isCommand(facts)
    let hits = targets.map { isCommand ? nil : $0.rules.hit(profile) }
    var claims = Claims()
    if let marker = facts.marker {
      // The mark of a service that is not asked for: that one's affair.
      guard let index = targets.firstIndex(where: { $0.service == marker.service }) else {
        return nil
      }
      claims.byMarker = Claim(
        target: index, reason: .marker(launch: marker.launch),
        isOwnCommand: hits[index]?.specificity == .command)
    }
    claims.byFitting =
      claimByPIDFile(facts, hits, startedAt) ?? claimByRule(facts, hits, nearestManifest)
    return claims.byMarker == nil && claims.byFitting == nil ? nil : claims
  }

  /// A PID file alone says nothing: the process must not have started after it, and a rule of the
  /// service must fit it. (One with the service's marker is known by that.)
  private func claimByPIDFile(
    _ facts: ProcessFacts, _ hits: [CompiledRules.Hit?], _ startedAt: (UInt64) -> Int
  ) -> Claim? {
    for (index, target) in targets.enumerated() {
      guard let hit = hits[index], let entry = target.pidFile, entry.pid == facts.identity.pid,
        startedAt(facts.identity.startTicks) <= entry.writtenAt + Self.writingTime
      else { continue }
      return Claim(target: index, reason: .pidFile, isOwnCommand: hit.specificity == .command)
    }
    return nil
  }

  /// The target whose rule says most of the process; of equal ones the first.
  private func claimByRule(
    _ facts: ProcessFacts, _ hits: [CompiledRules.Hit?], _ nearestManifest: (String) -> String?
  ) -> Claim? {
    var best: (index: Int, hit: CompiledRules.Hit)?
    for (index, target) in targets.enumerated() {
      guard let hit = hits[index] else { continue }
      if let best, best.hit.specificity >= hit.specificity { continue }
      if isInScope(facts, target.scope, nearestManifest) { best = (index, hit) }
    }
    return best.map {
      Claim(
        target: $0.index, reason: .rule($0.hit.rule.text),
        isOwnCommand: $0.hit.specificity == .command)
    }
  }

  private func isInScope(
    _ facts: ProcessFacts, _ scope: MatchScope, _ nearestManifest: (String) -> String?
  ) -> Bool {
    switch scope {
    case .user: true
    case .project: facts.workingDirectory.flatMap(nearestManifest) == manifest
    }
  }

  /// A PID file is written right after the start, by clocks that are read apart: milliseconds.
  private static let writingTime = 2000
}

extension ProcessFacts {
  /// A zombie, or about to be gone altogether.
  package var isEnded: Bool { state == UInt8(ascii: "Z") || state == UInt8(ascii: "X") }
}
