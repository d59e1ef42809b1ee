#if os(Linux)
import CDevstart
import Glibc

/// `logs/.devstart`, open: everything in it is reached through the descriptor, so that no path is
/// too long and none leads elsewhere meanwhile.
package struct ControlFolder: ~Copyable {
  package static let name = ".devstart"
  package static let socketName = "control.sock"
  package static let lockName = "supervisor.lock"
  package static let logName = "supervisor.log"

  /// Why the folder is not to be used.
  package enum Refusal: Error, Equatable {
    /// It belongs to this user ID.
    case foreign(path: String, owner: UInt32)
    /// Others may read or write it: its permission bits.
    case open(path: String, mode: UInt32)
    /// It, or the log folder, is a file, a link or something else.
    case noFolder(path: String)
    case failed(SystemError)
    /// The folder of sockets is one of these, where the log folder's file system has none.
    indirect case noPlaceForSocket(Refusal)
  }

  package let path: String
  package let descriptor: OwnedDescriptor

  /// The folder in the log folder `logs`; nil where there is none. Throws `Refusal` where it is a
  /// symbolic link, another user's, or open to others.
  package static func open(inLogs logs: String) throws(Refusal) -> ControlFolder? {
    let path = logs + "/" + name
    let number = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard number >= 0 else {
      switch errno {
      case ENOENT: return nil
      case ENOTDIR, ELOOP: throw .noFolder(path: path)
      case let code: throw .failed(SystemError(call: "open", operand: path, code: code))
      }
    }
    let descriptor = OwnedDescriptor(owning: number)
    var information = stat()
    guard fstat(number, &information) == 0 else {
      throw .failed(SystemError(call: "fstat", operand: path, code: errno))
    }
    try check(information, of: path)
    return ControlFolder(path: path, descriptor: descriptor)
  }

  private static func check(_ information: stat, of path: String) throws(Refusal) {
    guard information.st_mode & S_IFMT == S_IFDIR else { throw .noFolder(path: path) }
    guard information.st_uid == getuid() else {
      throw .foreign(path: path, owner: information.st_uid)
    }
    guard information.st_mode & 0o077 == 0 else {
      throw .open(path: path, mode: information.st_mode & 0o7777)
    }
  }

  /// Whether the path still leads to it: it may have been deleted, and made anew.
  package var isInPlace: Bool {
    var (own, named) = (stat(), stat())
    guard fstat(descriptor.number, &own) == 0, lstat(path, &named) == 0 else { return false }
    return own.st_dev == named.st_dev && own.st_ino == named.st_ino
  }

  /// Makes a folder of this user's alone for sockets, as under `/tmp`, where anybody may have
  /// prepared something of that name.
  static func ensureOwn(_ path: String) throws(Refusal) {
    if mkdir(path, 0o700) != 0, errno != EEXIST {
      throw .failed(SystemError(call: "mkdir", operand: path, code: errno))
    }
    var information = stat()
    guard lstat(path, &information) == 0 else {
      throw .failed(SystemError(call: "lstat", operand: path, code: errno))
    }
    try check(information, of: path)
  }

  /// The same, and makes it, and the log folder, where they are missing.
  package static func make(inLogs logs: String) throws(Refusal) -> ControlFolder {
    if let folder = try open(inLogs: logs) { return folder }
    try makeFolders(logs)
    let path = logs + "/" + name
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
      throw .failed(SystemError(call: "mkdir", operand: path, code: errno))
    }
    guard let folder = try open(inLogs: logs) else { throw .noFolder(path: path) }
    return folder
  }

  /// The path as everybody may see it, and every folder above it (mkdir(1) with `-p`).
  private static func makeFolders(_ path: String) throws(Refusal) {
    guard mkdir(path, 0o755) != 0 else { return }
    switch errno {
    case EEXIST: return
    case ENOENT:
      guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { break }
      try makeFolders(String(path[..<slash]))
      guard mkdir(path, 0o755) == 0 || errno == EEXIST else { break }
      return
    case ENOTDIR: throw .noFolder(path: path)
    case _: break
    }
    throw .failed(SystemError(call: "mkdir", operand: path, code: errno))
  }

  /// Waits for the folder's lock, under which commands start one supervisor between them; it goes
  /// with the descriptor. False where somebody kept it for that long.
  package func lock(withinSeconds seconds: Int) throws(SystemError) -> Bool {
    do {
      try systemCall("flock", path) { cd_flock_within(descriptor.number, Int32(seconds)) }
      return true
    } catch  where error.code == ETIMEDOUT {
      return false
    }
  }

  /// A file in the folder as a path that is short and cannot lead elsewhere (proc(5)).
  func shortPath(of name: String) -> String { "/proc/self/fd/\(descriptor.number)/\(name)" }

  /// The socket that the lock file names, where the supervisor could not have one here.
  func socketElsewhere() -> String? {
    let bytes: [UInt8]
    do {
      bytes = try FileReading.bytes(
        ofPath: shortPath(of: Self.lockName), limit: 4096, followsLinks: false)
    } catch {
      return nil
    }
    let lines = bytes.split(separator: UInt8(ascii: "\n"))
    let mark = Array("socket ".utf8)
    guard lines.count > 1, lines[1].starts(with: mark) else { return nil }
    return String(decoding: lines[1].dropFirst(mark.count), as: UTF8.self)
  }

  /// The supervisor's log, to be appended to.
  func openLog() throws(SystemError) -> OwnedDescriptor {
    let flags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK
    return OwnedDescriptor(
      owning: try systemCall("open", path + "/" + Self.logName) {
        openat(descriptor.number, Self.logName, flags, 0o600)
      })
  }
}
#endif
