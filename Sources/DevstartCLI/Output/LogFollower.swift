import DevstartCore
import DevstartPlatform

/// Shows the logs of services as they grow.
final class LogFollower {
  /// Readable when any of them may have grown.
  let watch: FolderWatch
  private let logs: [ServiceLog]
  private let output: Output

  init(
    _ logs: [ServiceLog], in manifest: Manifest, output: Output
  ) throws(CommandFailure) {
    self.logs = logs
    self.output = output
    do {
      watch = try FolderWatch.of(manifest.logs)
    } catch {
      throw CommandFailure(
        .failed,
        "cannot watch \(manifest.logs): \(error.reason); 'tail -F' on the log file does without")
    }
  }

  /// Begins where the logs end now.
  func beginAtEnd() throws(CommandFailure) {
    for log in logs {
      do {
        try log.beginAtEnd()
      } catch {
        throw CommandFailure(
          .failed, "cannot read the log of '\(log.name)': \(error.description)")
      }
    }
  }

  /// Call when the watch is readable.
  func attend() {
    watch.clear()
    show()
  }

  /// Whether more was added than is shown at once: show it, and look at all else in between.
  var hasMore: Bool { logs.contains(where: \.hasMore) }

  /// Shows what was added.
  func show() {
    for log in logs { log.showAdded(output) }
    output.flush()
  }

  /// Shows what a service wrote that has ended: a last line without an end too.
  func showEnd(of service: String) {
    show()
    logs.first { $0.name == service }?.showRest(output)
    output.flush()
  }

  /// Shows all there is, last lines without an end too: as a rule nobody writes any more. Says
  /// where the rest is that was not shown within the limit.
  func finish(within limit: Duration) throws(SystemError) {
    let deadline = Clock.now() + limit
    show()
    while hasMore || logs.contains(where: \.isMoving), Clock.now() < deadline {
      _ = try Waiting.wait(for: [watch], until: hasMore ? Clock.now() : deadline)
      attend()
    }
    for log in logs { log.showRest(output) }
    output.flush()
    guard output.loss == nil else { return }
    for log in logs where log.hasMore {
      output.problem("there is more in \(log.path) than was shown", .yellow)
    }
  }
}
