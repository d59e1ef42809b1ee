/// Where a log is cut in two: what is before goes to an earlier log, what is after remains.
///
/// A file system removes whole blocks, and lines end anywhere. So the lines up to `end` are
/// copied, the blocks that lie wholly before it are removed, and of what then begins the log,
/// the `filler` bytes that were copied too are made a blank line. Of the line ends that come into
/// question, one with no such rest is taken if there is any, as there is in most logs.
package struct LogCut: Equatable, Sendable {
  /// Bytes that are copied: up to the end of a line.
  package let end: Int
  /// Bytes that are removed: a multiple of the block size, and no more than `end`.
  package let removed: Int

  /// Bytes that are both copied and left.
  package var filler: Int { end - removed }

  /// `block` is what the file system can remove a multiple of.
  package init(end: Int, block: Int) {
    self.end = end
    removed = end / block * block
  }

  /// The best cut at a line's end within a piece of the file; nil where no line ends there, or
  /// none that would leave anything: a file's last block cannot be removed. `start` is the
  /// piece's place in the file, whose size is `size`.
  package static func best(in piece: [UInt8], at start: Int, block: Int, size: Int) -> LogCut? {
    var best: LogCut?
    // The first line end after a boundary is the best of its block. From behind: as much as
    // possible is moved. What lies behind the next boundary has been looked through already.
    var boundary = (start + piece.count) / block * block
    var last = piece.count
    while boundary >= block, boundary + block > start {
      let first = max(0, boundary - 1 - start)
      if let index = piece[first..<last].firstIndex(of: UInt8(ascii: "\n")) {
        let cut = LogCut(end: start + index + 1, block: block)
        if cut.removed > 0, cut.removed < size, cut.filler < best?.filler ?? block { best = cut }
        if best?.filler == 0 { break }
      }
      last = first
      boundary -= block
    }
    return best
  }

  /// For a line that is longer than a log may be: wherever it is at the last boundary before
  /// `top`, so that every byte is in one of the two.
  package static func withinLine(before top: Int, block: Int) -> LogCut? {
    let end = (top - 1) / block * block
    return end > 0 ? LogCut(end: end, block: block) : nil
  }
}
