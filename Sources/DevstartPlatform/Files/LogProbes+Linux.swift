#if os(Linux)
import DevstartCore
import Glibc

/// The logs of the launches that are ready once a line stands there (`ready: {"log": …}`): all of
/// them behind one descriptor of inotify(7), of which a user may have no more than 128. The loop
/// calls `advance` whenever it is readable.
package final class LogProbes {
  /// Why a log cannot be followed.
  package enum Failure: Error, Equatable {
    case noPattern(String)
    case system(SystemError)
  }

  private final class Log {
    let launch: String
    let file: OwnedDescriptor
    /// The number of its watch.
    let watch: Int32
    var offset: Int
    var matcher: LogMatcher

    init(
      _ launch: String, file: consuming OwnedDescriptor, watch: Int32, offset: Int,
      matcher: LogMatcher
    ) {
      self.launch = launch
      self.file = file
      self.watch = watch
      self.offset = offset
      self.matcher = matcher
    }
  }

  /// What one `advance` matches at most, and begins to after that time no more: the loop has other
  /// things to do.
  private static let budget = 16_384
  private static let time = Duration.milliseconds(2)
  private static let block = 2048

  private let notifications: OwnedDescriptor
  private var logs: [String: Log] = [:]
  /// What may have grown and was not read to its end, in the order to read it.
  private var grown: [Log] = []

  package var descriptor: Int32 { notifications.number }

  package init() throws(SystemError) {
    notifications = OwnedDescriptor(
      owning: try systemCall("inotify_init1") {
        inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
      })
  }

  /// Follows the log at `path` from `offset`, where this launch's output begins: a launch that an
  /// automatic restart made appends to the log. What stands there already counts. The file stays
  /// the one that it is now, as for the service, whatever becomes of the path.
  package func begin(
    _ launch: String, path: String, from offset: Int, pattern: String
  ) throws(Failure) {
    end(launch)
    guard let matcher = LogMatcher(pattern) else { throw .noPattern(pattern) }
    do {
      let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW
      let file = OwnedDescriptor(owning: try systemCall("open", path) { open(path, flags) })
      let watch = try systemCall("inotify_add_watch", path) {
        inotify_add_watch(descriptor, "/proc/self/fd/\(file.number)", UInt32(IN_MODIFY))
      }
      let log = Log(launch, file: file, watch: watch, offset: offset, matcher: matcher)
      logs[launch] = log
      grown.append(log)
      wake()
    } catch {
      throw .system(error)
    }
  }

  /// Follows it no longer.
  package func end(_ launch: String) {
    guard let log = logs.removeValue(forKey: launch) else { return }
    grown.removeAll { $0 === log }
    inotify_rm_watch(descriptor, log.watch)
  }

  /// Reads on, a bounded part; the launches whose line has come, which are then followed no longer.
  package func advance() -> [String] {
    takeNotifications()
    var found: [String] = []
    var left = Self.budget
    let end = Clock.now() + Self.time
    while left > 0, let log = grown.first, left == Self.budget || Clock.now() < end {
      grown.removeFirst()
      let bytes = Self.read(log, upTo: Self.block)
      left -= bytes.count
      if log.matcher.take(bytes) {
        found.append(log.launch)
        self.end(log.launch)
      } else if bytes.count == Self.block {
        grown.append(log)
      }
    }
    if !grown.isEmpty { wake() }
    return found
  }

  /// Makes the descriptor readable although nothing was written: that a watch was taken away is
  /// told too (IN_IGNORED). Where the user has no watch left, reading waits for the next write.
  private func wake() {
    let watch = inotify_add_watch(descriptor, "/", UInt32(IN_DELETE_SELF))
    if watch >= 0 { inotify_rm_watch(descriptor, watch) }
  }

  /// Takes what was told before anything is read: what is written from then on is told again.
  private func takeNotifications() {
    let size = MemoryLayout<inotify_event>.size
    withUnsafeTemporaryAllocation(byteCount: 64 * size, alignment: 8) { buffer in
      while true {
        let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        guard count > 0 else { return }
        // Only files are watched, so no name follows an event.
        for offset in stride(from: 0, to: count, by: size) {
          take(buffer.load(fromByteOffset: offset, as: inotify_event.self))
        }
      }
    }
  }

  private func take(_ event: inotify_event) {
    let isOverflow = event.mask & UInt32(IN_Q_OVERFLOW) != 0
    for log in logs.values where isOverflow || log.watch == event.wd {
      if !grown.contains(where: { $0 === log }) { grown.append(log) }
    }
  }

  private static func read(_ log: Log, upTo count: Int) -> [UInt8] {
    let number = log.file.number
    var information = stat()
    // Emptied under the service (`: > file`): what it writes from then on stands at the beginning.
    if fstat(number, &information) == 0, Int(information.st_size) < log.offset { log.offset = 0 }
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      var got = -1
      repeat {
        got = pread(number, buffer.baseAddress, count, off_t(log.offset))
      } while got < 0 && errno == EINTR
      filled = max(0, got)
      log.offset += filled
    }
  }
}
#endif
