import Glibc

/// A named pipe at which a fixture waits (its word is `gate PATH`) until the test opens it.
package final class Gate {
  package let path: String
  private var descriptor: Int32 = -1

  package init(_ path: String) {
    self.path = path
    mkfifo(path, 0o666)
    chmod(path, 0o666)
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Lets through who waits and who comes later.
  package func open() { descriptor = Glibc.open(path, O_RDWR | O_CLOEXEC) }
}
