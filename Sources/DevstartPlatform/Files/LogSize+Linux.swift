#if os(Linux)
import CDevstart
import DevstartCore
import Glibc

/// Keeps one service's log below a size while the service writes to it, through its own
/// descriptor, which stays as it is: the log's head moves to `.log.1`, and the log goes on.
///
/// No line is lost, split or doubled, also by a KILL at any moment (`LogMove`). A line that is
/// longer than the limit itself is cut, and of two neighbouring files no byte is missing. Where
/// no line ends at a block's end, a log begins with a blank line (`LogCut`). A log is at most
/// twice the limit, plus what is written between two steps. What is moved is not flushed to the
/// disk: it is about processes that die, not about machines.
package final class LogSize {
  /// What a step has come to.
  package enum Step: Equatable, Sendable {
    /// The log is small enough, or its last line has to end first.
    case notNeeded
    /// There is more to do at once: a step takes a few milliseconds.
    case more
    /// So many bytes have been moved, or dropped where none are kept.
    case done(bytes: Int)
    /// The file system cannot remove the head of a file: the log grows.
    case unsupported(fileSystem: String)
    /// All is as it was; it is tried again when the log has grown by a quarter of its limit.
    case failed(SystemError)
  }

  /// Bytes that are searched or copied in one step.
  private static let stride = 8 << 20
  /// Bytes among which the best cut is looked for.
  private static let window = 1 << 20

  private enum State {
    case idle
    /// For a line's end before this place; none is at or behind it.
    case searching(Plan, before: Int)
    case copying(LogCut, done: Int)
  }

  /// What is looked through.
  private struct Plan {
    /// A cut before this would move too little.
    var floor: Int
    /// What is behind this stays: an earlier log is at most twice as large as the limit.
    var top: Int
  }

  private let name: String
  private let maxSize: Int
  private let keep: Int
  private var state = State.idle
  private var fileSystem: LogFileSystem?
  /// The log that is looked through or copied.
  private var inode: UInt64 = 0
  /// No line ends between the log's middle and here.
  private var searched = 0
  /// After a failure, the size to try again at.
  private var retrySize = 0

  /// `maxSize` in bytes; `keep` is how many earlier logs there are at most.
  package init(of service: String, maxSize: Int, keep: Int) {
    name = LaunchFiles.log(of: service)
    self.maxSize = maxSize
    self.keep = keep
  }

  /// Finishes, or undoes, what another supervisor had begun. To be called before a log is
  /// renamed. Throws where it cannot be finished; then nothing is lost, and it can be tried again.
  package static func recover(
    _ service: String, keep: Int, in files: LaunchFiles
  ) throws(SystemError) {
    try LogRecovery(name: LaunchFiles.log(of: service), keep: keep, files: files).run()
  }

  /// The services with a move that another supervisor had begun, sorted.
  package static func begun(in files: LaunchFiles) -> [String] {
    let services = files.controlFileNames().compactMap { name -> String? in
      guard name.hasPrefix(".dev_"),
        let end = [".log.copying", ".log.copied"].first(where: { name.hasSuffix($0) })
      else { return nil }
      return String(name.dropFirst(5).dropLast(end.count))
    }
    return Set(services).sorted()
  }

  /// Does a few milliseconds' work. `last` ends it early, as a KILL would.
  package func step(in files: LaunchFiles, upTo last: LogMove.Phase = .place) -> Step {
    do {
      return try advance(in: files, upTo: last)
    } catch {
      abandon(in: files)
      // A file may be unlike others on its file system: mapped in an old way, encrypted.
      if error.code == EOPNOTSUPP {
        let name = LogFileSystem.name(of: files.logs.number)
        fileSystem = .doesNot(name)
        return .unsupported(fileSystem: name)
      }
      retrySize = LogFile.size(of: name, in: files) + maxSize / 4
      return .failed(error)
    }
  }

  /// Gives up what has been begun; the log is as it was.
  package func abandon(in files: LaunchFiles) {
    if case .copying = state {
      _ = unlinkat(files.control.descriptor.number, LogMove.copying(name), 0)
    }
    state = .idle
  }

  private func advance(
    in files: LaunchFiles, upTo last: LogMove.Phase
  ) throws(SystemError) -> Step {
    let size = LogFile.size(of: name, in: files)
    if size <= maxSize { retrySize = 0 }
    if case .idle = state, size <= max(maxSize, retrySize) { return .notNeeded }
    let block: Int
    switch try probe(files) {
    case .collapses(let unit): block = unit
    case .doesNot(let name): return .unsupported(fileSystem: name)
    }
    guard let log = try LogFile.open(name, in: files) else {
      abandon(in: files)
      return .notNeeded
    }
    if log.inode != inode || log.size < searched {
      abandon(in: files)
      (inode, searched) = (log.inode, 0)
    }
    switch state {
    case .idle: return try begin(log, block: block, files, upTo: last)
    case .searching(let plan, let before):
      return try search(log, plan, before: before, block: block, files, upTo: last)
    case .copying(let cut, let done):
      return try copy(log, cut, done: done, files, upTo: last)
    }
  }

  private func probe(_ files: LaunchFiles) throws(SystemError) -> LogFileSystem {
    if let fileSystem { return fileSystem }
    let found = try LogFileSystem.of(files.control.descriptor.number, probing: ".\(name).probe")
    fileSystem = found
    return found
  }

  private func begin(
    _ log: borrowing LogFile, block: Int, _ files: LaunchFiles, upTo last: LogMove.Phase
  ) throws(SystemError) -> Step {
    if try LogRecovery(name: name, keep: keep, files: files).run() { return .more }
    let limit = max(maxSize, 2 * block)
    guard log.size > limit else { return .notNeeded }
    let top = min(log.size, 2 * limit)
    let plan = Plan(floor: max(block, top / 2 / block * block, min(searched, top)), top: top)
    return try search(log, plan, before: top, block: block, files, upTo: last)
  }

  private func search(
    _ log: borrowing LogFile, _ plan: Plan, before: Int, block: Int, _ files: LaunchFiles,
    upTo last: LogMove.Phase
  ) throws(SystemError) -> Step {
    var before = before
    let pause = before - Self.stride
    while before > plan.floor {
      if before <= pause {
        state = .searching(plan, before: before)
        return .more
      }
      let start = max(plan.floor, (before - Self.window) / block * block)
      let piece = try log.bytes(start..<before)
      if let cut = LogCut.best(in: piece, at: start, block: block, size: log.size) {
        return try begin(cut, log, files, upTo: last)
      }
      before = start
    }
    state = .idle
    let limit = max(maxSize, 2 * block)
    if log.size >= 2 * limit, let cut = LogCut.withinLine(before: plan.top, block: block) {
      return try begin(cut, log, files, upTo: last)
    }
    // The last block may end with a line that could not be the cut yet.
    searched = plan.top - block
    return .notNeeded
  }

  private func begin(
    _ cut: LogCut, _ log: borrowing LogFile, _ files: LaunchFiles, upTo last: LogMove.Phase
  ) throws(SystemError) -> Step {
    searched = 0
    guard keep > 0 else {
      state = .idle
      try log.drop(cut)
      return .done(bytes: cut.removed)
    }
    let copying = LogMove.copying(name)
    let flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC
    let control = files.control.descriptor.number
    let copy = OwnedDescriptor(
      owning: try systemCall("open", copying) { openat(control, copying, flags, 0o600) })
    state = .copying(cut, done: 0)
    try systemCall("fchmod", copying) { fchmod(copy.number, log.mode) }
    return try self.copy(log, cut, done: 0, files, upTo: last)
  }

  private func copy(
    _ log: borrowing LogFile, _ cut: LogCut, done: Int, _ files: LaunchFiles,
    upTo last: LogMove.Phase
  ) throws(SystemError) -> Step {
    guard log.size > cut.removed else {
      // It was emptied.
      abandon(in: files)
      return .more
    }
    let (copying, control) = (LogMove.copying(name), files.control.descriptor.number)
    let copy = OwnedDescriptor(
      owning: try systemCall("open", copying) {
        openat(control, copying, O_WRONLY | O_NOFOLLOW | O_CLOEXEC)
      })
    let end = min(cut.end, done + Self.stride)
    try log.copy(done..<end, to: copy)
    guard end == cut.end else {
      state = .copying(cut, done: end)
      return .more
    }
    // A hole at the end has not been written.
    try systemCall("ftruncate", copying) { ftruncate(copy.number, cut.end) }
    var information = stat()
    try systemCall("fstat", copying) { fstat(copy.number, &information) }
    state = .idle
    let move = LogMove(
      kept: KeptLogs(name: name, keep: keep, folder: files.logs.number), control: control,
      log: log.number, cut: cut, inode: UInt64(information.st_ino))
    try move.perform(from: .mark, upTo: last)
    return .done(bytes: cut.removed)
  }
}
#endif
