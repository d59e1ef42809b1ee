import Foundation
package import Testing

/// A time that passed before what was waited for.
package struct TimedOut: Error, CustomStringConvertible {
  package var description: String
}

/// Asks again and again: only for what the system tells nobody about. Records an issue, and
/// returns, where it stays false.
package func eventually(
  _ what: Comment, within time: Duration = .seconds(20),
  sourceLocation: SourceLocation = #_sourceLocation, _ condition: () throws -> Bool
) rethrows {
  if try !hasHappened(within: time, condition) {
    Issue.record(what, sourceLocation: sourceLocation)
  }
}

/// The same; false where it stays false.
package func hasHappened(
  within time: Duration = .seconds(20), _ condition: () throws -> Bool
) rethrows -> Bool {
  let deadline = ContinuousClock.now + time
  while try !condition() {
    guard ContinuousClock.now < deadline else { return false }
    usleep(2000)
  }
  return true
}

/// Waits until a file's text is as it should be, by inotify(7) on its folder, which exists.
package func waitForFile(
  _ path: String, within time: Duration = .seconds(20), until isEnough: (String) -> Bool
) throws {
  let folder = (path as NSString).deletingLastPathComponent
  let watch = inotify_init1(Int32(O_CLOEXEC | O_NONBLOCK))
  guard watch >= 0 else { throw TimedOut(description: "inotify_init1: errno \(errno)") }
  defer { close(watch) }
  let changes = IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_CLOSE_WRITE
  inotify_add_watch(watch, folder, UInt32(changes))
  let deadline = ContinuousClock.now + time
  var events = [UInt8](repeating: 0, count: 65_536)
  while !isEnough(Files.text(path) ?? "") {
    guard Poll.isReadable(watch, within: deadline - ContinuousClock.now) else {
      throw TimedOut(description: "\(path) holds only: \(Files.text(path) ?? "nothing")")
    }
    _ = read(watch, &events, events.count)
  }
}
