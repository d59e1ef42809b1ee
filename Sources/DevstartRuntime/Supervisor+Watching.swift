import DevstartCore
import DevstartPlatform

/// How the end of a process is met. Before Linux 5.3 no descriptor tells it: then whoever is waited
/// for is looked at, at every event (the end of a child is one) and after a pause.
extension Supervisor {
  /// For what is nobody's child here: strays, and keepers that an earlier supervisor forked.
  private static let pause = Duration.milliseconds(50)

  /// Waits for a process's end, too.
  func awaitEnd(of process: HeldProcess, as source: Source) {
    if process.handle.descriptor >= 0 {
      poll.add(process.handle.descriptor, source)
    } else {
      looked.append((process, source))
    }
  }

  /// Waits for it no more.
  func forgetEnd(of process: HeldProcess) {
    if process.handle.descriptor >= 0 {
      poll.remove(process.handle.descriptor)
    } else if let index = looked.firstIndex(where: { $0.process === process }) {
      looked.remove(at: index)
    }
  }

  /// When to look at those that no descriptor tells of; nil where there are none.
  var nextLook: Instant? { looked.isEmpty ? nil : Clock.now() + Self.pause }

  /// What has ended of those.
  func endedSources() -> [Source] {
    looked.filter { $0.process.handle.isDead }.map(\.source)
  }
}
