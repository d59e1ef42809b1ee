#if os(Linux)
import CDevstart
package import DevstartCore
import Glibc

/// Signals to this process as things to wait for, instead of interruptions (signalfd(2)). From
/// its making on they no longer end the process.
package final class SignalQueue: Waitable {
  private let descriptor: OwnedDescriptor

  package var number: Int32 { descriptor.number }

  /// INT, TERM and HUP where they are not ignored, and WINCH for whoever draws.
  package init() throws(SystemError) {
    let signals = [SIGINT, SIGTERM, SIGHUP, SIGWINCH]
    descriptor = OwnedDescriptor(
      owning: try systemCall("signalfd") { cd_signals_open(signals, Int32(signals.count)) })
  }

  /// The next one, if there is one.
  package func next() -> Signal? {
    switch cd_signals_next(number) {
    case SIGINT: .interrupt
    case SIGTERM: .terminate
    case SIGHUP: .hangUp
    case SIGWINCH: .windowChange
    case _: nil
    }
  }
}
#endif
