#if os(Linux)
import CDevstart
import DevstartCore
import Glibc

/// Moves a log's head, which has been copied, so that whoever is KILLed between two steps, the
/// next supervisor knows how far it went, and no line is lost or there twice.
///
/// What tells it is a mark at the log's very beginning, written when the copy is whole, and
/// removed by the one call that removes the head:
///
/// | copy is called | the mark is | so |
/// |---|---|---|
/// | `.copying` | not there | the copy may be a part: it is deleted, the log is as it was |
/// | `.copying` | there | the copy is whole: all that follows is to be done |
/// | `.copied` | there | the rest of the copied bytes is to be blanked, the head removed … |
/// | `.copied` | not there | the head is removed: the copy is to become `.log.1` |
package struct LogMove {
  /// The steps, each of one change on the disk; any can be done again.
  package enum Phase: Int, CaseIterable, Comparable, Sendable {
    case mark, commit, blank, collapse, shift, place

    package static func < (one: Phase, other: Phase) -> Bool { one.rawValue < other.rawValue }
  }

  let kept: KeptLogs
  /// The control folder, where the copy is until it is in its place.
  let control: Int32
  /// Of the log, for reading and writing.
  let log: Int32
  let cut: LogCut
  /// The copy's inode, which its mark names.
  let inode: UInt64

  static func copying(_ name: String) -> String { ".\(name).copying" }
  static func copied(_ name: String) -> String { ".\(name).copied" }

  private var copied: String { Self.copied(kept.name) }

  /// What stands at the log's beginning meanwhile, for people as well.
  private var mark: [UInt8] {
    let target = kept.name(of: 1)
    return Array(
      "devstart: moving what was here to \(target) (\(inode), \(cut.end), \(cut.removed))\n".utf8)
  }

  var isMarked: Bool {
    let mark = mark
    var head = [UInt8](repeating: 0, count: mark.count)
    return pread(log, &head, head.count, 0) == head.count && head == mark
  }

  /// Goes through the steps. Where the head cannot be removed, the log is made what it was; where
  /// not even that can be done, it is left to recovery.
  func perform(from first: Phase, upTo last: Phase = .place) throws(SystemError) {
    for phase in Phase.allCases where first <= phase && phase <= last {
      do {
        try perform(phase)
      } catch {
        if phase <= .collapse { try undo() }
        throw error
      }
    }
  }

  private func perform(_ phase: Phase) throws(SystemError) {
    switch phase {
    case .mark: try write(mark, at: 0)
    case .commit:
      let copying = Self.copying(kept.name)
      try systemCall("rename", copying) { renameat(control, copying, control, copied) }
    case .blank: try write(Self.blank(cut.filler), at: cut.removed)
    case .collapse:
      try systemCall("fallocate", kept.name) { cd_collapse_head(log, cut.removed) }
    case .shift: kept.shift()
    case .place:
      let target = kept.name(of: 1)
      try systemCall("rename", target) { renameat(control, copied, kept.folder, target) }
      kept.prune()
    }
  }

  /// Makes the log what it was, where its head cannot be removed; the copy is deleted.
  func undo() throws(SystemError) {
    let copying = Self.copying(kept.name)
    // Without its mark, a copy of this name is one that nothing was done with.
    if renameat(control, copied, control, copying) != 0, errno != ENOENT {
      throw SystemError(call: "rename", operand: copied, code: errno)
    }
    let copy = OwnedDescriptor(
      owning: try systemCall("open", copying) {
        openat(control, copying, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
      })
    try restore(cut.removed..<cut.end, from: copy)
    try restore(0..<mark.count, from: copy)
    try systemCall("unlink", copying) { unlinkat(control, copying, 0) }
  }

  private func restore(
    _ range: Range<Int>, from copy: borrowing OwnedDescriptor
  ) throws(SystemError) {
    var bytes = [UInt8](repeating: 0, count: range.count)
    let number = copy.number
    let got = try systemCall("pread", kept.name) {
      pread(number, &bytes, bytes.count, range.lowerBound)
    }
    try write(Array(bytes[..<got]), at: range.lowerBound)
  }

  /// A line of blanks.
  static func blank(_ count: Int) -> [UInt8] {
    count == 0 ? [] : [UInt8](repeating: UInt8(ascii: " "), count: count - 1) + [0x0a]
  }

  private func write(_ bytes: [UInt8], at offset: Int) throws(SystemError) {
    try Self.write(bytes, at: offset, of: log, named: kept.name)
  }

  /// Over what is there already: the file does not grow.
  static func write(
    _ bytes: [UInt8], at offset: Int, of log: Int32, named name: String
  ) throws(SystemError) {
    guard !bytes.isEmpty else { return }
    let count = try systemCall("pwrite", name) { pwrite(log, bytes, bytes.count, offset) }
    guard count == bytes.count else {
      throw SystemError(call: "pwrite", operand: name, code: ENOSPC)
    }
  }
}
#endif
