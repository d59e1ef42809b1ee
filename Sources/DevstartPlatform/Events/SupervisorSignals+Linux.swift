#if os(Linux)
import CDevstart
import Glibc

/// The signals that reach a supervisor, as something to read (signalfd(2)).
package final class SupervisorSignals {
  package enum Arrival: Sendable {
    /// A child of the supervisor has ended.
    case childEnded
    /// Somebody wants the supervisor to end.
    case end
  }

  private let file: OwnedDescriptor

  package var descriptor: Int32 { file.number }

  /// Blocks the signals for this process, and ignores PIPE.
  package init() throws(SystemError) {
    let wanted = [SIGCHLD, SIGTERM, SIGINT, SIGHUP]
    file = OwnedDescriptor(
      owning: try systemCall("signalfd") { cd_signals_open(wanted, Int32(wanted.count)) })
    signal(SIGPIPE, SIG_IGN)
  }

  /// What has arrived since the last call.
  package func arrivals() -> [Arrival] {
    var found: [Arrival] = []
    while true {
      switch cd_signals_next(file.number) {
      case 0: return found
      case SIGCHLD: found.append(.childEnded)
      case _: found.append(.end)
      }
    }
  }
}
#endif
