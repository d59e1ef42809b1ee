#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What a path names, without opening it.
package enum FileInspection {
  /// What there is at a path, links followed.
  package enum Kind: Equatable, Sendable {
    case file
    case folder
    /// A socket, a pipe or a device.
    case other
  }

  /// Throws where nothing is there, or it cannot be told.
  package static func kind(ofPath path: String) throws(SystemError) -> Kind {
    var information = stat()
    try systemCall("stat", path) { stat(path, &information) }
    switch information.st_mode & S_IFMT {
    case S_IFREG: return .file
    case S_IFDIR: return .folder
    default: return .other
    }
  }

  /// Who may change what a path names; a link is not followed.
  package struct Permissions: Equatable, Sendable {
    package var owner: UInt32
    package var isLink: Bool
    /// Anybody may write to it.
    package var isOpen: Bool
    /// Of a folder: only their owners may replace the files in it (inode(7)).
    package var isSticky: Bool
  }

  package static func permissions(ofPath path: String) throws(SystemError) -> Permissions {
    var information = stat()
    try systemCall("lstat", path) { lstat(path, &information) }
    return Permissions(
      owner: information.st_uid, isLink: information.st_mode & S_IFMT == S_IFLNK,
      isOpen: information.st_mode & S_IWOTH != 0, isSticky: information.st_mode & S_ISVTX != 0)
  }

  /// How many bytes an open file has.
  package static func size(of file: borrowing OwnedDescriptor) throws(SystemError) -> Int {
    var information = stat()
    let number = file.number
    try systemCall("fstat") { fstat(number, &information) }
    return Int(information.st_size)
  }

  /// A file that this user may execute (access(2)).
  package static func isExecutable(path: String) -> Bool {
    var information = stat()
    return stat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFREG
      && access(path, X_OK) == 0
  }

  /// The path without links, dots and doubled slashes (realpath(3)).
  package static func canonicalPath(of path: String) throws(SystemError) -> String {
    guard let resolved = realpath(path, nil) else {
      throw SystemError(call: "realpath", operand: path, code: errno)
    }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// The names in a folder, in no order; none where it cannot be read.
  package static func names(inFolder path: String) -> [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let length = MemoryLayout.size(ofValue: entry.pointee.d_name)
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: length) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }
}
