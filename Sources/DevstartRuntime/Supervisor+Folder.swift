import DevstartCore
import DevstartPlatform

/// The log folder, deleted under a supervisor (`git clean -fdx`).
extension Supervisor {
  /// How long a deletion may be under way: what it finds on its way was perhaps restored already.
  private static let deletionTime = Duration.seconds(1)
  /// The longest pause between two tries, where something stands in the way.
  private static let longestPause = Duration.seconds(60)

  /// Restores the control folder, or leaves the project to whoever has made a new one.
  func restoreFolder() {
    folderWatch.clear()
    // Nothing runs and nobody asks: whoever deletes it is not to find it again.
    if isIdle, !reception.hasClients {
      endsNow = true
      return
    }
    do {
      guard try restoreControl() else {
        log.write("another supervisor has the project's new log folder; leaves it everything")
        endsNow = true
        return
      }
      folderWatch.begin(files)
      restoreFiles()
      restorePause = Self.deletionTime
    } catch {
      // Perhaps it was deleted again in the middle; nobody would tell a second time.
      log.write("the log folder cannot be restored: \(error); tries again")
      restorePause = min(restorePause.map { $0 * 2 } ?? Self.deletionTime, Self.longestPause)
    }
    restoresFilesAt = restorePause.map { Clock.now() + $0 }
  }

  /// Restores what was deleted after the folder had been restored.
  func restoreFilesWhenDue() {
    guard let moment = restoresFilesAt, moment <= Clock.now() else { return }
    restoresFilesAt = nil
    // What was made anew may be gone since, before it was watched.
    guard isControlInPlace else { return restoreFolder() }
    restorePause = nil
    log.reopen(in: files)
    restoreFiles()
  }

  private var isControlInPlace: Bool {
    do {
      return lock.isInPlace(in: try LaunchFiles.make(logs: configuration.logs).control)
    } catch {
      return false
    }
  }

  /// False where the project is another supervisor's now.
  private func restoreControl() throws -> Bool {
    let now = try LaunchFiles.make(logs: configuration.logs)
    if lock.isInPlace(in: now.control) {
      try reception.reopen(in: files)
      return true
    }
    guard let taken = try SupervisorLock.take(in: now.control) else { return false }
    files = now
    lock = taken
    try reception.reopen(in: now)
    try lock.write(identity, socketElsewhere: reception.socketElsewhere)
    log.reopen(in: now)
    log.write("the log folder was deleted; restored it")
    return true
  }

  private func restoreFiles() {
    for launch in launches.values where launch.role == .service {
      if let pid = launch.mainIdentity?.pid, !files.namesProcess(pid, launch.name) {
        writePIDFile(of: launch, pid)
      }
      logCares[launch.name]?.nextLook = Clock.now()
    }
    state.forgetWritten()
    state.isStale = true
  }
}
