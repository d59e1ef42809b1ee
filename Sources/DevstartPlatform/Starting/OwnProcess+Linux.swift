#if os(Linux)
import CDevstart
package import DevstartCore
import Glibc

/// What this process is, and what those that it starts would inherit.
package enum OwnProcess {
  /// `NAME=value` each (environ(7)); U+FFFD stands for what is not UTF-8.
  package static func environment() -> [String] { entries { String(cString: $0) } }

  /// Those of them that are not as this process has them.
  package static func repairedEnvironment() -> [String] {
    entries { String(validatingCString: $0) == nil ? String(cString: $0) : nil }
  }

  private static func entries(_ read: (UnsafePointer<CChar>) -> String?) -> [String] {
    var entries: [String] = []
    guard var entry = cd_environment() else { return [] }
    while let text = entry.pointee {
      if let read = read(text) { entries.append(read) }
      entry += 1
    }
    return entries
  }

  /// The value of one variable; nil where it is unset.
  package static func environmentValue(_ name: String) -> String? {
    guard let value = getenv(name) else { return nil }
    return String(cString: value)
  }

  /// Who this is, when it started, and what a service inherits from it.
  package static func caller(environment: [String]) throws(SystemError) -> Caller {
    // umask(2) cannot be read without being set; nobody else runs here.
    let mask = umask(0o077)
    umask(mask)
    return Caller(
      identity: ProcessIdentity(pid: getpid(), startTicks: try startTicks()),
      environment: environment, umask: Int(mask), limits: limits())
  }

  /// The path of this program, for whoever has to run the same (proc(5)).
  package static func executable() -> String {
    var path = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink("/proc/self/exe", &path, path.count)
    let text = String(
      decoding: path.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    // Deleted since, as by an upgrade: the kernel still finds it here while this process lives.
    return count <= 0 || text.hasSuffix(" (deleted)") ? "/proc/\(getpid())/exe" : text
  }

  /// Children, and those that this process inherits as PID 1, are gone when they end, without
  /// being waited for (sigaction(2), SIG_IGN for SIGCHLD). Nothing that it starts inherits that.
  package static func reapsByItself() { signal(SIGCHLD, SIG_IGN) }

  /// Whether there is a terminal that sends signals to this process's group (tty(4)).
  package static var hasTerminal: Bool {
    let number = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)
    if number >= 0 { close(number) }
    return number >= 0
  }

  package static var user: UInt32 { getuid() }

  /// Field 22 of `/proc/self/stat`; the name, field 2, is in brackets and may hold anything.
  private static func startTicks() throws(SystemError) -> UInt64 {
    let path = "/proc/self/stat"
    let text = try FileReading.bytes(ofPath: path, limit: 65_536)
    let fields = text[((text.lastIndex(of: UInt8(ascii: ")")) ?? -1) + 1)...]
      .split(separator: UInt8(ascii: " "))
    guard fields.count > 19, let ticks = UInt64(String(decoding: fields[19], as: UTF8.self)) else {
      throw SystemError(call: "read", operand: path, code: EINVAL)
    }
    return ticks
  }

  private static func limits() -> [Caller.Limit] {
    (0..<cd_limit_count()).compactMap { resource in
      var (soft, hard): (UInt64, UInt64) = (0, 0)
      guard cd_get_limit(resource, &soft, &hard) == 0 else { return nil }
      return Caller.Limit(resource: Int(resource), soft: soft, hard: hard)
    }
  }
}
#endif
