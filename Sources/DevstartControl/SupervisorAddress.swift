import DevstartCore
package import DevstartPlatform

/// Where a project's supervisor is found, and how one is started.
package struct SupervisorAddress: Sendable {
  /// The manifest's canonical path.
  package var manifestPath: String
  /// The folder of logs, absolute.
  package var logs: String
  /// What a new supervisor gets of this command's environment: `NAME=value` each.
  package var environment: [String]

  package init(manifestPath: String, logs: String, environment: [String]) {
    self.manifestPath = manifestPath
    self.logs = logs
    self.environment = environment
  }

  /// How long commands wait for each other, and for a supervisor to listen, in seconds.
  static let patience = 10
  /// In how many folders a supervisor is looked for, where one after the other is deleted.
  private static let mostFolders = 3

  /// The running supervisor; nil where there is none. Who only looks does not wait long.
  package func connect() throws(CallError) -> ControlConnection? {
    do {
      guard let folder = try ControlFolder.open(inLogs: logs) else { return nil }
      return try connect(to: folder, withinSeconds: 1)
    } catch let error as ControlFolder.Refusal {
      throw .folder(error)
    } catch let error as CallError {
      throw error
    } catch {
      throw .noSupervisor
    }
  }

  /// The running supervisor, or one that is started for it. `note` hears of a slow start.
  package func connectOrStart(_ note: (CallEvent) -> Void) throws(CallError) -> ControlConnection {
    for attempt in 1... {
      let folder: ControlFolder
      do {
        folder = try ControlFolder.make(inLogs: logs)
      } catch {
        throw .folder(error)
      }
      do throws(CallError) {
        return try connectOrStart(in: folder, note)
      } catch {
        // Deleted meanwhile, there is nobody to be found in it.
        guard !folder.isInPlace, attempt < Self.mostFolders else { throw error }
      }
    }
    throw .noSupervisor
  }

  private func connectOrStart(
    in folder: borrowing ControlFolder, _ note: (CallEvent) -> Void
  ) throws(CallError) -> ControlConnection {
    if let connection = try connect(to: folder) { return connection }
    do {
      guard try folder.lock(withinSeconds: Self.patience) else {
        throw CallError.start(
          .othersAreStarting(folder: folder.path, seconds: Self.patience))
      }
    } catch let error as CallError {
      throw error
    } catch let error as SystemError {
      throw .system(error)
    } catch {
      throw .noSupervisor
    }
    // Whoever had the lock before has started one, as a rule.
    if let connection = try connect(to: folder) { return connection }
    let supervisor: SupervisorProcess
    do {
      supervisor = try start(in: folder, note)
    } catch {
      // One that was started by hand may have had the lock, and not listened yet.
      if let connection = try connect(to: folder) { return connection }
      throw error
    }
    // It may have answered others by now, and waits for us alone.
    defer { withExtendedLifetime(supervisor) {} }
    guard let connection = try connect(to: folder) else {
      throw .start(.doesNotListen(log: log(in: folder)))
    }
    return connection
  }

  private func connect(
    to folder: borrowing ControlFolder, withinSeconds seconds: Int = patience
  ) throws(CallError) -> ControlConnection? {
    do {
      return try ControlConnection(to: folder, withinSeconds: seconds)
    } catch {
      if error == .nobody { return nil }
      throw .connection(error)
    }
  }

  private func start(
    in folder: borrowing ControlFolder, _ note: (CallEvent) -> Void
  ) throws(CallError) -> SupervisorProcess {
    do {
      let supervisor = try SupervisorProcess(
        arguments: ["devstart", "supervise", "--manifest", manifestPath],
        environment: environment, folder: folder)
      for second in 1...Self.patience {
        let moment = Clock.now() + .seconds(1)
        while try Waiting.wait(for: [supervisor], until: moment)[0] {
          switch supervisor.read() {
          case .none: continue
          case .ready: return supervisor
          case .failed(let text): throw CallError.start(.failed(text, log: log(in: folder)))
          }
        }
        note(.supervisorStartsSlowly(seconds: second))
      }
    } catch let error as CallError {
      throw error
    } catch let error as SystemError {
      throw .system(error)
    } catch {
      throw .noSupervisor
    }
    throw .start(.silent(seconds: Self.patience, log: log(in: folder)))
  }

  private func log(in folder: borrowing ControlFolder) -> String {
    folder.path + "/" + ControlFolder.logName
  }
}
