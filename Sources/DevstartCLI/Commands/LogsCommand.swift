import DevstartControl
import DevstartCore
import DevstartPlatform

/// `logs`.
struct LogsCommand {
  let invocation: Invocation
  let output: Output

  /// How many lines are shown where nobody says it.
  private static let usual = 20

  func run() throws(CommandFailure) -> ExitCode {
    let project = try Project.required(invocation.manifest)
    let selection = try Selection.ofAll(invocation, in: project.manifest)
    let width = selection.names.map { TextWidth.columns(of: $0) }.max() ?? 0
    let isAlone = selection.services.count == 1
    let logs = selection.names.enumerated().map { number, name in
      let path = project.manifest.logPath(of: name) + (invocation.previous ? ".1" : "")
      let prefix = output.style.paint(TextWidth.padded(name, to: width) + " | ", .service(number))
      return ServiceLog(name: name, path: path, prefix: isAlone ? nil : prefix)
    }
    // Before the logs are read: what is written in between is not lost.
    let watch = invocation.follows ? try Self.watch(project) : nil
    try showEnds(of: logs, project)
    if let watch { try follow(logs, watch) }
    return .done
  }

  private func showEnds(of logs: [ServiceLog], _ project: Project) throws(CommandFailure) {
    var missing: [ServiceLog] = []
    for log in logs {
      do {
        let wanted = invocation.lines ?? Self.usual
        try log.readEnd(wanted, follows: invocation.follows)
        if !output.isJSON { log.show(output) }
      } catch {
        guard error.isMissing else {
          throw CommandFailure(
            .failed, "cannot read the log of '\(log.name)': \(error.description)")
        }
        missing.append(log)
      }
    }
    if output.isJSON {
      output.json(["services": JSON(logs.map { $0.json(of: project.manifest) })])
    } else if missing.count == logs.count, !invocation.follows {
      throw CommandFailure(.failed, missing.map { none($0, project.manifest) })
    }
    output.flush()
  }

  private func none(_ log: ServiceLog, _ manifest: Manifest) -> String {
    let path = manifest.relative(log.path)
    return invocation.previous
      ? "'\(log.name)' has no log of an earlier start: there is no \(path)"
      : "'\(log.name)' has no log yet: there is no \(path); 'devstart start \(log.name)' makes it"
  }

  private static func watch(_ project: Project) throws(CommandFailure) -> FolderWatch {
    let logs = project.manifest.logs
    do {
      return try FolderWatch.of(logs)
    } catch {
      throw CommandFailure(
        .failed,
        "cannot watch \(logs): \(error.reason); 'tail -F' on the log file does without")
    }
  }

  /// Until Ctrl-C, which ends the command as it does `tail -f`: a shell calls that 130.
  private func follow(_ logs: [ServiceLog], _ watch: FolderWatch) throws(CommandFailure) {
    while output.loss == nil {
      for log in logs { log.showAdded(output) }
      output.flush()
      do {
        _ = try Waiting.wait(for: [watch], until: nil)
      } catch {
        throw CommandFailure(.failed, error.description)
      }
      watch.clear()
    }
  }
}

/// One service's log while it is shown.
private final class ServiceLog {
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
