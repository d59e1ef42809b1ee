import DevstartCore
import DevstartPlatform

/// The tree below a keeper: the exact membership of its launch.
struct LaunchTree {
  /// A process of the tree, held.
  struct Member {
    let process: HeldProcess
    let stat: ProcessStat
    /// It, or something above it, is what `spare` names.
    let isSpared: Bool
  }

  private let spare: SpareRules

  init(spare: [MatchRule]) { self.spare = SpareRules(spare) }

  /// Everything that lives in the tree now, parents before children. While others exit, a reading
  /// may miss some (proc(5)): an empty answer proves nothing. `main`, which most trees consist of,
  /// is held already.
  func members(below keeper: HeldProcess, main: HeldProcess?) -> [Member] {
    var found: [Member] = []
    var parents: [(process: HeldProcess, isSpared: Bool)] = [(keeper, false)]
    var next = 0
    while next < parents.count {
      let (parent, isSpared) = parents[next]
      next += 1
      for pid in ProcessTable.children(of: parent.identity.pid) {
        guard let member = member(pid, below: parent, isSpared: isSpared, main) else { continue }
        parents.append((member.process, member.isSpared))
        if !member.process.handle.isDead { found.append(member) }
      }
    }
    return found
  }

  /// A child is one of ours if the kernel says so while we hold its parent alive: a parent's PID
  /// that is another's by now cannot make it so.
  private func member(
    _ pid: Int32, below parent: HeldProcess, isSpared: Bool, _ main: HeldProcess?
  ) -> Member? {
    guard let stat = ProcessTable.stat(of: pid), stat.parent == parent.identity.pid,
      !parent.handle.isDead
    else { return nil }
    let held = main?.identity == stat.identity ? main : HeldProcess.hold(stat.identity)
    guard let process = held else { return nil }
    return Member(
      process: process, stat: stat, isSpared: isSpared || spare.fits(pid))
  }

  /// Whether a process is one that outlives its service on purpose.
  func isSpared(_ facts: ProcessFacts) -> Bool { spare.fits(facts) }
}

/// A service's `spare` rules, compiled when they are first needed.
private final class SpareRules {
  /// What rules look at.
  private static let details: ProcessTable.Details = [
    .arguments, .executable, .workingDirectory,
  ]

  private let rules: [MatchRule]
  private lazy var compiled = Self.compile(rules)

  init(_ rules: [MatchRule]) { self.rules = rules }

  func fits(_ pid: Int32) -> Bool {
    guard let facts = ProcessTable.facts(of: pid, Self.details) else {
      return false
    }
    return fits(facts)
  }

  /// A supervisor that was started from inside the launch, and its keepers, are never members.
  func fits(_ facts: ProcessFacts) -> Bool {
    DevstartOwn.isSupervisorOrKeeper(facts) || compiled?.hit(facts) != nil
  }

  /// nil where a regular expression is none, which the manifest's check has refused before.
  private static func compile(_ rules: [MatchRule]) -> CompiledRules? {
    do { return try CompiledRules.spare(rules) } catch { return nil }
  }
}
