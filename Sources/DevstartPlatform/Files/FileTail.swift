#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The end of a file that may be huge.
package enum FileTail {
  /// The last lines of a file.
  package struct Lines: Equatable, Sendable {
    /// Without their ends. An unfinished last line counts as one.
    package var lines: [[UInt8]]
    /// Whether the last one is finished, too.
    package var isFinished: Bool
    /// Where the file ended: a later read goes on from there.
    package var end: Int
  }

  /// The last lines of the file at `path`, which is no link, without reading what comes before them. A line longer
  /// than `longestLine` bytes is cut at its front.
  package static func lines(
    _ count: Int, ofPath path: String, longestLine: Int = 65_536
  ) throws(SystemError) -> Lines {
    let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW
    let file = OwnedDescriptor(
      owning: try systemCall("open", path) { open(path, flags) })
    let number = file.number
    let end = Int(try systemCall("lseek", path) { lseek(number, 0, SEEK_END) })
    guard count > 0 else { return Lines(lines: [], isFinished: true, end: end) }
    var blocks: [[UInt8]] = []
    var start = end
    var newlines = 0
    let budget = max(count, 1).multipliedReportingOverflow(by: longestLine)
    let furthest = budget.overflow ? 0 : max(0, end - budget.partialValue)
    // One more line's end than lines: the first belongs to the line before.
    while start > furthest, newlines <= count {
      let size = min(65_536, start - furthest)
      let block = try read(number, from: start - size, count: size, path: path)
      newlines += block.count { $0 == UInt8(ascii: "\n") }
      blocks.append(block)
      start -= size
    }
    var lines = blocks.reversed().joined()
      .split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .map { Array($0.suffix(longestLine)) }
    let isFinished = lines.last?.isEmpty == true
    if isFinished { lines.removeLast() }
    return Lines(lines: Array(lines.suffix(count)), isFinished: isFinished, end: end)
  }

  private static func read(
    _ number: Int32, from offset: Int, count: Int, path: String
  ) throws(SystemError) -> [UInt8] {
    var block = [UInt8](repeating: 0, count: count)
    let got = try systemCall("pread", path) { pread(number, &block, count, off_t(offset)) }
    block.removeLast(count - got)
    return block
  }
}
