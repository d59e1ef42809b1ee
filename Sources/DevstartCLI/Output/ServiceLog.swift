import DevstartControl
import DevstartCore
import DevstartPlatform

/// One service's log while it is shown.
final class ServiceLog {
  let name: String
  let path: String
  /// Before each line; nil where only one service is shown.
  private let prefix: String?
  private var lines: [[UInt8]] = []
  private var unfinished: [UInt8] = []
  private var buffer = LineBuffer()
  private var file: GrowingFile?

  init(name: String, path: String, prefix: String?) {
    self.name = name
    self.path = path
    self.prefix = prefix
  }

  /// Reads the last lines; with `follows`, what is added later is known too, also to a file that
  /// is not there yet.
  func readEnd(_ count: Int, follows: Bool) throws(SystemError) {
    if follows { file = GrowingFile(path: path, offset: 0) }
    let end = try FileTail.lines(count, ofPath: path)
    lines = end.lines
    guard follows else { return }
    file = GrowingFile(path: path, offset: end.end)
    if !end.isFinished, let last = lines.popLast() { unfinished = last }
  }

  /// Of these services, each with its name before each line, in a colour of its own.
  static func all(
    of names: [String], in manifest: Manifest, style: Style, isPrefixed: Bool = true,
    suffix: String = ""
  ) -> [ServiceLog] {
    let width = names.map { TextWidth.columns(of: $0) }.max() ?? 0
    return names.enumerated().map { number, name in
      let prefix = style.paint(TextWidth.padded(name, to: width) + " | ", .service(number))
      return ServiceLog(
        name: name, path: manifest.logPath(of: name) + suffix, prefix: isPrefixed ? prefix : nil)
    }
  }

  /// Begins where the log ends now; one that is not there yet is shown from its beginning.
  func beginAtEnd() throws(SystemError) {
    do {
      try readEnd(0, follows: true)
    } catch {
      guard error.isMissing else { throw error }
    }
  }

  /// A last line that has no end, which more might have been written to.
  func showRest(_ output: Output) {
    guard !hasMore, prefix != nil, !buffer.rest.isEmpty else { return }
    buffer.append([UInt8(ascii: "\n")])
    do {
      while let line = try buffer.next() { put(line, output) }
    } catch {
      buffer = LineBuffer()
    }
  }

  /// Whether its head is being moved away: what was added is known after that.
  var isMoving: Bool { file?.isMoving ?? false }

  /// Whether more was added than was shown at once.
  var hasMore: Bool { file?.hasMore ?? false }

  func show(_ output: Output) {
    for line in lines { put(line, output) }
    guard !unfinished.isEmpty else { return }
    if prefix == nil { output.bytes(unfinished) } else { buffer.append(unfinished) }
  }

  func showAdded(_ output: Output) {
    file?.read { bytes in
      guard prefix != nil else {
        output.bytes(bytes)
        return output.flush()
      }
      buffer.append(bytes)
      do {
        while let line = try buffer.next() { put(line, output) }
      } catch {
        // A line without an end: no log for people.
        buffer = LineBuffer()
      }
      output.flush()
    }
  }

  private func put(_ line: [UInt8], _ output: Output) {
    if let prefix { output.bytes(prefix.utf8) }
    output.bytes(line)
    output.bytes([UInt8(ascii: "\n")])
  }

  func json(of manifest: Manifest) -> JSON {
    [
      "name": JSON(name), "log": JSON(manifest.relative(path)),
      "lines": JSON(lines.map { String(decoding: $0, as: UTF8.self) }),
    ]
  }
}
