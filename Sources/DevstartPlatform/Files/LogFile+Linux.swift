#if os(Linux)
import CDevstart
import DevstartCore
import Glibc

/// A service's log, open for its head to be moved; the service has a descriptor of its own.
struct LogFile: ~Copyable {
  private let file: OwnedDescriptor
  let name: String
  let inode: UInt64
  /// In bytes, when it was opened.
  let size: Int
  let mode: mode_t

  var number: Int32 { file.number }

  /// 0 where there is none.
  static func size(of name: String, in files: LaunchFiles) -> Int {
    var information = stat()
    let result = fstatat(files.logs.number, name, &information, AT_SYMLINK_NOFOLLOW)
    return result == 0 ? Int(information.st_size) : 0
  }

  /// Nil where there is none, or something that is no file is in its place. Throws where that is
  /// a link.
  static func open(_ name: String, in files: LaunchFiles) throws(SystemError) -> LogFile? {
    let number = openat(files.logs.number, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
    let code = errno
    let file = OwnedDescriptor(owning: number)
    if number < 0 {
      if code == ENOENT { return nil }
      throw SystemError(call: "open", operand: name, code: code)
    }
    var information = stat()
    try systemCall("fstat", name) { fstat(number, &information) }
    guard information.st_mode & S_IFMT == S_IFREG else { return nil }
    return LogFile(
      file: file, name: name, inode: UInt64(information.st_ino), size: Int(information.st_size),
      mode: information.st_mode & 0o777)
  }

  private init(
    file: consuming OwnedDescriptor, name: String, inode: UInt64, size: Int, mode: mode_t
  ) {
    self.file = file
    self.name = name
    self.inode = inode
    self.size = size
    self.mode = mode
  }

  borrowing func bytes(_ range: Range<Int>) throws(SystemError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: range.count)
    let number = number
    let got = try systemCall("pread", name) {
      pread(number, &bytes, bytes.count, range.lowerBound)
    }
    bytes.removeLast(bytes.count - got)
    return bytes
  }

  /// Copies to the same place of another file; holes stay holes.
  borrowing func copy(
    _ range: Range<Int>, to copy: borrowing OwnedDescriptor
  ) throws(SystemError) {
    let (from, to) = (number, copy.number)
    var offset = range.lowerBound
    while offset < range.upperBound {
      var (begin, end) = (0, 0)
      if cd_next_data(from, offset, &begin, &end) < 0 {
        // Nothing but a hole follows.
        if errno == ENXIO { return }
        throw SystemError(call: "lseek", operand: name, code: errno)
      }
      offset = begin
      let last = min(end, range.upperBound)
      while offset < last {
        let count = try systemCall("copy", name) {
          cd_copy_range(from, to, offset, last - offset)
        }
        if count == 0 { throw SystemError(call: "copy", operand: name, code: ESTALE) }
        offset += count
      }
    }
  }

  /// Removes the head without a copy; where that fails, the log is as it was.
  borrowing func drop(_ cut: LogCut) throws(SystemError) {
    let number = number
    let before = try bytes(cut.removed..<cut.end)
    let blank = LogMove.blank(cut.filler)
    try LogMove.write(blank, at: cut.removed, of: number, named: name)
    do throws(SystemError) {
      try systemCall("fallocate", name) { cd_collapse_head(number, cut.removed) }
    } catch {
      try LogMove.write(before, at: cut.removed, of: number, named: name)
      throw error
    }
  }
}
#endif
