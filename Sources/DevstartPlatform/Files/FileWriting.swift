#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Writes whole files.
package enum FileWriting {
  /// Puts a file with these bytes in the place of what is at `path`, in one step: nobody sees
  /// half of it. `mode` is less the umask.
  package static func replace(
    path: String, with bytes: [UInt8], mode: UInt32
  ) throws(SystemError) {
    let draft = "\(path).\(getpid()).new"
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    let file = OwnedDescriptor(
      owning: try systemCall("open", draft) { open(draft, flags, mode_t(mode)) })
    do {
      try putAll(bytes, to: file.number, draft)
      try systemCall("rename", path) { rename(draft, path) }
    } catch {
      unlink(draft)
      throw error
    }
  }

  /// Makes a file with these bytes where nothing is yet, not even a link; else throws
  /// (`isThereAlready`).
  package static func create(
    path: String, with bytes: [UInt8], mode: UInt32
  ) throws(SystemError) {
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    let file = OwnedDescriptor(
      owning: try systemCall("open", path) { open(path, flags, mode_t(mode)) })
    do {
      try putAll(bytes, to: file.number, path)
    } catch {
      unlink(path)
      throw error
    }
  }

  private static func putAll(
    _ bytes: [UInt8], to number: Int32, _ path: String
  ) throws(SystemError) {
    var start = 0
    while start < bytes.count {
      start += try systemCall("write", path) {
        bytes.withUnsafeBytes {
          write(number, $0.baseAddress?.advanced(by: start), $0.count - start)
        }
      }
    }
  }

  /// Makes the folder and those above it that are missing.
  package static func makeFolder(_ path: String) throws(SystemError) {
    do {
      try systemCall("mkdir", path) { mkdir(path, 0o777) }
    } catch {
      if error.code == EEXIST { return }
      let above = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
      guard error.code == ENOENT, !above.isEmpty else { throw error }
      try makeFolder(above)
      try systemCall("mkdir", path) { mkdir(path, 0o777) }
    }
  }
}
