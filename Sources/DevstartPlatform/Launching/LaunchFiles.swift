import CDevstart
package import DevstartCore

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The files of a project's services: the log folder, and the folder that is devstart's own in it.
/// None of them is opened through a symbolic link.
package final class LaunchFiles {
  package let logs: OwnedDescriptor
  package let control: ControlFolder
  private let logsPath: String

  /// How many earlier logs of a service are kept where the manifest does not say it.
  package static let keptLogs = 3

  /// Opens the folders, and makes them where they are missing.
  package static func make(logs path: String) throws(ControlFolder.Refusal) -> LaunchFiles {
    try LaunchFiles(path, control: try ControlFolder.make(inLogs: path))
  }

  /// Opens the folders; nil where devstart has never run.
  package static func open(logs path: String) throws(ControlFolder.Refusal) -> LaunchFiles? {
    guard let control = try ControlFolder.open(inLogs: path) else { return nil }
    return try LaunchFiles(path, control: control)
  }

  private init(
    _ path: String, control: consuming ControlFolder
  ) throws(ControlFolder.Refusal) {
    let number = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    let code = errno
    logs = OwnedDescriptor(owning: number)
    self.control = control
    logsPath = path
    guard number >= 0 else {
      throw .failed(SystemError(call: "open", operand: path, code: code))
    }
  }

  package static func pidFile(of service: String) -> String { "dev_\(service).pid" }
  package static func log(of service: String) -> String { "dev_\(service).log" }
  package static func record(of service: String) -> String { "\(service).launch" }

  // MARK: Logs

  /// A new log for a new start; the earlier ones become `.log.1`, `.log.2` … up to `keep`, but for
  /// one that says nothing.
  package func openLog(
    of service: String, keep: Int = keptLogs
  ) throws(SystemError) -> OwnedDescriptor {
    let name = Self.log(of: service)
    try LogSize.recover(service, keep: keep, in: self)
    var information = stat()
    if fstatat(logs.number, name, &information, AT_SYMLINK_NOFOLLOW) == 0,
      information.st_size > 0 || !Self.isPlain(information, 0o644)
    {
      KeptLogs(name: name, keep: keep, folder: logs.number).takeLog()
    }
    return try openLogAgain(of: service)
  }

  /// The log of a start that goes on, for what else writes to it.
  package func openLogAgain(of service: String) throws(SystemError) -> OwnedDescriptor {
    let name = Self.log(of: service)
    let flags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK
    let log = OwnedDescriptor(
      owning: try systemCall("open", "\(logsPath)/\(name)") {
        openat(logs.number, name, flags, 0o644)
      })
    // A reader's FIFO in its place must not block us; the service's own writes may block.
    _ = fcntl(log.number, F_SETFL, O_APPEND)
    return log
  }

  /// Of an open log, in bytes.
  package static func size(of log: borrowing OwnedDescriptor) -> Int {
    var information = stat()
    return fstat(log.number, &information) == 0 ? Int(information.st_size) : 0
  }

  /// Of a service's log, in bytes; 0 where there is none.
  package func logSize(of service: String) -> Int {
    var information = stat()
    let isThere =
      fstatat(logs.number, Self.log(of: service), &information, AT_SYMLINK_NOFOLLOW) == 0
    return isThere ? Int(information.st_size) : 0
  }

  /// Which file a service's log is (inode(7)); nil where there is none.
  package func logInode(of service: String) -> UInt64? {
    var information = stat()
    let isThere =
      fstatat(logs.number, Self.log(of: service), &information, AT_SYMLINK_NOFOLLOW) == 0
    return isThere ? UInt64(information.st_ino) : nil
  }

  /// The absolute path of a service's log.
  package func logPath(of service: String) -> String { "\(logsPath)/\(Self.log(of: service))" }

  /// Where the output goes of what has no log.
  package static func nowhere() throws(SystemError) -> OwnedDescriptor {
    OwnedDescriptor(
      owning: try systemCall("open", "/dev/null") { Glibc.open("/dev/null", O_WRONLY | O_CLOEXEC) })
  }

  /// The last line that a service has written and that says anything, shortened and without
  /// control characters; nil where there is none, or its log cannot be read.
  package func lastLine(of service: String) -> String? {
    do {
      let tail = try FileTail.lines(4, ofPath: logPath(of: service), longestLine: 4096)
      return tail.lines.reversed().lazy.map(PlainLine.init).first { !$0.text.isEmpty }?.text
    } catch {
      return nil
    }
  }

  // MARK: PID files

  /// Writes main's PID; what stands in the file's place, a link too, is replaced. The file is
  /// the one that was taken away at the last launch's end, if it is still there: on ext4, making
  /// and deleting files is what a start of many services spends most of its time on.
  package func writePIDFile(of service: String, pid: Int32) throws(SystemError) {
    try replace(Self.pidFile(of: service), in: logs, PIDFile.text(of: pid), mode: 0o644)
  }

  /// Removes the PID file if it names that process; false where it cannot be.
  package func removePIDFile(of service: String, pid: Int32) -> Bool {
    guard namesProcess(pid, service) else { return true }
    let name = Self.pidFile(of: service)
    return renameat(logs.number, name, control.descriptor.number, Self.temporary(name)) == 0
      || unlinkat(logs.number, name, 0) == 0 || errno == ENOENT
  }

  /// A service's PID file is there and holds that number.
  package func namesProcess(_ pid: Int32, _ service: String) -> Bool {
    if case .entry(let entry) = pidFile(of: service) { entry.pid == pid } else { false }
  }

  /// What stands in the place of a service's PID file.
  package enum PIDFileContent: Equatable, Sendable {
    case none
    case entry(StrayFinder.PIDFileEntry)
    /// It names no process: why, in words. It is treated as absent, and replaced.
    case nonsense(String)
  }

  package func pidFile(of service: String) -> PIDFileContent {
    let flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK
    let number = openat(logs.number, Self.pidFile(of: service), flags)
    if number < 0 {
      switch errno {
      case ENOENT: return .none
      case ELOOP: return .nonsense("is a symbolic link")
      case let code: return .nonsense("cannot be read (\(String(cString: strerror(code))))")
      }
    }
    let file = OwnedDescriptor(owning: number)
    var information = stat()
    guard fstat(number, &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
      return .nonsense("is no file")
    }
    var bytes = [UInt8](repeating: 0, count: PIDFile.sizeLimit + 1)
    let count = read(file.number, &bytes, bytes.count)
    guard let pid = PIDFile.pid(in: bytes.prefix(max(0, count))) else {
      return .nonsense("holds no PID")
    }
    let time = information.st_mtim
    return .entry(
      StrayFinder.PIDFileEntry(
        pid: pid, writtenAt: time.tv_sec * 1000 + time.tv_nsec / 1_000_000))
  }

  // MARK: Records and state

  /// The file that a keeper writes its record to, made before it is forked.
  package func openRecord(of service: String) throws(SystemError) -> OwnedDescriptor {
    let name = Self.record(of: service)
    let flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK
    return OwnedDescriptor(
      owning: try systemCall("open", "\(control.path)/\(name)") {
        openat(control.descriptor.number, name, flags, 0o600)
      })
  }

  /// Where records written now will be believed.
  package func folderIdentity() throws(SystemError) -> LaunchRecord.FolderIdentity {
    var information = stat()
    try systemCall("fstat", control.path) { fstat(control.descriptor.number, &information) }
    return LaunchRecord.FolderIdentity(
      device: UInt64(information.st_dev), inode: UInt64(information.st_ino))
  }

  /// Forgets a record that says no more.
  package func removeRecord(of service: String) {
    _ = unlinkat(control.descriptor.number, Self.record(of: service), 0)
  }

  /// A whole file of the control folder; nil where there is none.
  package func controlFile(_ name: String, limit: Int) throws(SystemError) -> [UInt8]? {
    let flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK
    let number = openat(control.descriptor.number, name, flags)
    if number < 0, errno == ENOENT { return nil }
    let path = "\(control.path)/\(name)"
    if number < 0 { throw SystemError(call: "open", operand: path, code: errno) }
    return try FileReading.bytes(of: OwnedDescriptor(owning: number), named: path, limit: limit)
  }

  /// Replaces a file of the control folder atomically.
  package func writeControlFile(_ name: String, _ bytes: [UInt8]) throws(SystemError) {
    try replace(name, in: control.descriptor, bytes, mode: 0o600)
  }

  /// The names of everything in the control folder.
  package func controlFileNames() -> [String] {
    FileInspection.names(inFolder: "/proc/self/fd/\(control.descriptor.number)")
  }

  /// Writes a file elsewhere and renames it to its place: no reader meets half of it.
  private func replace(
    _ name: String, in folder: borrowing OwnedDescriptor, _ bytes: [UInt8], mode: mode_t
  ) throws(SystemError) {
    let temporary = Self.temporary(name)
    let flags = O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK
    let (number, control) = (folder.number, control.descriptor.number)
    let file = OwnedDescriptor(
      owning: try systemCall("open", name) { openat(control, temporary, flags, mode) })
    let written = try systemCall("write", name) { pwrite(file.number, bytes, bytes.count, 0) }
    guard written == bytes.count else {
      throw SystemError(call: "write", operand: name, code: ENOSPC)
    }
    if lseek(file.number, 0, SEEK_END) > bytes.count {
      try systemCall("ftruncate", name) { ftruncate(file.number, off_t(bytes.count)) }
    }
    // The two change places, so that the next write has a file with its blocks: to replace one by
    // a file of new blocks, ext4 writes these to the disk first, which takes milliseconds.
    var information = stat()
    if fstatat(number, name, &information, AT_SYMLINK_NOFOLLOW) == 0,
      Self.isPlain(information, mode), cd_exchange(control, temporary, number, name) == 0
    {
      return
    }
    try systemCall("rename", name) { renameat(control, temporary, number, name) }
  }

  /// Whether a file may be written to the next time: neither a link, nor anybody else's, nor one
  /// that others might read or write.
  private static func isPlain(_ file: stat, _ mode: mode_t) -> Bool {
    file.st_mode & S_IFMT == S_IFREG && file.st_mode & 0o7777 == mode && file.st_nlink == 1
      && file.st_uid == OwnProcess.user
  }

  /// What a file of that name is called in the control folder while it is none.
  private static func temporary(_ name: String) -> String { ".\(name).new" }
}
