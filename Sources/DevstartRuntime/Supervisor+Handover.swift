import DevstartCore
import DevstartPlatform

extension Supervisor {
  /// Executes a newer program in this one's place: PID, lock, socket, keepers and waiting clients
  /// stay, and what they asked for is asked again. Returns only where that fails: why.
  func handOver(to executable: String) -> String {
    if configuration.handover?["from"]?.string == executable {
      return "it has taken it before, and speaks no newer protocol"
    }
    guard FileInspection.isExecutable(path: executable) else { return "it cannot be executed" }
    state.isStale = true
    flushState()
    var handed = reception.handOver()
    OwnProcess.setClosedOnExec(lock.descriptor, false)
    setNotifySocketsClosedOnExec(false)
    if case .object(let members) = handed.kind {
      handed = JSON(
        .object(
          members + [
            .init(key: "lock", value: JSON(Int(lock.descriptor))),
            .init(key: "from", value: JSON(executable)),
            .init(key: "notify", value: notifySockets),
            .init(key: "expected", value: JSON(expectedLaunches.map(\.json))),
          ]))
    }
    log.write("hands over to \(executable)")
    log.flush()
    let error = HandedOver.execute(
      path: executable,
      arguments: [
        executable, DevstartOwn.superviseCommand, "--manifest", configuration.manifestPath,
      ], leaving: handed.bytes)
    OwnProcess.setClosedOnExec(lock.descriptor, true)
    setNotifySocketsClosedOnExec(true)
    reception.keep()
    log.write("cannot hand over: \(error)")
    return error.reason
  }

  private var expectedLaunches: [ExpectedLaunch] {
    fleet.services.values.compactMap { ExpectedLaunch(of: $0.life) }
  }

  /// Goes on to wait for what the earlier program was to launch again.
  func takeExpectedLaunches() {
    do {
      for json in configuration.handover?["expected"]?.array ?? [] {
        let expected = try ExpectedLaunch(json: json)
        let name = expected.specification.service.name
        let known = state.entries[name] ?? StateFile.Entry()
        fleet.adopt(
          ServiceMachine(
            name: name, life: expected.life(after: known.told), restarts: known.restarts))
        watchFiles(of: name)
        tendEndpoint(of: name)
      }
    } catch {
      log.write("what was to be launched again is not understood: \(error)")
    }
  }
}
