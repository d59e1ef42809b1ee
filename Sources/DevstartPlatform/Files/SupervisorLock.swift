import CDevstart
package import DevstartCore

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The exclusive lock that a supervisor holds for its whole life (flock(2)).
package struct SupervisorLock: ~Copyable {
  private let file: OwnedDescriptor

  /// nil where another process holds it, and goes on to hold it for that long.
  package static func take(
    in folder: borrowing ControlFolder, withinSeconds seconds: Int = 0
  ) throws(SystemError) -> SupervisorLock? {
    let flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK
    let path = "\(folder.path)/\(ControlFolder.lockName)"
    let number = folder.descriptor.number
    let file = OwnedDescriptor(
      owning: try systemCall("open", path) {
        openat(number, ControlFolder.lockName, flags, 0o600)
      })
    do {
      try systemCall("flock", path) {
        seconds > 0
          ? cd_flock_within(file.number, Int32(seconds)) : flock(file.number, LOCK_EX | LOCK_NB)
      }
    } catch  where error.code == EWOULDBLOCK || error.code == ETIMEDOUT {
      return nil
    }
    let lock = SupervisorLock(file: file)
    // Between the open and the lock the file may have been replaced: then it guards nothing.
    guard lock.isInPlace(in: folder) else { return nil }
    return lock
  }

  /// Goes on with the lock of the program that this process was before.
  package init(inherited descriptor: Int32) { file = OwnedDescriptor(owning: descriptor) }

  private init(file: consuming OwnedDescriptor) { self.file = file }

  package var descriptor: Int32 { file.number }

  /// Whether the path still names the file that is locked.
  package func isInPlace(in folder: borrowing ControlFolder) -> Bool {
    var (own, named) = (stat(), stat())
    guard fstat(file.number, &own) == 0,
      fstatat(folder.descriptor.number, ControlFolder.lockName, &named, AT_SYMLINK_NOFOLLOW) == 0
    else { return false }
    return own.st_dev == named.st_dev && own.st_ino == named.st_ino
  }

  /// Says for people who holds the lock, and for commands where its socket is, if elsewhere.
  package func write(_ identity: ProcessIdentity, socketElsewhere: String?) throws(SystemError) {
    var text = "\(identity.pid) \(identity.startTicks)\n"
    if let socketElsewhere { text += "socket \(socketElsewhere)\n" }
    let bytes = Array(text.utf8)
    try systemCall("ftruncate", ControlFolder.lockName) { ftruncate(file.number, 0) }
    try systemCall("pwrite", ControlFolder.lockName) {
      pwrite(file.number, bytes, bytes.count, 0)
    }
  }
}
