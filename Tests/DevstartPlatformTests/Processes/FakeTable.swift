import DevstartCore
import TestSupport
import Glibc

@testable import DevstartPlatform

/// A process table of few numbers, which at every look have changed hands.
final class FakeTable: @unchecked Sendable {
  static let project = "00000000000000aa"
  static let folder = "/home/me/shop"
  static let manifest = "/home/me/shop/devstart.json"
  static let me: UInt32 = 1000

  private struct Process {
    var facts: ProcessFacts
    var isOurs: Bool
  }

  private static let numbers: ClosedRange<Int32> = 100...139
  private let hasPidfd: Bool
  private var random: SeededRandom
  private var now: UInt64 = 1000
  private var byPID: [Int32: Process] = [:]
  /// What each pidfd holds.
  private var held: [Int32: ProcessIdentity] = [:]
  // Far above what may be open: nothing is closed with them.
  private var nextDescriptor: Int32 = 1 << 30

  private(set) var reuses = 0
  private(set) var oursHit = 0
  private(set) var innocentsHit: [ProcessFacts] = []
  /// Signals that found nobody in the table: those to numbers that nobody has.
  private(set) var strangersHit = 0

  init(seed: UInt64, hasPidfd: Bool) {
    self.hasPidfd = hasPidfd
    random = SeededRandom(seed: seed)
    for pid in Self.numbers { byPID[pid] = process(pid) }
  }

  static func milliseconds(_ ticks: UInt64) -> Int { Int(ticks) * 10 }

  func facts() -> [ProcessFacts] { Self.numbers.compactMap { byPID[$0]?.facts } }

  /// Some end, are reaped, and others have their numbers.
  func churn() {
    for _ in 0..<Int.random(in: 0...6, using: &random) {
      // No kernel comes round to the same number within one tick.
      now += 1
      let pid = Int32.random(in: Self.numbers, using: &random)
      byPID[pid] = process(pid)
      reuses += 1
    }
  }

  /// One that names a process of now; much later begins what follows.
  func writePIDFile() -> StrayFinder.PIDFileEntry {
    churn()
    let pid = Int32.random(in: Self.numbers, using: &random)
    let written = now
    // The service's own program in a folder of nobody's: the file alone makes it ours, unless it
    // carries another launch's mark.
    if let process = byPID[pid], process.facts.arguments == ["bot"], process.facts.marker == nil,
      process.facts.user == Self.me
    {
      byPID[pid]?.isOurs = true
    }
    now += 1000
    return StrayFinder.PIDFileEntry(pid: pid, writtenAt: Self.milliseconds(written))
  }

  private func process(_ pid: Int32) -> Process {
    let kind = Int.random(in: 0..<7, using: &random)
    var facts = ProcessFacts(
      identity: ProcessIdentity(pid: pid, startTicks: now), parent: 1, group: pid, session: pid,
      user: Self.me, arguments: ["bot"], workingDirectory: "/home/me/other")
    switch kind {
    case 0: facts.marker = Marker(project: Self.project, service: "bot", launch: "old")
    case 1: facts.workingDirectory = Self.folder
    case 2: facts.arguments = ["sleep", "60"]
    case 3: facts.marker = Marker(project: "00000000000000bb", service: "bot", launch: "old")
    case 4: (facts.user, facts.workingDirectory) = (0, Self.folder)
    case _: break  // It looks like ours, and is not of this project.
    }
    return Process(facts: facts, isOurs: kind < 2)
  }

  // MARK: The kernel's answers

  var calls: ProcessCalls {
    ProcessCalls(
      openPidfd: openPidfd, sendToPidfd: { descriptor, _, _ in self.send(descriptor) },
      kill: { pid, _ in self.kill(pid) }, stat: stat)
  }

  private func openPidfd(_ pid: pid_t) -> Int32 {
    churn()
    guard hasPidfd else {
      errno = ENOSYS
      return -1
    }
    guard let process = byPID[pid] else {
      errno = ESRCH
      return -1
    }
    nextDescriptor += 1
    held[nextDescriptor] = process.facts.identity
    return nextDescriptor
  }

  private func stat(of pid: pid_t) -> ProcessStat? {
    churn()
    guard let start = byPID[pid]?.facts.identity.startTicks else { return nil }
    let between = String(repeating: " 0", count: 15)
    let text = "\(pid) (any) S 1 \(pid) \(pid)\(between) \(start) 0 0"
    return ProcessStat(parsing: Array(text.utf8).span)
  }

  private func send(_ descriptor: Int32) -> Int32 {
    churn()
    guard let identity = held[descriptor], let process = byPID[identity.pid],
      process.facts.identity == identity
    else {
      errno = ESRCH
      return -1
    }
    hit(process)
    return 0
  }

  private func kill(_ pid: pid_t) -> Int32 {
    guard let process = byPID[pid] else {
      strangersHit += 1
      errno = ESRCH
      return -1
    }
    hit(process)
    return 0
  }

  private func hit(_ process: Process) {
    if process.isOurs { oursHit += 1 } else { innocentsHit.append(process.facts) }
  }
}
