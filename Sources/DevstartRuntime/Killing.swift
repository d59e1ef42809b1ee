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
  /// What has outlived KILL for so long is another user's, or hangs in the kernel: its end is told,
  /// and looking does not bring it nearer.
  private let looksRarelyFrom = Clock.now() + ServiceMachine.killTime
  /// Since when nothing but the dead, held by a tracer, is there.
  var emptySince: Instant?

  init(launch: LiveLaunch) {
    self.launch = launch
    nextSweep = Clock.now()
  }

  func waitLonger(from now: Instant) {
    nextSweep = now + pause
    pause = min(pause * 2, now < looksRarelyFrom ? .milliseconds(50) : .seconds(10))
  }
}

extension Supervisor {
  /// After this long without anything alive, what keeps a keeper is dead and held by a tracer.
  private static let deadTime = Duration.milliseconds(200)

  /// Does every sweep that is due.
  func sweepKillings() {
    let now = Clock.now()
    for killing in killings.values where killing.nextSweep.map({ $0 <= now }) == true {
      sweep(killing)
    }
  }

  /// KILLs everything that lives in the tree.
  private func sweep(_ killing: Killing) {
    let launch = killing.launch
    killing.nextSweep = nil
    forgetDying(killing)
    let members = settledMembers(of: launch)
    let targets = members.notSpared
    for member in targets { send(.kill, to: member.process) }
    if let main = launch.mainIdentity, targets.contains(where: { $0.stat.session == main.pid }) {
      // Until now they may have forked.
      launch.sessionSeenAt = Clock.ticks()
    }
    let now = Clock.now()
    if !targets.isEmpty {
      killing.emptySince = nil
      awaitDeath(of: targets.map(\.process), killing)
    } else if !members.isWhole {
      forgetAwaited(of: launch)
      killing.emptySince = nil
      killing.waitLonger(from: now)
    } else if members.hasSpared || launch.keeper == nil {
      releaseIfOnlySpared(launch)
    } else if !isOver(launch) {
      awaitKeeper(killing, at: now)
    }
  }

  /// Nobody is alive: the keeper reaps them and ends, unless a tracer holds one that is dead.
  private func awaitKeeper(_ killing: Killing, at now: Instant) {
    let since = killing.emptySince ?? now
    killing.emptySince = since
    guard now - since > Self.deadTime else {
      killing.waitLonger(from: now)
      return
    }
    log.write("\(killing.launch.name): what is left is dead, and held by a tracer")
    _ = killing.launch.keeper?.handle.send(.kill)
    treeEmpty(killing.launch)
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
