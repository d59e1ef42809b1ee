/// A process that belongs to a service but not to its current launch.
package struct Stray: Equatable, Sendable {
  /// What made it ours.
  package enum Reason: Equatable, Sendable {
    /// It carries the marker of an earlier launch.
    case marker(launch: String)
    /// The PID file names it, and a rule fits it.
    case pidFile
    /// The rule, in the manifest's words.
    case rule(String)
    /// It descends from another stray.
    case descendant(of: Int32)
  }

  package var service: String
  package var facts: ProcessFacts
  package var reason: Reason

  package init(service: String, facts: ProcessFacts, reason: Reason) {
    self.service = service
    self.facts = facts
    self.reason = reason
  }
}

/// What a search for strays found.
package struct StrayFindings: Equatable, Sendable {
  /// To be ended, each once.
  package var strays: [Stray] = []
  /// Left alone because `spare` names them.
  package var spared: [Stray] = []
  /// Would be strays, but belong to another user: reported, never signalled.
  package var foreign: [Stray] = []

  package init() {}
}

extension [Stray] {
  /// Parents before their children, else as they are: who replaces what it loses has to get its
  /// signal before it has lost any. Their numbers do not tell, as those begin anew.
  package var parentsFirst: [Stray] {
    let parents = Dictionary(
      map { ($0.facts.identity.pid, $0.facts.parent) }, uniquingKeysWith: { first, _ in first })
    let depths = map { stray in
      var (depth, parent) = (0, stray.facts.parent)
      // One reading of the process table may show a circle, where numbers were given again.
      while let next = parents[parent], depth < count { (depth, parent) = (depth + 1, next) }
      return depth
    }
    return indices.sorted { (depths[$0], $0) < (depths[$1], $1) }.map { self[$0] }
  }
}
