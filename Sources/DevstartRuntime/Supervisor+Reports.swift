import DevstartCore
import DevstartPlatform

extension Supervisor {
  /// What a launch's keeper says.
  func takeReports(of id: String) {
    guard let launch = launches[id], let reports = launch.reports else { return }
    for report in reports.reports() {
      switch (report, launch.role) {
      case (.mainStarted(let main), .service): mainStarted(main, of: launch)
      case (.executionFailed(let why), .service):
        events.append(.service(launch.name, .executionFailed(why)))
      case (.mainExited(let status), .service): mainExited(status, of: launch)
      case (.executionFailed(let why), _): commandEnded(launch, nil, why)
      case (.mainExited(let status), _): commandEnded(launch, status, nil)
      case (.treeEmpty, _): treeReportedEmpty(launch)
      case (.mainStarted(let main), _): launch.mainIdentity = main
      }
    }
    // Its keeper was killed: a pipe that is closed would wake the loop again and again.
    if reports.hasEnded { endReports(of: launch) }
  }

  /// It is over when the keeper is gone, too, which closes the pipe before.
  private func treeReportedEmpty(_ launch: LiveLaunch) {
    launch.isTreeEmpty = true
    endReports(of: launch)
  }

  private func endReports(of launch: LiveLaunch) {
    guard let reports = launch.reports else { return }
    poll.remove(reports.descriptor)
    launch.reports = nil
  }

  private func mainStarted(_ main: ProcessIdentity, of launch: LiveLaunch) {
    launch.main = HeldProcess.hold(main)
    launch.mainIdentity = main
    writePIDFile(of: launch, main.pid)
    events.append(.service(launch.name, .mainStarted(main)))
  }

  func writePIDFile(of launch: LiveLaunch, _ pid: Int32) {
    do {
      try files.writePIDFile(of: launch.name, pid: pid)
      launch.pidFileProblem = nil
    } catch {
      // The service runs; the PID file is for people and their scripts.
      let path = configuration.shown(LaunchFiles.pidFile(of: launch.name))
      let problem = "\(path) cannot be written: \(error.reason)"
      launch.pidFileProblem = problem
      state.warnings.append(problem)
      log.write("\(launch.name): \(path) cannot be written: \(error)")
    }
  }

  private func mainExited(_ status: ExitStatus, of launch: LiveLaunch) {
    guard !launch.isMainReported else { return }
    launch.isMainReported = true
    if !status.isSuccess, let line = files.lastLine(of: launch.name) {
      events.append(.service(launch.name, .lastLine(line)))
    }
    events.append(.service(launch.name, .mainExited(status)))
  }

  /// Main ended without a keeper to say how.
  func mainEnded(_ launch: LiveLaunch) {
    reapChildren()
    guard launch.role == .service else { return commandEnded(launch, launch.exit, nil) }
    mainExited(launch.exit ?? recordedExit(of: launch) ?? .unknown, of: launch)
  }

  /// What its keeper had written down before it was killed.
  private func recordedExit(of launch: LiveLaunch) -> ExitStatus? {
    do {
      guard
        let bytes = try files.controlFile(LaunchFiles.record(of: launch.name), limit: 4096),
        let record = LaunchRecord(parsing: String(decoding: bytes, as: UTF8.self)),
        record.launch == launch.id
      else { return nil }
      return record.exit.map(ExitStatus.init(recorded:))
    } catch {
      log.write("\(launch.name): its record cannot be read: \(error)")
      return nil
    }
  }

  /// Nothing of the launch is left.
  func treeEmpty(_ launch: LiveLaunch) {
    guard launches.removeValue(forKey: launch.id) != nil else { return }
    defer { tellEnds(of: launch.name) }
    endKilling(launch.id)
    endLook(of: launch)
    timeLimits[launch.id] = nil
    forgetAwaited(of: launch)
    endReports(of: launch)
    if let keeper = launch.keeper { forgetEnd(of: keeper) }
    endNotices(of: launch)
    forgetLog(of: launch)
    guard launch.role == .service else {
      // One that was killed before it could say how it ended, has ended.
      if !launch.isMainReported { commandEnded(launch, nil, nil) }
      return
    }
    if launch.keeper == nil, !launch.unclaimed.isEmpty {
      state.warnings.append(Words.unclaimed(launch.name, launch.unclaimed.sorted()))
    }
    // Its stop command has nothing left to stop.
    endStopCommand(of: launch)
    if let main = launch.mainIdentity, !files.removePIDFile(of: launch.name, pid: main.pid) {
      let path = configuration.shown(LaunchFiles.pidFile(of: launch.name))
      state.warnings.append("\(path) cannot be removed; the process that it names has ended")
    }
    // A keeper that was killed, by whomever, has written no end to its record.
    if launch.keeper == nil || !launch.isTreeEmpty { files.removeRecord(of: launch.name) }
    endedLaunches.insert(launch.name)
  }

  /// A service's launch is over when its probes and its stop command are, too: they have been
  /// KILLed, and whoever is told that nothing is left must find nothing.
  private func tellEnds(of name: String) {
    guard endedLaunches.contains(name),
      !launches.values.contains(where: { $0.name == name && $0.role.delaysStop })
    else { return }
    endedLaunches.remove(name)
    events.append(.service(name, .treeEmpty))
  }

  /// A keeper has ended. It does so when its tree is empty, after it said so; if it did not say
  /// so, somebody killed it, and its tree became this supervisor's.
  func keeperEnded(of id: String) {
    takeReports(of: id)
    guard let launch = launches[id], let keeper = launch.keeper else { return }
    if launch.isTreeEmpty {
      treeEmpty(launch)
      return
    }
    forgetEnd(of: keeper)
    launch.keeper = nil
    log.write("\(launch.name): its keeper (pid \(keeper.identity.pid)) was killed")
    state.warnings.append(Words.keeperKilled(launch.name))
    if launch.role == .service, launch.mainIdentity == nil, let main = recordedMain(of: launch) {
      mainStarted(main, of: launch)
    }
    holdRest(of: launch)
  }

  /// Holds who is left of a launch that has no keeper, which may be nobody.
  func holdRest(of launch: LiveLaunch) {
    let left = settledMembers(of: launch)
    guard !left.all.isEmpty || !left.isWhole else {
      mainEnded(launch)
      treeEmpty(launch)
      return
    }
    if left.isWhole, let main = launch.mainIdentity,
      !left.all.contains(where: { $0.process.identity == main })
    {
      mainEnded(launch)
    }
    hold(left, of: launch)
  }

  /// Whom a keeper had recorded when it was killed, before it could report: it may run.
  private func recordedMain(of launch: LiveLaunch) -> ProcessIdentity? {
    do {
      let name = LaunchFiles.record(of: launch.name)
      guard let bytes = try files.controlFile(name, limit: 4096),
        let record = LaunchRecord(parsing: String(decoding: bytes, as: UTF8.self)),
        record.launch == launch.specification.launch, let main = record.main,
        let held = HeldProcess.hold(main), !held.handle.isDead
      else { return nil }
      return main
    } catch {
      log.write("\(launch.name): whom its keeper started is not known: \(error)")
      return nil
    }
  }

  /// Reaps what has ended: keepers, and what was adopted of those that were killed.
  func reapChildren() {
    while let (pid, status) = OwnProcess.reapChild() {
      for launch in launches.values where launch.mainIdentity?.pid == pid { launch.exit = status }
    }
  }
}
