#if os(Linux)
package import DevstartCore
import Glibc

extension ProcessTable {
  /// The PIDs of a process's children, of all its threads (`/proc/PID/task/TID/children`, or a
  /// scan for the parent where the kernel has no such file). While others exit, one reading may
  /// miss some (proc(5)): an empty answer proves nothing.
  package static func children(of pid: Int32) -> [Int32] {
    do {
      var reader = try ProcReader(capacity: 4096)
      return try childPIDs(of: pid, &reader)
    } catch {
      return []
    }
  }

  /// The same with a reader that is used again; none where the process is gone.
  static func childPIDs(
    of pid: Int32, _ reader: inout ProcReader
  ) throws(SystemError) -> [Int32] {
    do {
      return try hasChildrenFiles
        ? childrenByFile(of: pid, &reader) : childrenByScan(of: pid, &reader)
    } catch  where error.meansHidden {
      return []
    }
  }

  /// The PIDs of everything below a process, parents before their children; not its own.
  package static func descendants(of pid: Int32) -> [Int32] {
    do {
      var reader = try ProcReader(capacity: 4096)
      var found = try childPIDs(of: pid, &reader)
      var known = Set(found)
      var next = 0
      while next < found.count {
        found += try childPIDs(of: found[next], &reader).filter { known.insert($0).inserted }
        next += 1
      }
      return found
    } catch {
      return []
    }
  }

  /// A process's parent, its parent, and so on up to the first process, or to one that is hidden.
  /// Unlike a list of children it misses nobody; none where the process is gone.
  package static func ancestors(of pid: Int32) -> [ProcessIdentity] {
    do {
      var reader = try ProcReader(capacity: 2048)
      // It begins anew only when there is one ancestor less.
      while true {
        if let found = try undisturbedAncestors(of: pid, &reader) { return found }
      }
    } catch {
      return []
    }
  }

  /// nil where one of them ended, or the process itself, before its parent was looked at.
  private static func undisturbedAncestors(
    of pid: Int32, _ reader: inout ProcReader
  ) throws(SystemError) -> [ProcessIdentity]? {
    guard var child = try reader.stat(of: pid) else { return [] }
    var found: [ProcessIdentity] = []
    while child.parent > 0 {
      let parent = try reader.stat(of: child.parent)
      // The number is its parent's for as long as the child says so.
      guard let again = try reader.stat(of: child.identity.pid),
        again.identity == child.identity, again.parent == child.parent
      else { return nil }
      guard let parent else { break }
      found.append(parent.identity)
      child = parent
    }
    return found
  }

  // CONFIG_PROC_CHILDREN is off in some kernels.
  private static let hasChildrenFiles =
    access("/proc/self/task/\(getpid())/children", F_OK) == 0

  private static func childrenByFile(
    of pid: Int32, _ reader: inout ProcReader
  ) throws(SystemError) -> [Int32] {
    var found: [Int32] = []
    // The directory's link count is the number of threads and two.
    if try reader.status(pid, "/task").st_nlink == 3 {
      try reader.loadChildren(of: pid, thread: pid)
      append(reader.bytes, to: &found)
      return found
    }
    var threads = try reader.entries(pid, "/task")
    while let thread = threads.nextNumber() {
      do {
        try reader.loadChildren(of: pid, thread: thread)
        append(reader.bytes, to: &found)
      } catch  where error.meansGone {
        continue
      }
    }
    return found
  }

  static func childrenByScan(
    of pid: Int32, _ reader: inout ProcReader
  ) throws(SystemError) -> [Int32] {
    var entries = try DirectoryEntries("/proc")
    var found: [Int32] = []
    while let candidate = entries.nextNumber() {
      if try reader.stat(of: candidate)?.parent == pid { found.append(candidate) }
    }
    return found
  }

  /// Appends PIDs separated by blanks.
  private static func append(_ bytes: UnsafeBufferPointer<UInt8>, to found: inout [Int32]) {
    var number: Int32 = 0
    for byte in bytes {
      if byte >= 48, byte <= 57 {
        number = number &* 10 &+ Int32(byte - 48)
      } else if number > 0 {
        found.append(number)
        number = 0
      }
    }
    if number > 0 { found.append(number) }
  }
}
#endif
