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
    if let keeper = launch.keeper {
      OwnProcess.disown(keeper.handle)
    } else {
      leftAlone.formUnion(left.all.map(\.process.identity))
    }
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
