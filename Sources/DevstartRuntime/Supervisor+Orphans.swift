import DevstartCore
import DevstartPlatform

/// Whose a process is where no keeper is left to tell.
extension Supervisor {
  /// The members of a launch whose keeper was killed: what carries its marker, what is in main's
  /// session or group, what this supervisor has adopted, and what descends from any of these.
  func orphans(of launch: LiveLaunch) -> LaunchTree.Members {
    let processes: [ProcessFacts]
    do {
      processes = try ProcessTable.all([.arguments, .marker])
    } catch {
      log.write("cannot read the process table: \(error)")
      return LaunchTree.Members(isWhole: false)
    }
    let claims = Claims(
      session: session(of: launch, in: processes),
      // After the table was read: whoever was adopted meanwhile has lost its keeper by now.
      rivals: launches.values.filter { $0 !== launch && hasLostKeeper($0) }
        .map { ($0, session(of: $0, in: processes)) },
      keepers: Set(launches.values.compactMap { $0.keeper?.identity.pid }))
    launch.unclaimed = []
    var found = Set(
      processes.lazy.filter { self.owns(launch, $0, claims) }.map(\.identity.pid))
    add(to: &found, childrenIn: processes) {
      !claims.keepers.contains($0.parent) && !DevstartOwn.isSupervisorOrKeeper($0)
    }
    // What stands below a spared process is spared with it.
    var spared = found.filter(launch.tree.isSpared)
    add(to: &spared, childrenIn: processes) { found.contains($0.identity.pid) }
    let held: [LaunchTree.Member] = processes.compactMap { facts in
      guard found.contains(facts.identity.pid),
        let stat = ProcessTable.stat(of: facts.identity.pid),
        stat.identity == facts.identity, let process = HeldProcess.hold(facts.identity),
        !process.handle.isDead
      else { return nil }
      return LaunchTree.Member(
        process: process, stat: stat, isSpared: spared.contains(facts.identity.pid))
    }
    // Whom this reading missed is known still.
    launch.adopted = launch.adopted.filter { ProcessTable.stat(of: $0.pid)?.identity == $0 }
      .union(held.map(\.process.identity))
    var members = LaunchTree.Members(all: held, met: found, isWhole: OwnProcess.canOpenMore)
    if members.notSpared.isEmpty, members.isWhole { addAdopted(to: &members, of: launch, claims) }
    return members
  }

  /// Adds those of a launch that this supervisor has adopted just now: to read the whole table
  /// takes longer than one of a chain of forks lives.
  private func addAdopted(
    to members: inout LaunchTree.Members, of launch: LiveLaunch, _ claims: Claims
  ) {
    let known = Set(members.all.map(\.process.identity.pid)).union(claims.keepers)
    for _ in 0..<Self.mostGlances {
      // The dead of a chain would take ever longer to look at, and all the PIDs that there are.
      reapChildren()
      let adopted = ProcessTable.children(of: identity.pid).filter { !known.contains($0) }
      members.met.formUnion(adopted)
      // The youngest lives the longest.
      for pid in adopted.reversed() {
        guard let facts = ProcessTable.facts(of: pid, [.arguments, .marker]),
          owns(launch, facts, claims), let process = HeldProcess.hold(facts.identity),
          let stat = ProcessTable.stat(of: pid), stat.identity == facts.identity,
          !process.handle.isDead
        else { continue }
        launch.adopted.insert(facts.identity)
        members.all.append(
          LaunchTree.Member(process: process, stat: stat, isSpared: launch.tree.isSpared(pid)))
      }
      if adopted.isEmpty || !members.notSpared.isEmpty { return }
    }
  }

  /// How often the children are looked at for one reading of the whole table.
  private static let mostGlances = 50

  /// Adds the children of those that are there, their children and so on, where `counts` says so.
  private func add(
    to found: inout Set<Int32>, childrenIn processes: [ProcessFacts],
    where counts: (ProcessFacts) -> Bool
  ) {
    var grew = true
    while grew {
      let more = processes.filter {
        found.contains($0.parent) && !found.contains($0.identity.pid) && counts($0)
      }
      grew = !more.isEmpty
      found.formUnion(more.map(\.identity.pid))
    }
  }

  /// The session that main made; nil where its number may be another's. It is main's while main is
  /// alive or not yet reaped, and then for as long as somebody is in it: who is held already, or
  /// began before it was last seen not to be empty.
  private func session(
    of launch: LiveLaunch, in processes: [ProcessFacts]
  ) -> Int32? {
    guard let main = launch.mainIdentity else { return nil }
    let isOwn = processes.contains { facts in
      let start = facts.identity.startTicks
      return facts.identity == main
        || facts.session == main.pid
          && (launch.knows(facts.identity)
            || (main.startTicks...max(main.startTicks, launch.sessionSeenAt)).contains(start))
    }
    guard isOwn else { return nil }
    launch.sessionSeenAt = Clock.ticks()
    return main.pid
  }

  /// Whether what a launch had ended up with this supervisor, which its keeper can not tell.
  private func hasLostKeeper(_ launch: LiveLaunch) -> Bool {
    guard let keeper = launch.keeper else { return true }
    guard keeper.handle.isDead else { return false }
    takeReports(of: launch.id)
    return !launch.isTreeEmpty
  }

  /// What tells whose a process without a keeper is.
  private struct Claims {
    /// That of the launch that is looked for.
    let session: Int32?
    /// The other launches that lost their keeper, each with its session.
    let rivals: [(launch: LiveLaunch, session: Int32?)]
    let keepers: Set<Int32>
  }

  /// What speaks for a process's being one of a launch that lost its keeper.
  private enum Claim {
    case none
    /// This supervisor has adopted it, and nothing says from whom.
    case possible
    case certain
  }

  /// Whether a process is one of a launch that lost its keeper, and of no other.
  private func owns(_ launch: LiveLaunch, _ facts: ProcessFacts, _ claims: Claims) -> Bool {
    guard !claims.keepers.contains(facts.identity.pid) else { return false }
    switch claim(of: launch, claims.session, on: facts) {
    case .none: return false
    case .certain: return true
    case .possible:
      let others = claims.rivals.map { claim(of: $0.launch, $0.session, on: facts) }
      if others.allSatisfy({ $0 == .none }) { return true }
      if !others.contains(.certain) { launch.unclaimed.insert(facts.identity.pid) }
      return false
    }
  }

  private func claim(of launch: LiveLaunch, _ session: Int32?, on facts: ProcessFacts) -> Claim {
    // What was known as a member stays one when the parent that told so is gone.
    if launch.knows(facts.identity) { return .certain }
    guard !DevstartOwn.isSupervisorOrKeeper(facts) else { return .none }
    let isAdopted = facts.parent == identity.pid
    if let marker = facts.marker {
      // What another user's process says of itself is not enough.
      let isHeard = isAdopted || facts.user == OwnProcess.user
      return isHeard && marker == launch.marker ? .certain : .none
    }
    // Its group is in there, too.
    if let session, facts.session == session { return .certain }
    // Whoever became this supervisor's child, without being a keeper, lost its keeper.
    guard isAdopted, !leftAlone.contains(facts.identity) else { return .none }
    let start = launch.mainIdentity?.startTicks ?? 0
    return start <= facts.identity.startTicks ? .possible : .none
  }
}
