#if os(Linux)
import CDevstart
import Glibc

/// Whether the head of a file can be removed where the logs are: FALLOC_FL_COLLAPSE_RANGE of
/// fallocate(2), which ext4, XFS and F2FS have.
enum LogFileSystem: Equatable {
  /// The head can be removed, in multiples of so many bytes.
  case collapses(block: Int)
  /// It cannot; the file system's name.
  case doesNot(String)

  /// Tries it on an empty file of its own in `folder`.
  static func of(_ folder: Int32, probing name: String) throws(SystemError) -> LogFileSystem {
    var type: UInt32 = 0
    var block: Int64 = 0
    try systemCall("statfs", name) { cd_file_system(folder, &type, &block) }
    let flags = O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC
    let file = OwnedDescriptor(
      owning: try systemCall("open", name) { openat(folder, name, flags, 0o600) })
    defer { _ = unlinkat(folder, name, 0) }
    // What is removed may have to be a multiple of more than a block (bigalloc, real-time XFS).
    var size = Int(max(512, block))
    while size <= 1 << 26 {
      try systemCall("ftruncate", name) { ftruncate(file.number, 2 * size) }
      if cd_collapse_head(file.number, size) == 0 { return .collapses(block: size) }
      switch errno {
      case EINVAL: size *= 2
      case EOPNOTSUPP, ENOSYS: return .doesNot(Self.name(of: type))
      case EINTR: continue
      case let code: throw SystemError(call: "fallocate", operand: name, code: code)
      }
    }
    return .doesNot(Self.name(of: type))
  }

  /// The name of the one that an open file is on.
  static func name(of file: Int32) -> String {
    var type: UInt32 = 0
    var block: Int64 = 0
    return cd_file_system(file, &type, &block) == 0 ? name(of: type) : "unknown"
  }

  /// The magic numbers of statfs(2).
  private static func name(of type: UInt32) -> String {
    let names: [UInt32: String] = [
      0x0102_1994: "tmpfs", 0x9123_683e: "btrfs", 0x6969: "nfs", 0x794c_7630: "overlayfs",
      0x2fc1_2fc1: "zfs", 0x6573_5546: "fuse", 0x0102_1997: "9p", 0xfe53_4d42: "smb",
      0xca45_1a4e: "bcachefs", 0x4d44: "vfat", 0xef53: "ext", 0x8584_58f6: "ramfs",
    ]
    return names[type] ?? "type 0x" + String(type, radix: 16)
  }
}
#endif
