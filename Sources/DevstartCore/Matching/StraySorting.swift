/// Puts what was claimed, and what descends from it, into its place.
struct StraySorting {
  let finder: StrayFinder
  let tree: ProcessTree
  /// What no stray may be.
  let guarded: Set<Int32>
  let claims: [Int32: StrayFinder.Claims]
  private var found = StrayFindings()
  private var seen: Set<Int32> = []
  /// What stands below a spared process: there a marker is inherited (by a shell in a tmux
  /// server, say) and tells nothing; a rule or a PID file still does.
  private var sheltered: Set<Int32> = []

  init(
    finder: StrayFinder, tree: ProcessTree, guarded: Set<Int32>,
    claims: [Int32: StrayFinder.Claims]
  ) {
    self.finder = finder
    self.tree = tree
    self.guarded = guarded
    self.claims = claims
  }

  func findings() -> StrayFindings {
    var sorting = self
    sorting.sort()
    return sorting.found
  }

  private mutating func sort() {
    // What is spared comes first, to know what is sheltered by it.
    for facts in tree.processes {
      guard let claim = claim(on: facts), isSpared(facts, claim) else { continue }
      place(facts, claim.target, claim.reason, isSpared: true)
      shelterDescendants(of: facts.identity.pid)
    }
    for facts in tree.processes {
      guard let claim = claim(on: facts) else { continue }
      place(facts, claim.target, claim.reason, isSpared: isSpared(facts, claim))
    }
    placeDescendants(of: found.strays)
  }

  private func claim(on facts: ProcessFacts) -> StrayFinder.Claim? {
    guard let claims = claims[facts.identity.pid] else { return nil }
    let isSheltered = sheltered.contains(facts.identity.pid)
    return (isSheltered ? nil : claims.byMarker) ?? claims.byFitting
  }

  private func isSpared(_ facts: ProcessFacts, _ claim: StrayFinder.Claim) -> Bool {
    !claim.isOwnCommand && finder.targets[claim.target].spare.hit(facts) != nil
  }

  private mutating func shelterDescendants(of pid: Int32) {
    var parents = [pid]
    while let parent = parents.popLast() {
      for child in tree.children(of: parent)
      where sheltered.insert(child.identity.pid).inserted {
        parents.append(child.identity.pid)
      }
    }
  }

  private mutating func place(
    _ facts: ProcessFacts, _ target: Int, _ reason: Stray.Reason, isSpared: Bool
  ) {
    guard seen.insert(facts.identity.pid).inserted else { return }
    let stray = Stray(service: finder.targets[target].service, facts: facts, reason: reason)
    if facts.user != finder.user {
      found.foreign.append(stray)
    } else if isSpared {
      found.spared.append(stray)
    } else {
      found.strays.append(stray)
    }
  }

  /// What descends from strays is stray with them; not from another user's, which stay.
  private mutating func placeDescendants(of strays: [Stray]) {
    // `listed` is the nearest process upwards that is itself among the findings.
    var parents: [(pid: Int32, listed: Int32, target: Int)] = strays.reversed().compactMap {
      stray in
      let pid = stray.facts.identity.pid
      return finder.targets.firstIndex { $0.service == stray.service }.map { (pid, pid, $0) }
    }
    while let (parent, listed, target) = parents.popLast() {
      for child in tree.children(of: parent) {
        let pid = child.identity.pid
        // A marked process is found by its marker, or is not ours.
        guard child.marker == nil, !guarded.contains(pid), !seen.contains(pid) else { continue }
        if child.isEnded {
          seen.insert(pid)
          parents.append((pid, listed, target))
          continue
        }
        let isSpared = finder.targets[target].spare.hit(child) != nil
        place(child, target, .descendant(of: listed), isSpared: isSpared)
        if !isSpared { parents.append((pid, pid, target)) }
      }
    }
  }
}
