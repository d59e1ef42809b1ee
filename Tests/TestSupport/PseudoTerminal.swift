import Glibc

/// A terminal that nobody's session has: what is lost with it gets no signal (pty(7)).
package final class PseudoTerminal {
  /// Where the other end is opened.
  package let path: String
  private var master: Int32

  package init() throws {
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    var (isLocked, number) = (Int32(0), UInt32(0))
    guard master >= 0, ioctl(master, Self.lock, &isLocked) == 0,
      ioctl(master, Self.number, &number) == 0
    else { throw TimedOut(description: "no pseudo-terminal: errno \(errno)") }
    path = "/dev/pts/\(number)"
  }

  /// `TIOCSPTLCK` and `TIOCGPTN` (ioctl_tty(2)).
  private static let lock = UInt(0x4004_5431)
  private static let number = UInt(0x8004_5430)

  deinit { lose() }

  /// Waits until something is written to it.
  package func waitForOutput() throws {
    guard Poll.isReadable(master, within: .seconds(20)) else {
      throw TimedOut(description: "nothing is written to \(path)")
    }
  }

  /// Closes it.
  package func lose() {
    if master >= 0 { close(master) }
    master = -1
  }
}
