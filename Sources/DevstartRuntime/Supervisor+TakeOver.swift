import DevstartCore
import DevstartPlatform

extension Supervisor {
  /// Takes over what an earlier supervisor left: launches run on as they are, and what it had
  /// begun to end is ended.
  func takeOver() {
    readState()
    let inventory = LaunchInventory(
      project: configuration.project, files: files, world: world)
    for problem in inventory.problems { log.write(problem) }
    for (service, launch, exit) in inventory.ended
    where state.learn(end: exit, of: launch, service: service) {
      log.write("\(service): ended unsupervised: \(Words.exit(exit))")
    }
    takeExpectedLaunches()
    for (name, entry) in state.entries where fleet.services[name] == nil {
      let ending = entry.ending
      fleet.adopt(ServiceMachine(name: name, life: .down(ending), restarts: entry.restarts))
    }
    // The youngest launch of a service is the current one; there is only one, unless somebody
    // has run two supervisors on two file systems.
    let ordered = inventory.entries.sorted {
      ($0.keeper?.startTicks ?? 0, $0.keeper?.pid ?? 0)
        > ($1.keeper?.startTicks ?? 0, $1.keeper?.pid ?? 0)
    }
    finishLogMoves(ordered)
    for entry in ordered { adopt(entry) }
    for entry in inventory.commands { endLeftOver(entry) }
    hearsClientsBy = Clock.now() + ServiceMachine.killTime
    for name in inventory.abandoned {
      state.warnings.append(Words.keeperKilled(name, " while no supervisor ran"))
      // Whoever takes over next knows of what runs on by its record alone.
      if fleet.services[name]?.life.launch == nil { files.removeRecord(of: name) }
    }
    for lease in state.leases { watch(lease) }
    guard !inventory.entries.isEmpty else { return }
    state.counters.takeOvers += 1
    state.isStale = true
    serveProject(at: state.health)
  }

  /// A move that stopped half way hides lines, however small the log is by now. Of a service that
  /// does not run it is not known here how many logs it keeps: its next start removes the others.
  private func finishLogMoves(_ entries: [LaunchInventory.Entry]) {
    for name in LogSize.begun(in: files) {
      let service = entries.first { $0.specification.service.name == name }?.specification.service
      do {
        try LogSize.recover(name, keep: service?.log.keep ?? 1_000_000, in: files)
        log.write("\(name): finished the move of its log")
      } catch {
        log.write("\(name): the move of its log cannot be finished: \(error)")
      }
    }
  }

  private func readState() {
    do {
      guard let bytes = try files.controlFile(StateFile.name, limit: 16 << 20) else { return }
      state = try StateFile(parsing: bytes, world: world)
    } catch {
      log.write("\(StateFile.name) cannot be used (\(error)); what it said is lost")
      state.warnings.append(
        "\(StateFile.name) could not be used and is replaced: why services ended is not known")
    }
  }

  private func adopt(_ entry: LaunchInventory.Entry) {
    let specification = entry.specification
    let name = specification.service.name
    if let current = fleet.services[name]?.life.launch {
      log.write("\(name): has two launches; ends \(specification.launch), keeps \(current.id)")
      endLeftOver(entry)
      return
    }
    let launch = live(entry)
    launch.notify = inheritedSocket(of: specification)
    var adopted = Launch(specification: specification, began: began(entry))
    adopted.main = entry.main
    let known = state.entries[name]
    let life = ServiceLife(
      takingOver: adopted, exit: entry.exit, known: known, at: Clock.now())
    fleet.adopt(
      ServiceMachine(
        name: name, life: life, restarts: known?.restarts(before: specification) ?? RestartHistory()
      ))
    watch(launch)
    watchFiles(of: name)
    tendEndpoint(of: name)
    log.write("\(name): taken over, \(entry.main.map { "pid \($0.pid)" } ?? "not started yet")")
    if let main = entry.main {
      launch.main = HeldProcess.hold(main)
      launch.mainIdentity = main
      writePIDFile(of: launch, main.pid)
    }
    launch.isMainReported = entry.exit != nil
    if let news = StateFile.Entry.news(of: life, exit: entry.exit, known: known) {
      events.append(.service(name, news))
    }
    if launch.keeper == nil { holdRest(of: launch) }
  }

  private func live(_ entry: LaunchInventory.Entry) -> LiveLaunch {
    let keeper = entry.keeper.flatMap { HeldProcess.hold($0) }
    var reports: ReportPipe?
    if let keeper {
      do {
        reports = try ReportPipe.reopen(keeper: keeper.identity.pid)
      } catch {
        log.write("cannot hear the keeper of \(entry.specification.service.name): \(error)")
      }
    }
    let launch = LiveLaunch(entry.specification, keeper: keeper, reports: reports)
    launch.hasLostSpecification = entry.keeper == nil
    return launch
  }

  private func began(_ entry: LaunchInventory.Entry) -> Instant {
    guard let start = entry.keeper ?? entry.main else { return Clock.now() }
    return Clock.instant(startTicks: start.startTicks)
  }

  /// Ends a tree that is nobody's current launch.
  private func endLeftOver(_ entry: LaunchInventory.Entry) {
    let launch = live(entry)
    let leftOver = LiveLaunch(
      launch.specification, role: .leftOver(launch.id), keeper: launch.keeper,
      reports: launch.reports)
    log.write(
      "\(leftOver.name): ends \(launch.id), which an earlier supervisor began")
    watch(leftOver)
    killings[leftOver.id] = Killing(launch: leftOver)
  }

  // MARK: Leases

  /// A lease whose connection went with the earlier supervisor: its holder may come back, or die.
  private func watch(_ lease: StateFile.Lease) {
    if let holder = HeldProcess.hold(lease.holder), !holder.handle.isDead {
      leaseHolders.append((holder, lease.launches))
      awaitEnd(of: holder, as: .leaseHolder(pid: holder.identity.pid))
    } else {
      end(lease.launches)
    }
  }

  func leaseHolderEnded(_ pid: Int32) {
    for (holder, launches) in leaseHolders where holder.identity.pid == pid {
      forgetEnd(of: holder)
      end(launches)
    }
    leaseHolders.removeAll { $0.holder.identity.pid == pid }
  }

  /// A client renews the lease of these launches: its connection counts from now on.
  func forgetLease(of launches: [String]) {
    for index in leaseHolders.indices {
      leaseHolders[index].launches.removeAll { launches.contains($0) }
    }
    for (holder, _) in leaseHolders.filter(\.launches.isEmpty) {
      forgetEnd(of: holder)
    }
    leaseHolders.removeAll { $0.launches.isEmpty }
  }

  private func end(_ launches: [String]) {
    for machine in fleet.services.values {
      if let origin = machine.life.origin, launches.contains(origin) {
        log.write("\(machine.name): stopped, as the command that leased it is gone")
        events.append(.service(machine.name, .stop(timeout: nil, isForced: false)))
      }
    }
  }
}
