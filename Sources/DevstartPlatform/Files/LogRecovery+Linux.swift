#if os(Linux)
import DevstartCore
import Glibc

/// Finishes a move of a log's head that a KILL interrupted; `LogMove` says how it is known how
/// far it went.
struct LogRecovery {
  let name: String
  let keep: Int
  let files: LaunchFiles

  private var control: Int32 { files.control.descriptor.number }

  /// True where there was something to finish or to delete.
  @discardableResult
  func run() throws(SystemError) -> Bool {
    if let copy = try copy(LogMove.copied(name)) {
      try finish(copy, from: .blank, otherwise: .shift)
      return true
    }
    if let copy = try copy(LogMove.copying(name)) {
      try finish(copy, from: .commit, otherwise: nil)
      return true
    }
    return false
  }

  private struct Copy {
    var inode: UInt64
    var size: Int
  }

  private func copy(_ name: String) throws(SystemError) -> Copy? {
    var information = stat()
    if fstatat(control, name, &information, AT_SYMLINK_NOFOLLOW) != 0 {
      if errno == ENOENT { return nil }
      throw SystemError(call: "stat", operand: name, code: errno)
    }
    return Copy(inode: UInt64(information.st_ino), size: Int(information.st_size))
  }

  /// Where the log has the copy's mark, goes on with one step, and else with another; without
  /// one, the copy says nothing that the log does not.
  private func finish(
    _ copy: Copy, from marked: LogMove.Phase, otherwise unmarked: LogMove.Phase?
  ) throws(SystemError) {
    var block = 1
    if case .collapses(let unit) = try LogFileSystem.of(control, probing: ".\(name).probe") {
      block = unit
    }
    guard let log = try LogFile.open(name, in: files) else {
      let move = move(of: copy, block: block, log: -1)
      return try go(on: move, from: unmarked)
    }
    try go(on: move(of: copy, block: block, log: log.number), log, from: marked, or: unmarked)
  }

  private func move(of copy: Copy, block: Int, log: Int32) -> LogMove {
    LogMove(
      kept: KeptLogs(name: name, keep: keep, folder: files.logs.number), control: control,
      log: log, cut: LogCut(end: copy.size, block: block), inode: copy.inode)
  }

  /// `log` is open for as long as the move needs its descriptor.
  private func go(
    on move: LogMove, _ log: borrowing LogFile, from marked: LogMove.Phase,
    or unmarked: LogMove.Phase?
  ) throws(SystemError) {
    try go(on: move, from: move.isMarked ? marked : unmarked)
  }

  private func go(on move: LogMove, from phase: LogMove.Phase?) throws(SystemError) {
    if let phase { return try move.perform(from: phase) }
    let copying = LogMove.copying(name)
    try systemCall("unlink", copying) { unlinkat(control, copying, 0) }
  }
}
#endif
