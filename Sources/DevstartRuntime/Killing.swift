import DevstartCore
import DevstartPlatform

/// A tree that is being KILLed, again and again until it is empty.
final class Killing {
  let launch: LiveLaunch
  /// What was sent KILL and is not dead yet: the next sweep comes with the last one's end.
  var dying: [HeldProcess] = []
  /// When to look again though nobody died: one empty reading proves nothing.
  var nextSweep: Instant?
  private var pause = Duration.milliseconds(1)
  /// Since when nothing but the dead, held by a tracer, is there.
  var emptySince: Instant?

  init(launch: LiveLaunch) {
    self.launch = launch
    nextSweep = Clock.now()
  }

  func waitLonger(from now: Instant) {
    nextSweep = now + pause
    pause = min(pause * 2, .milliseconds(50))
  }
}

extension Supervisor {
  /// How long one tree's sweeps may go on before the others have their turn.
  private static let sweepTurn = Duration.milliseconds(20)
  /// After this long without anything alive, what keeps a keeper is dead and held by a tracer.
  private static let deadTime = Duration.milliseconds(200)

  /// Does every sweep that is due.
  func sweepKillings() {
    let now = Clock.now()
    for killing in killings.values where killing.nextSweep.map({ $0 <= now }) == true {
      sweep(killing)
    }
  }

  /// KILLs everything that lives in the tree. What forks and dies faster than it can be listed is
  /// met by listing it again at once, within the turn.
  private func sweep(_ killing: Killing) {
    let launch = killing.launch
    let end = Clock.now() + Self.sweepTurn
    killing.nextSweep = nil
    forgetDying(killing)
    repeat {
      let members = self.members(of: launch)
      let targets = members.notSpared
      for member in targets { send(.kill, to: member.process) }
      if let main = launch.mainIdentity, targets.contains(where: { $0.stat.session == main.pid }) {
        // Until now they may have forked.
        launch.sessionSeenAt = Clock.ticks()
      }
      if !targets.isEmpty {
        killing.emptySince = nil
        awaitDeath(of: targets.map(\.process), killing)
        return
      }
      guard members.isWhole else {
        forgetAwaited(of: launch)
        killing.emptySince = nil
        killing.waitLonger(from: Clock.now())
        return
      }
      if members.hasSpared || launch.keeper == nil {
        releaseIfOnlySpared(launch)
        return
      }
    } while !isOver(launch) && Clock.now() < end
    let now = Clock.now()
    let since = killing.emptySince ?? now
    killing.emptySince = since
    if now - since > Self.deadTime, killings[launch.id] != nil {
      log.write("\(launch.name): what is left is dead, and held by a tracer")
      _ = launch.keeper?.handle.send(.kill)
      treeEmpty(launch)
    } else {
      killing.waitLonger(from: now)
    }
  }

  private func isOver(_ launch: LiveLaunch) -> Bool {
    guard let keeper = launch.keeper else { return true }
    if keeper.handle.isDead {
      keeperEnded(of: launch.id)
      return true
    }
    return false
  }

  private func awaitDeath(of processes: [HeldProcess], _ killing: Killing) {
    killing.dying = processes
    for process in processes {
      awaitEnd(of: process, as: .killed(launch: killing.launch.id))
    }
    killing.waitLonger(from: Clock.now())
  }

  /// Something that was KILLed is dead: with the last of them, the next sweep is due.
  func killedEnded(of id: String) {
    guard let killing = killings[id] else { return }
    for process in killing.dying where process.handle.isDead {
      forgetEnd(of: process)
    }
    killing.dying.removeAll { $0.handle.isDead }
    if killing.dying.isEmpty { killing.nextSweep = Clock.now() }
  }

  private func forgetDying(_ killing: Killing) {
    for process in killing.dying { forgetEnd(of: process) }
    killing.dying = []
  }

  func endKilling(_ id: String) {
    guard let killing = killings.removeValue(forKey: id) else { return }
    forgetDying(killing)
  }
}
