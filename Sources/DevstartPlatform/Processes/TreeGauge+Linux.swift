#if os(Linux)
package import DevstartCore
import Glibc

/// What the processes of one launch use together.
package struct TreeFigures: Equatable, Sendable {
  package var processes = 0
  package var residentBytes = 0
  /// Of the living, and of what they have reaped.
  package var cpuSeconds = 0.0

  package init() {}

  /// Of these processes, as far as they are alive.
  package init(of pids: [Int32]) {
    for pid in pids {
      if let stat = ProcessTable.stat(of: pid) { add(stat) }
    }
  }

  mutating func add(_ stat: ProcessStat) {
    guard stat.state != UInt8(ascii: "Z") else { return }
    processes += 1
    residentBytes += stat.residentPages * ProcessTable.pageSize
    cpuSeconds += Double(stat.ticks + stat.childrenTicks) / Double(Clock.ticksPerSecond)
  }
}

/// Measures the tree below one keeper, again and again. Most launches are one process of one
/// thread: the files that say so stay open, and three reads do. One that has not run since cannot
/// have become more, nor used more time: then only its memory is read again. A file of `/proc`
/// stays its process's: once that has ended, reading fails, whoever has its number then.
package final class TreeGauge {
  private final class Files {
    let main: ProcessIdentity
    let keeperChildren: OwnedDescriptor
    let mainChildren: OwnedDescriptor
    let mainStat: OwnedDescriptor
    let mainRuns: OwnedDescriptor
    let mainMemory: OwnedDescriptor

    /// nil where one of them cannot be opened.
    init?(main: ProcessIdentity, keeper: ProcessIdentity) {
      let (pid, parent) = (main.pid, keeper.pid)
      guard let keeperChildren = TreeGauge.open("/proc/\(parent)/task/\(parent)/children"),
        let mainChildren = TreeGauge.open("/proc/\(pid)/task/\(pid)/children"),
        let mainStat = TreeGauge.open("/proc/\(pid)/stat"),
        let mainRuns = TreeGauge.open("/proc/\(pid)/schedstat"),
        let mainMemory = TreeGauge.open("/proc/\(pid)/statm")
      else { return nil }
      self.main = main
      self.keeperChildren = keeperChildren
      self.mainChildren = mainChildren
      self.mainStat = mainStat
      self.mainRuns = mainRuns
      self.mainMemory = mainMemory
    }
  }

  /// What was measured last, and how often main had been given a processor before that.
  private struct Known {
    let runs: Runs
    var figures: TreeFigures
  }

  /// `/proc/PID/schedstat`: the time that it ran, in nanoseconds, and the number of its turns.
  private struct Runs: Equatable {
    let nanoseconds: Int
    let turns: Int

    /// nil where the kernel does not count: whatever runs has had a turn.
    init?(_ bytes: UnsafeBufferPointer<UInt8>) {
      var fields = NumberFields(bytes)
      guard let nanoseconds = fields.next(), fields.next() != nil, let turns = fields.next(),
        turns > 0
      else { return nil }
      self.nanoseconds = nanoseconds
      self.turns = turns
    }
  }

  private let keeper: ProcessIdentity
  private var files: Files?
  private var known: Known?

  package init(keeper: ProcessIdentity) { self.keeper = keeper }

  /// The figures now; `main` is the launch's main process, as far as it is known.
  package func figures(main: ProcessIdentity?) -> TreeFigures {
    if let main, let figures = figuresOfOne(main) { return figures }
    do {
      return try ProcessTable.figures(below: keeper.pid)
    } catch {
      return TreeFigures()
    }
  }

  /// nil where main is not alone, has threads, or cannot be read.
  private func figuresOfOne(_ main: ProcessIdentity) -> TreeFigures? {
    if files?.main != main {
      files = Files(main: main, keeper: keeper)
      known = nil
    }
    guard let files else { return nil }
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 2048) { buffer in
      // Before all else: what it does from here on will count as new.
      let runs = Self.read(files.mainRuns, buffer).flatMap { Runs($0) }
      if let runs, runs == known?.runs, let pages = residentPages(files, buffer) {
        known?.figures.residentBytes = pages * ProcessTable.pageSize
        return known?.figures
      }
      known = nil
      guard let children = Self.read(files.keeperChildren, buffer),
        ProcessTable.onlyNumber(in: children) == main.pid,
        Self.read(files.mainChildren, buffer)?.isEmpty == true,
        let bytes = Self.read(files.mainStat, buffer),
        let stat = ProcessStat(parsing: bytes.span), stat.threads == 1, stat.identity == main
      else { return nil }
      var figures = TreeFigures()
      figures.add(stat)
      known = runs.map { Known(runs: $0, figures: figures) }
      return figures
    }
  }

  /// The second field of `/proc/PID/statm`.
  private func residentPages(
    _ files: Files, _ buffer: UnsafeMutableBufferPointer<UInt8>
  ) -> Int? {
    guard let bytes = Self.read(files.mainMemory, buffer) else { return nil }
    var fields = NumberFields(bytes)
    return fields.next() == nil ? nil : fields.next()
  }

  /// nil also where descriptors might become scarce: others need theirs more.
  private static func open(_ path: String) -> OwnedDescriptor? {
    let number = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { return nil }
    if number < descriptorBudget { return OwnedDescriptor(owning: number) }
    close(number)
    return nil
  }

  private static let descriptorBudget: Int32 = {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
    return Int32(clamping: limit.rlim_cur / 2)
  }()

  /// nil once the process has ended.
  private static func read(
    _ file: borrowing OwnedDescriptor, _ buffer: UnsafeMutableBufferPointer<UInt8>
  ) -> UnsafeBufferPointer<UInt8>? {
    let count = pread(file.number, buffer.baseAddress, buffer.count, 0)
    guard count >= 0, count < buffer.count else { return nil }
    return UnsafeBufferPointer(rebasing: buffer[..<count])
  }
}

