#if os(Linux)
import Glibc

/// What is in a folder (readdir(3)).
enum FolderEntries {
  struct Entry {
    var name: String
    /// A folder itself, not a link to one.
    var isFolder: Bool
  }

  /// All but `.` and `..`, in no order. Throws where the folder is a link.
  static func all(of path: String) throws(SystemError) -> [Entry] {
    let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
    let number = try systemCall("open", path) { open(path, flags) }
    guard let folder = fdopendir(number) else {
      let code = errno
      _ = close(number)
      throw SystemError(call: "fdopendir", operand: path, code: code)
    }
    defer { closedir(folder) }
    var entries: [Entry] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name == "." || name == ".." { continue }
      let type = Int(entry.pointee.d_type)
      let isFolder = type == Int(DT_UNKNOWN) ? isFolder(name, number) : type == Int(DT_DIR)
      entries.append(Entry(name: name, isFolder: isFolder))
    }
    return entries
  }

  /// Some file systems do not keep the type beside the name.
  private static func isFolder(_ name: String, _ folder: Int32) -> Bool {
    var information = stat()
    return fstatat(folder, name, &information, AT_SYMLINK_NOFOLLOW) == 0
      && information.st_mode & S_IFMT == S_IFDIR
  }
}
#endif
