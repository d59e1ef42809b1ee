import DevstartCore

extension SimulatedWorld {
  /// Forks a keeper.
  func launch(_ specification: LaunchSpecification, isAgain: Bool) {
    let service = specification.service
    let count = launchCounts[service.name, default: 0]
    launchCounts[service.name] = count + 1
    let behaviour = schedule.behaviour(of: service, launch: count)
    checkLaunch(specification, isAgain: isAgain)
    checkIdentifier(specification, isAgain: isAgain)
    guard !behaviour.cannotLaunch else {
      events.append(.service(service.name, .launchFailed("cannot be launched")))
      return
    }
    let launch = SimulatedLaunch(specification, behaviour, began: now)
    launch.attention.isRelaunch = isAgain
    ledgers[service.name, default: Ledger()].last = launch
    launches[launch.id] = launch
    watched[launch.id] = launch
    plan(.mainStarts(launch), after: behaviour.startDelay)
  }

  func mainStarts(_ launch: SimulatedLaunch) {
    guard !launch.isOver else { return }
    let behaviour = launch.behaviour
    guard !behaviour.cannotExecute else {
      launch.exit = .code(127)
      say(launch, .executionFailed)
      say(launch, .mainExited(.code(127)))
      endKeeperIfEmpty(launch)
      return
    }
    let main = ProcessIdentity(pid: newPID(), startTicks: UInt64(now.nanoseconds))
    launch.main = main
    launch.members.append(
      SimulatedLaunch.Member(pid: main.pid, temper: behaviour.main, isMain: true))
    launch.members += behaviour.children.map {
      SimulatedLaunch.Member(pid: newPID(), temper: $0)
    }
    launch.listensAt = behaviour.listensAfter.map { now + $0 }
    say(launch, .mainStarted(main))
    planWords(of: launch)
    if let end = behaviour.endsAfter {
      plan(.memberDies(launch, pid: main.pid, behaviour.exit), after: end)
    }
    // A sweep of KILLs goes on until the tree is empty.
    if killed.contains(launch.id) { kill(launch) }
  }

  func memberDies(_ launch: SimulatedLaunch, _ pid: Int32, _ status: ExitStatus) {
    guard let index = launch.members.firstIndex(where: { $0.pid == pid && $0.isAlive }) else {
      return
    }
    launch.members[index].isAlive = false
    if launch.members[index].isMain {
      let exit = launch.behaviour.losesKeeper ? .unknown : status
      launch.exit = exit
      say(launch, .mainExited(exit))
    }
    endKeeperIfEmpty(launch)
  }

  private func endKeeperIfEmpty(_ launch: SimulatedLaunch) {
    guard launch.living.isEmpty, !launch.isOver else { return }
    launch.isOver = true
    launches[launch.id] = nil
    say(launch, .treeEmpty)
  }

  private func say(_ launch: SimulatedLaunch, _ report: SimulatedLaunch.Report) {
    launch.pipe.append(report)
    plan(.readReports(launch), after: launch.behaviour.reportDelay)
  }

  /// What the supervisor does once the keeper's pipe can be read.
  func readReports(_ launch: SimulatedLaunch) {
    guard fleet != nil, watched[launch.id] != nil else { return }
    let reports = launch.pipe
    launch.pipe = []
    for report in reports {
      switch report {
      case .mainStarted(let main):
        launch.isMainKnown = true
        events.append(.service(launch.name, .mainStarted(main)))
      case .executionFailed: events.append(.service(launch.name, .executionFailed("no such file")))
      case .mainExited(let status):
        guard !launch.isMainReported else { continue }
        launch.isMainReported = true
        events.append(.service(launch.name, .mainExited(status)))
      case .treeEmpty:
        watched[launch.id] = nil
        killed.remove(launch.id)
        endStopCommand(of: launch.id)
        events.append(.service(launch.name, .treeEmpty))
      }
    }
  }

  func signal(_ member: SimulatedLaunch.Member, of launch: SimulatedLaunch, _ signal: Signal) {
    if signal == .kill {
      plan(
        .memberDies(launch, pid: member.pid, .signal("KILL")), after: member.temper.killDelay)
    } else if let delay = member.temper.termDelay {
      plan(.memberDies(launch, pid: member.pid, .signal(signal.rawValue)), after: delay)
    }
  }

  func kill(_ launch: SimulatedLaunch) {
    for member in launch.living { signal(member, of: launch, .kill) }
  }

  // MARK: Stop commands

  func runStopCommand(of launch: SimulatedLaunch) {
    stopCommands.insert(launch.id)
    plan(.stopCommandEnds(of: launch.id), after: launch.behaviour.stopCommandTakes)
  }

  func stopCommandEnds(_ id: String) {
    guard stopCommands.remove(id) != nil else { return }
    guard fleet != nil, let launch = watched[id] else { return }
    if launch.behaviour.stopCommandEndsMain {
      for member in launch.living where member.isMain { signal(member, of: launch, .terminate) }
    }
    hear(launch, .stopCommandEnded)
  }

  func endStopCommand(of launch: String) { stopCommands.remove(launch) }

  // MARK: Strays

  func strayDies(_ pid: Int32) {
    for index in strays.indices where strays[index].pid == pid { strays[index].isAlive = false }
    for id in strayEndings.filter({ $0.value.left.contains(pid) }).map(\.key) { advance(id) }
  }

  func end(_ found: [Stray], for id: SimulatedStrayEnding.ID, timeout: Duration, isForced: Bool) {
    let isKilling = isForced || timeout <= .zero
    let time = isKilling ? ServiceMachine.killTime : timeout
    let ending = SimulatedStrayEnding(
      left: found.map(\.facts.identity.pid), deadline: now + time, isKilling: isKilling)
    for index in strays.indices where ending.left.contains(strays[index].pid) {
      strays[index].isCondemned = true
    }
    strayEndings[id] = ending
    signal(ending)
    plan(.strayEnding(id), after: time)
    advance(id)
  }

  private func signal(_ ending: SimulatedStrayEnding) {
    for stray in strays where stray.isAlive && ending.left.contains(stray.pid) {
      let delay = ending.isKilling ? stray.temper.killDelay : stray.temper.termDelay
      if let delay { plan(.strayDies(stray.pid), after: delay) }
    }
  }

  func advance(_ id: SimulatedStrayEnding.ID) {
    guard fleet != nil, var ending = strayEndings[id] else { return }
    let alive = Set(strays.filter(\.isAlive).map(\.pid))
    for pid in ending.left where !alive.contains(pid) {
      ending.report.ended.append(.init(pid: pid, signal: ending.isKilling ? .kill : .terminate))
    }
    ending.left.removeAll { !alive.contains($0) }
    if !ending.left.isEmpty, ending.deadline <= now {
      if ending.isKilling {
        ending.report.failed += ending.left.map { .init(pid: $0, reason: "alive after KILL") }
        ending.left = []
      } else {
        ending.isKilling = true
        ending.deadline = now + ServiceMachine.killTime
        signal(ending)
        plan(.strayEnding(id), after: ServiceMachine.killTime)
      }
    }
    strayEndings[id] = ending.left.isEmpty ? nil : ending
    if ending.left.isEmpty {
      events.append(.straysEnded(id.client, service: id.service, ending.report))
    }
  }
}
