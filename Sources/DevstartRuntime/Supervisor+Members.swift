import DevstartCore
import DevstartPlatform

extension Supervisor {
  /// Everything of a launch that is alive now.
  func members(of launch: LiveLaunch) -> LaunchTree.Members {
    if let keeper = launch.keeper {
      return launch.tree.members(
        below: keeper, main: launch.main, mainIdentity: launch.mainIdentity)
    }
    return orphans(of: launch)
  }

  /// Everything of a launch that is alive, where one reading proves nothing: of a chain of forks it
  /// may meet only the dead. That nobody has to end is believed of two readings that met the same.
  func settledMembers(of launch: LiveLaunch) -> LaunchTree.Members {
    var last = members(of: launch)
    // Spared processes may never come to rest.
    for _ in 0..<Self.mostReadings {
      guard last.notSpared.isEmpty, last.isWhole else { break }
      let next = members(of: launch)
      if next.notSpared.isEmpty, next.met == last.met { break }
      last = next
    }
    return last
  }

  /// None of a chain's processes is met alive in so many readings: that has never been seen.
  private static let mostReadings = 200

  /// The PIDs of a launch's members, unheld: for looking, never for signalling.
  func memberPIDs(of launch: LiveLaunch) -> [Int32] {
    if let keeper = launch.keeper { return ProcessTable.descendants(of: keeper.identity.pid) }
    return orphans(of: launch).all.map(\.process.identity.pid)
  }

  /// Whether a process belongs to a launch. It is asked from below: a list of what is above it
  /// misses nobody, one of what is below a keeper may.
  func isMember(_ pid: Int32, of launch: LiveLaunch) -> Bool {
    guard let keeper = launch.keeper else { return memberPIDs(of: launch).contains(pid) }
    return ProcessTable.ancestors(of: pid).contains(keeper.identity)
  }

  /// The members of a launch whose keeper was killed: what carries its marker, what is in main's
  /// session or group, what this supervisor has adopted, and what descends from any of these.
  private func orphans(of launch: LiveLaunch) -> LaunchTree.Members {
    let processes: [ProcessFacts]
    do {
      processes = try ProcessTable.all([.arguments, .marker])
    } catch {
      log.write("cannot read the process table: \(error)")
      return LaunchTree.Members(isWhole: false)
    }
    let own = Set(launches.values.compactMap { $0.keeper?.identity.pid })
    // What was held as a member stays one when the parent that told so is gone.
    let known = Set(launch.awaited.map(\.identity))
    let session = session(of: launch, holding: known, in: processes)
    var found: Set<Int32> = []
    for facts in processes
    where known.contains(facts.identity)
      || isOrphan(facts, of: launch, session: session, keepers: own)
    {
      found.insert(facts.identity.pid)
    }
    add(to: &found, childrenIn: processes) {
      !own.contains($0.parent) && !DevstartOwn.isSupervisorOrKeeper($0)
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
    return LaunchTree.Members(all: held, met: found, isWhole: OwnProcess.canOpenMore)
  }

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
    of launch: LiveLaunch, holding held: Set<ProcessIdentity>, in processes: [ProcessFacts]
  ) -> Int32? {
    guard let main = launch.mainIdentity else { return nil }
    let isOwn = processes.contains { facts in
      let start = facts.identity.startTicks
      return facts.identity == main
        || facts.session == main.pid
          && (held.contains(facts.identity)
            || (main.startTicks...max(main.startTicks, launch.sessionSeenAt)).contains(start))
    }
    guard isOwn else { return nil }
    launch.sessionSeenAt = Clock.ticks()
    return main.pid
  }

  private func isOrphan(
    _ facts: ProcessFacts, of launch: LiveLaunch, session: Int32?, keepers: Set<Int32>
  ) -> Bool {
    guard facts.user == OwnProcess.user, !keepers.contains(facts.identity.pid),
      !DevstartOwn.isSupervisorOrKeeper(facts)
    else { return false }
    if let marker = facts.marker { return marker == launch.specification.marker }
    // Its group is in there, too.
    if let session, facts.session == session { return true }
    // Whoever became this supervisor's child, without being a keeper, lost its keeper.
    return facts.parent == identity.pid
  }

  /// Holds what must end before only spared ones are left, so that their end is an event.
  func hold(_ members: LaunchTree.Members, of launch: LiveLaunch) {
    guard launch.keeper == nil || members.hasSpared else { return }
    forgetAwaited(of: launch)
    launch.awaited = members.notSpared.map(\.process)
    // Without descriptors to spare, main's end is what to wait for; the rest is looked for then.
    if !members.isWhole { launch.awaited.removeAll { $0.identity != launch.mainIdentity } }
    for process in launch.awaited {
      awaitEnd(of: process, as: .awaited(launch: launch.id, pid: process.identity.pid))
    }
    if launch.awaited.isEmpty { releaseIfOnlySpared(launch) }
  }

  func forgetAwaited(of launch: LiveLaunch) {
    for process in launch.awaited { forgetEnd(of: process) }
    launch.awaited = []
  }

  func awaitedEnded(_ pid: Int32, of id: String) {
    guard let launch = launches[id],
      let process = launch.awaited.first(where: { $0.identity.pid == pid })
    else { return }
    forgetEnd(of: process)
    launch.awaited.removeAll { $0 === process }
    if launch.keeper == nil, process.identity == launch.mainIdentity { mainEnded(launch) }
    if launch.awaited.isEmpty { releaseIfOnlySpared(launch) }
  }

  /// Ends the watch over a launch of which nothing but spared processes is left.
  func releaseIfOnlySpared(_ launch: LiveLaunch) {
    let left = settledMembers(of: launch)
    if !left.notSpared.isEmpty {
      hold(left, of: launch)
      return
    }
    // Where not all could be looked at, nobody knows who is left.
    guard left.isWhole else { return }
    let isAlone = launch.keeper == nil && left.all.isEmpty
    guard isAlone || left.hasSpared else { return }
    if !left.all.isEmpty {
      let named = left.all.map { report($0.process.identity.pid, of: launch, "spared") }
      events.append(.service(launch.name, .spared(named)))
      log.write("\(launch.name): left alone: \(named.map { "pid \($0.pid)" })")
    }
    _ = launch.keeper?.handle.send(.kill)
    treeEmpty(launch)
  }

  func report(_ pid: Int32, of launch: LiveLaunch, _ reason: String) -> ReportedProcess {
    guard let facts = ProcessTable.facts(of: pid) else {
      return ReportedProcess(
        pid: pid, service: launch.name, user: "", command: "", reason: "gone meanwhile",
        startedAt: 0, memoryBytes: 0)
    }
    return ReportedProcess(facts, service: launch.name, reason: reason, users: users)
  }
}

extension ReportedProcess {
  /// A process as reports name it.
  init(_ facts: ProcessFacts, service: String, reason: String, users: UserNames) {
    self.init(
      pid: facts.identity.pid, service: service, user: users[facts.user],
      command: facts.arguments.joined(separator: " "), reason: reason,
      startedAt: Clock.milliseconds(startTicks: facts.identity.startTicks),
      memoryBytes: facts.residentBytes)
  }
}
