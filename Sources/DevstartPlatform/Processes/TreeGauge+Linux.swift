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
/// thread: the three files that say so stay open, and three reads do. A file of `/proc` stays its
/// process's: once that has ended, reading fails, whoever has its number then.
package final class TreeGauge {
  private final class Files {
    let main: ProcessIdentity
    let keeperChildren: OwnedDescriptor
    let mainChildren: OwnedDescriptor
    let mainStat: OwnedDescriptor

    /// nil where one of them cannot be opened.
    init?(main: ProcessIdentity, keeper: ProcessIdentity) {
      let (pid, parent) = (main.pid, keeper.pid)
      guard let keeperChildren = TreeGauge.open("/proc/\(parent)/task/\(parent)/children"),
        let mainChildren = TreeGauge.open("/proc/\(pid)/task/\(pid)/children"),
        let mainStat = TreeGauge.open("/proc/\(pid)/stat")
      else { return nil }
      self.main = main
      self.keeperChildren = keeperChildren
      self.mainChildren = mainChildren
      self.mainStat = mainStat
    }
  }

  private let keeper: ProcessIdentity
  private var files: Files?

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
    if files?.main != main { files = Files(main: main, keeper: keeper) }
    guard let files else { return nil }
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 2048) { buffer in
      guard let children = Self.read(files.keeperChildren, buffer),
        ProcessTable.onlyNumber(in: children) == main.pid,
        Self.read(files.mainChildren, buffer)?.isEmpty == true,
        let bytes = Self.read(files.mainStat, buffer),
        let stat = ProcessStat(parsing: bytes.span), stat.threads == 1, stat.identity == main
      else { return nil }
      var figures = TreeFigures()
      figures.add(stat)
      return figures
    }
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
