#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A file descriptor that is closed exactly once, at the end of its owner's life.
package struct OwnedDescriptor: ~Copyable, Sendable {
  /// The number, for a system call; never to be kept or closed by anybody else.
  package let number: Int32

  /// Takes ownership of an open descriptor; a negative number is none.
  package init(owning number: Int32) { self.number = number }

  deinit {
    if number >= 0 { close(number) }
  }

  /// Gives the descriptor up: the caller closes it.
  package consuming func released() -> Int32 {
    let number = number
    discard self
    return number
  }
}
