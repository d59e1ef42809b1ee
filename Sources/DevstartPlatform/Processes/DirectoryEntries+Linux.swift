#if os(Linux)
import Glibc

/// An open directory whose entries are read one after the other (readdir(3)).
struct DirectoryEntries: ~Copyable {
  private let stream: OpaquePointer

  /// Opens `path`, relative to `folder`.
  init(_ path: UnsafePointer<CChar>, in folder: Int32 = AT_FDCWD) throws(SystemError) {
    let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC
    let number = try systemCall("open", String(cString: path)) { openat(folder, path, flags) }
    guard let stream = fdopendir(number) else {
      let code = errno
      _ = close(number)
      throw SystemError(call: "fdopendir", operand: String(cString: path), code: code)
    }
    self.stream = stream
  }

  deinit { _ = closedir(stream) }

  /// For reading relative to the directory.
  var descriptor: Int32 { dirfd(stream) }

  /// The next entry whose name is a number, as PIDs, thread IDs and descriptors are in `/proc`;
  /// nil at the end.
  mutating func nextNumber() -> Int32? {
    while let entry = readdir(stream) {
      let number = withUnsafePointer(to: &entry.pointee.d_name) { name in
        name.withMemoryRebound(to: UInt8.self, capacity: 256) { Self.number($0) }
      }
      if let number { return number }
    }
    return nil
  }

  private static func number(_ name: UnsafePointer<UInt8>) -> Int32? {
    var number: Int32 = 0
    var index = 0
    while name[index] != 0 {
      guard name[index] >= 48, name[index] <= 57, index < 9 else { return nil }
      number = number * 10 + Int32(name[index] - 48)
      index += 1
    }
    return index > 0 ? number : nil
  }
}
#endif
