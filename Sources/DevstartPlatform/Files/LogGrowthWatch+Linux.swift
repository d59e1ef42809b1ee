#if os(Linux)
import Glibc

/// Tells that a quiet log has begun to grow, once (inotify(7), IN_ONESHOT): while it goes on
/// growing its size is looked at now and then, and when it is quiet it is armed again. So nothing
/// wakes the supervisor for each line, and nothing while no service writes.
package final class LogGrowthWatch {
  /// The file got another name, or none: its link count has changed.
  private static let taken = IN_MOVE_SELF | IN_ATTRIB

  private let inotify: Inotify
  private var watches: [String: Int32] = [:]

  /// Readable when a log may have grown; one descriptor for all.
  package var descriptor: Int32 { inotify.descriptor }

  package init() throws(SystemError) { inotify = try Inotify() }

  /// Waits for the next write to a service's log, or for its being taken away. What was written before is not told: look at
  /// the size afterwards. Throws where there is no log, or no watch left.
  package func arm(_ service: String, in files: LaunchFiles) throws(SystemError) {
    disarm(service)
    let path = "/proc/self/fd/\(files.logs.number)/\(LaunchFiles.log(of: service))"
    watches[service] = try inotify.add(path, IN_MODIFY | Self.taken | IN_DONT_FOLLOW, isOnce: true)
  }

  /// Stops waiting.
  package func disarm(_ service: String) {
    guard let watch = watches.removeValue(forKey: service) else { return }
    inotify.remove(watch)
  }

  /// The services whose logs were written to, each disarmed by that; sorted.
  package func grown() -> [String] {
    var grown: [String] = []
    for event in inotify.take() where event.has(IN_MODIFY | Self.taken | IN_IGNORED) {
      // A watch goes with its file too: whoever waits for it is to look what became of it.
      guard let service = watches.first(where: { $0.value == event.watch })?.key else { continue }
      watches[service] = nil
      grown.append(service)
    }
    return grown.sorted()
  }
}
#endif