/// The whole numbers among blanks, one after the other.
private struct NumberFields {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  /// nil at the end, and at whatever is no digit and no blank.
  mutating func next() -> Int? {
    while position < bytes.count, bytes[position] == UInt8(ascii: " ") { position += 1 }
    let start = position
    var number = 0
    while position < bytes.count, (0x30...0x39).contains(bytes[position]) {
      number = number &* 10 &+ Int(bytes[position] - 0x30)
      position += 1
    }
    return position > start ? number : nil
  }
}

extension ProcessTable {
  /// The figures of everything below a process.
  static func figures(below root: Int32) throws(SystemError) -> TreeFigures {
    var figures = TreeFigures()
    for stat in try stats(below: root) { figures.add(stat) }
    return figures
  }

  /// Everything below a process, zombies too, parents before their children.
  static func stats(below root: Int32) throws(SystemError) -> [ProcessStat] {
    var reader = try ProcReader(capacity: 4096)
    var stats: [ProcessStat] = []
    var found = try childPIDs(of: root, &reader)
    var known = Set(found)
    var next = 0
    while next < found.count {
      let pid = found[next]
      next += 1
      if let stat = try reader.stat(of: pid) { stats.append(stat) }
      found += try childPIDs(of: pid, &reader).filter { known.insert($0).inserted }
    }
    return stats
  }

  /// The one number among blanks; nil where there is another number of them.
  static func onlyNumber(in bytes: UnsafeBufferPointer<UInt8>) -> Int32? {
    var number: Int32 = 0
    var isOver = false
    for byte in bytes {
      switch byte {
      case 0x30...0x39 where isOver: return nil
      case 0x30...0x39: number = number &* 10 &+ Int32(byte - 0x30)
      case _: isOver = number > 0
      }
    }
    return number > 0 ? number : nil
  }
}

extension TreeGauge {
  /// The keeper itself, and everything below it, zombies too, parents before their children: of a
  /// launch that is one process of one thread by four reads. Empty where nothing can be read.
  func stats(main: ProcessIdentity?) -> (keeper: ProcessStat?, tree: [ProcessStat]) {
    let own = ProcessTable.stat(of: keeper.pid)
    let keeper = own?.identity == keeper ? own : nil
    if let main, let only = onlyStat(main) { return (keeper, [only]) }
    do {
      return (keeper, try ProcessTable.stats(below: self.keeper.pid))
    } catch {
      return (keeper, [])
    }
  }

  /// nil where main is not alone, has threads, or cannot be read.
  private func onlyStat(_ main: ProcessIdentity) -> ProcessStat? {
    if files?.main != main { files = Files(main: main, keeper: keeper) }
    guard let files else { return nil }
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 2048) { buffer in
      guard let children = Self.read(files.keeperChildren, buffer),
        ProcessTable.onlyNumber(in: children) == main.pid,
        Self.read(files.mainChildren, buffer)?.isEmpty == true,
        let bytes = Self.read(files.mainStat, buffer),
        let stat = ProcessStat(parsing: bytes.span), stat.threads == 1, stat.identity == main
      else { return nil }
      return stat
    }
  }
}
#endif
