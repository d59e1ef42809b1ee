import DevstartCore
import DevstartPlatform

/// Strays of one service that are being ended, each through its own handle.
final class StrayEnding {
  struct ID: Hashable {
    let client: ClientID
    let service: String
  }

  let id: ID
  /// What is alive still, with what was found of it.
  private(set) var left: [(process: HeldProcess, stray: Stray)] = []
  private(set) var report = SweepReport()
  /// When the next step comes: KILL, or giving up.
  private(set) var deadline: Instant?
  private var signal: Signal
  private var isKilling: Bool

  /// Holds each stray that still is who was found, and signals it.
  init(_ id: ID, _ strays: [Stray], timeout: Duration, isForced: Bool, at now: Instant) {
    self.id = id
    isKilling = isForced || timeout <= .zero
    signal = isKilling ? .kill : .terminate
    deadline = now + (isKilling ? ServiceMachine.killTime : timeout)
    for stray in strays.parentsFirst { take(stray) }
  }

  private func take(_ stray: Stray) {
    let pid = stray.facts.identity.pid
    switch ProcessHandle.open(stray.facts.identity) {
    case .gone: ended(stray)
    case .notPermitted: fail(pid, "not permitted to reach it")
    case .failed(let error): fail(pid, "\(error)")
    case .opened(let handle):
      let process = HeldProcess(handle)
      if process.handle.isDead {
        ended(stray)
      } else if send(to: process) {
        left.append((process, stray))
      }
    }
  }

  /// Signals one; false where that is refused, which is reported.
  private func send(to process: HeldProcess) -> Bool {
    switch process.handle.send(signal) {
    case .sent, .alreadyGone:
      if signal != .kill { _ = process.handle.send(.continue) }
      return true
    case .notPermitted:
      fail(process.identity.pid, "not permitted to signal it")
      return false
    }
  }

  private func ended(_ stray: Stray) {
    report.ended.append(SweepReport.Ended(pid: stray.facts.identity.pid, signal: signal))
    report.freedBytes += stray.facts.residentBytes
  }

  private func fail(_ pid: Int32, _ reason: String) {
    report.failed.append(SweepReport.Failed(pid: pid, reason: reason))
  }

  /// Looks who is dead, and goes on to KILL or gives up when it is time; returns the processes
  /// that ended. It is over when nothing is left.
  func advance(at now: Instant) -> [HeldProcess] {
    let dead = left.filter { $0.process.handle.isDead }
    left.removeAll { $0.process.handle.isDead }
    for (_, stray) in dead { ended(stray) }
    guard !left.isEmpty, let deadline, deadline <= now else { return dead.map(\.process) }
    if isKilling {
      for (process, _) in left { fail(process.identity.pid, "alive 5 s after KILL") }
      let given = left.map(\.process)
      left = []
      return dead.map(\.process) + given
    }
    isKilling = true
    signal = .kill
    self.deadline = now + ServiceMachine.killTime
    for (process, _) in left { _ = process.handle.send(.kill) }
    return dead.map(\.process)
  }
}

extension Supervisor {
  func end(
    _ strays: [Stray], of service: String, for client: ClientID, timeout: Duration,
    isForced: Bool
  ) {
    let id = StrayEnding.ID(client: client, service: service)
    for stray in strays {
      let reason = stray.reasonText(pidFile: LaunchFiles.pidFile(of: service))
      log.write(
        "\(service): ends stray pid \(stray.facts.identity.pid) (\(reason)): "
          + stray.facts.arguments.joined(separator: " "))
    }
    // The same client has asked once more: Ctrl-C, and Ctrl-C again.
    for (process, _) in strayEndings[id]?.left ?? [] { forgetEnd(of: process) }
    let ending = StrayEnding(id, strays, timeout: timeout, isForced: isForced, at: Clock.now())
    for (process, _) in ending.left { awaitEnd(of: process, as: .stray(id)) }
    strayEndings[id] = ending
    conclude(ending)
  }

  func advance(_ ending: StrayEnding) {
    for process in ending.advance(at: Clock.now()) { forgetEnd(of: process) }
    conclude(ending)
  }

  private func conclude(_ ending: StrayEnding) {
    guard ending.left.isEmpty else { return }
    strayEndings[ending.id] = nil
    count(ending.report)
    events.append(
      .straysEnded(ending.id.client, service: ending.id.service, ending.report))
  }
}
