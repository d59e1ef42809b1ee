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

  /// Lets through who waits and who comes later: that may be when this is gone, and finds a file.
  package func open() {
    descriptor = Glibc.open(path, O_RDWR | O_CLOEXEC)
    let file = "\(path).open"
    close(Glibc.open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0o666))
    chmod(file, 0o666)
    rename(file, path)
  }
}
