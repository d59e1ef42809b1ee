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

  /// What of a launch could be found and held.
  struct Members {
    var all: [Member] = []
    /// The PIDs of all that were met, of those too that were dead when they were looked at; but for
    /// what stands below a spared process.
    var met: Set<Int32> = []
    /// False where descriptors ran out meanwhile: then there may be any number of others.
    var isWhole = true

    var notSpared: [Member] { all.filter { !$0.isSpared } }
    var hasSpared: Bool { all.contains(where: \.isSpared) }
  }

  private let spare: SpareRules

  init(spare: [MatchRule]) { self.spare = SpareRules(spare) }

  /// Everything that lives in the tree now, parents before children. While others exit, a reading
  /// may miss some (proc(5)): an empty answer proves nothing. `main`, which most trees consist of,
  /// is held already; `mainIdentity` is nil until it is known to have been executed.
  func members(
    below keeper: HeldProcess, main: HeldProcess?, mainIdentity: ProcessIdentity?
  ) -> Members {
    var found = Members()
    var parents: [(process: HeldProcess, isSpared: Bool)] = [(keeper, false)]
    var next = 0
    while next < parents.count {
      let (parent, isSpared) = parents[next]
      next += 1
      for pid in ProcessTable.children(of: parent.identity.pid) {
        if !isSpared { found.met.insert(pid) }
        guard let member = member(pid, below: parent, isSpared: isSpared, main, mainIdentity) else {
          continue
        }
        parents.append((member.process, member.isSpared))
        found.all.append(member)
      }
    }
    // All that was opened is open still: where more can be, nothing failed for the lack of it.
    found.isWhole = OwnProcess.canOpenMore
    return found
  }

  /// nil where it is dead. A child is one of ours if the kernel says so while we hold its parent alive: a parent's PID
  /// that is another's by now cannot make it so.
  private func member(
    _ pid: Int32, below parent: HeldProcess, isSpared: Bool, _ main: HeldProcess?,
    _ mainIdentity: ProcessIdentity?
  ) -> Member? {
    guard let stat = ProcessTable.stat(of: pid), stat.parent == parent.identity.pid,
      !parent.handle.isDead
    else { return nil }
    let held = main?.identity == stat.identity ? main : HeldProcess.hold(stat.identity)
    // What is dead has no children any more: they have become the keeper's.
    guard let process = held, !process.handle.isDead else { return nil }
    // Until it is executed, main has its keeper's memory, and with it the keeper's title: it looks
    // like one, and is not to be left alone for that.
    let mayBeOwn = mainIdentity.map { $0 != stat.identity } ?? false
    return Member(
      process: process, stat: stat, isSpared: isSpared || spare.fits(pid, mayBeOwn: mayBeOwn))
  }

  /// Whether a process is one that outlives its service on purpose.
  func isSpared(_ pid: Int32) -> Bool { spare.fits(pid, mayBeOwn: true) }
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

  func fits(_ pid: Int32, mayBeOwn: Bool) -> Bool {
    guard let facts = ProcessTable.facts(of: pid, Self.details) else {
      return false
    }
    return fits(facts, mayBeOwn: mayBeOwn)
  }

  /// A supervisor that was started from inside the launch, and its keepers, are never members.
  func fits(_ facts: ProcessFacts, mayBeOwn: Bool) -> Bool {
    mayBeOwn && DevstartOwn.isSupervisorOrKeeper(facts) || compiled?.hit(facts) != nil
  }

  /// nil where a regular expression is none, which the manifest's check has refused before.
  private static func compile(_ rules: [MatchRule]) -> CompiledRules? {
    do { return try CompiledRules.spare(rules) } catch { return nil }
  }
}
