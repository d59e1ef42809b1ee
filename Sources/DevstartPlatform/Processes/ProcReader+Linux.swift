#if os(Linux)
import DevstartCore
import Glibc

/// Reads files of `/proc` relative to one descriptor, which stays open, into one buffer that is
/// used again.
struct ProcReader: ~Copyable {
  // An argument list or environment may be megabytes long; what is longer is cut.
  private static let limit = 16 << 20

  private static let folder = Glibc.open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  private let root: Int32
  private var path = ProcPath()
  private var buffer: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  private var count = 0

  init(capacity: Int = 65_536) throws(SystemError) {
    root = Self.folder
    guard root >= 0 else { throw SystemError(call: "open", operand: "/proc", code: ENOENT) }
    buffer = .allocate(capacity: capacity)
    self.capacity = capacity
  }

  deinit { buffer.deallocate() }

  /// What the last read read.
  var bytes: UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: buffer, count: count)
  }

  /// Reads `/proc/PID` + `file`. A file that the kernel writes in pieces (a seq_file of many
  /// records) is read until its end; any other is over once it left room in the buffer.
  mutating func load(_ pid: Int32, _ file: StaticString, inPieces: Bool = false)
    throws(SystemError)
  {
    path.set(pid, file)
    try loadPath(inPieces: inPieces)
  }

  /// Reads `/proc/PID/task/TID/children`.
  mutating func loadChildren(of pid: Int32, thread: Int32) throws(SystemError) {
    path.setChildren(of: pid, thread: thread)
    try loadPath(inPieces: true)
  }

  private mutating func loadPath(inPieces: Bool) throws(SystemError) {
    let (folder, name) = (root, path.pointer)
    count = 0
    let file = OwnedDescriptor(
      owning: try systemCall("open", path.text) { openat(folder, name, O_RDONLY | O_CLOEXEC) })
    let number = file.number
    while count < Self.limit {
      if count == capacity { grow() }
      let (free, room) = (buffer + count, capacity - count)
      let got = try systemCall("read", path.text) { read(number, free, room) }
      count += got
      if got == 0 || (!inPieces && count < capacity) { return }
    }
  }

  private mutating func grow() {
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity * 4)
    larger.update(from: buffer, count: count)
    buffer.deallocate()
    capacity *= 4
    buffer = larger
  }

  /// Where the link `/proc/PID` + `file` points; nil where it cannot be read.
  mutating func link(_ pid: Int32, _ file: StaticString) -> String? {
    path.set(pid, file)
    let (folder, name, room) = (root, path.pointer, capacity)
    let length = buffer.withMemoryRebound(to: CChar.self, capacity: room) {
      readlinkat(folder, name, $0, room)
    }
    guard length > 0 else { return nil }
    count = length
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The inode of the socket that the descriptor `number` in the open directory `/proc/PID/fd`
  /// is; nil where it is no socket.
  mutating func socketInode(_ number: Int32, in folder: Int32) -> UInt64? {
    path.set(number, "")
    let name = path.pointer
    let length = buffer.withMemoryRebound(to: CChar.self, capacity: capacity) {
      readlinkat(folder, name, $0, 64)
    }
    let prefix: StaticString = "socket:["
    guard length > prefix.utf8CodeUnitCount,
      memcmp(buffer, prefix.utf8Start, prefix.utf8CodeUnitCount) == 0
    else { return nil }
    var inode: UInt64 = 0
    for index in prefix.utf8CodeUnitCount..<length - 1 {
      inode = inode &* 10 &+ UInt64(buffer[index] &- 48)
    }
    return inode
  }

  /// The status of `/proc/PID` + `file`.
  mutating func status(_ pid: Int32, _ file: StaticString = "") throws(SystemError) -> stat {
    path.set(pid, file)
    let (folder, name) = (root, path.pointer)
    var status = Glibc.stat()
    try systemCall("stat", path.text) { fstatat(folder, name, &status, 0) }
    return status
  }

  /// The entries of the directory `/proc/PID` + `file`.
  mutating func entries(_ pid: Int32, _ file: StaticString) throws(SystemError) -> DirectoryEntries
  {
    path.set(pid, file)
    return try DirectoryEntries(path.pointer, in: root)
  }
}

extension ProcReader {
  /// nil where there is no such process; throws where it cannot be told.
  mutating func stat(of pid: Int32) throws(SystemError) -> ProcessStat? {
    guard pid > 0 else { return nil }
    do {
      try load(pid, "/stat")
    } catch  where error.meansGone {
      return nil
    }
    return ProcessStat(parsing: bytes.span)
  }
}

extension SystemError {
  /// The process ended before or while its file was read.
  var meansGone: Bool { code == ENOENT || code == ESRCH }

  /// Nothing of the process can be read: it is gone, or `/proc` hides what others run (hidepid).
  var meansHidden: Bool { meansGone || code == EACCES || code == EPERM }
}
#endif
