#if os(Linux)
import Glibc

/// Tells that a quiet log has begun to grow, or that a log was taken away, once (inotify(7),
/// IN_ONESHOT): while it goes on growing its size is looked at now and then, and when it is quiet
/// its growth is waited for again. So nothing wakes the supervisor for each line, and nothing while
/// no service writes.
package final class LogGrowthWatch {
  /// The file got another name, or none: its link count has changed.
  private static let taken = IN_MOVE_SELF | IN_ATTRIB

  private let inotify: Inotify
  private var watches: [String: Int32] = [:]

  /// Readable when a log may have grown; one descriptor for all.
  package var descriptor: Int32 { inotify.descriptor }

  package init() throws(SystemError) { inotify = try Inotify() }

  /// Waits for a service's log to be taken away and, where it is quiet, for the next write to it.
  /// What was written before is not told: look at the size afterwards. Throws where there is no
  /// log, or no watch left.
  package func arm(_ service: String, in files: LaunchFiles, isQuiet: Bool) throws(SystemError) {
    disarm(service)
    let path = "/proc/self/fd/\(files.logs.number)/\(LaunchFiles.log(of: service))"
    let events = (isQuiet ? IN_MODIFY : 0) | Self.taken | IN_DONT_FOLLOW
    watches[service] = try inotify.add(path, events, isOnce: true)
  }

  /// Stops waiting.
  package func disarm(_ service: String) {
    guard let watch = watches.removeValue(forKey: service) else { return }
    inotify.remove(watch)
  }

  /// The services whose logs were written to or taken away, each disarmed by that; sorted.
  package func stirred() -> [String] {
    var stirred: [String] = []
    for event in inotify.take() where event.has(IN_MODIFY | Self.taken | IN_IGNORED) {
      // A watch goes with its file too: whoever waits for it is to look what became of it.
      guard let service = watches.first(where: { $0.value == event.watch })?.key else { continue }
      watches[service] = nil
      stirred.append(service)
    }
    return stirred.sorted()
  }
}
#endif
