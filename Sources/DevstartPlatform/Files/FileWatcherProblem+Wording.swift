#if os(Linux)
import DevstartCore

extension FileWatcher.Problem: CustomStringConvertible {
  package var description: String {
    switch self {
    case .tooManyWatches(let limit):
      let now = limit.map { " (now \($0))" } ?? ""
      return "not every folder can be watched: this user has no watch left; raise "
        + "fs.inotify.max_user_watches\(now), or let \"watch\" name fewer folders"
    case .unreadable(let error):
      return "\(error.operand) is not watched: \(error.reason)"
    }
  }
}
#endif
