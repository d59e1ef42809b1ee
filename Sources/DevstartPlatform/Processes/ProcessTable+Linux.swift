#if os(Linux)
package import DevstartCore
import Glibc

/// The processes of this machine, as `/proc` shows them (proc(5)).
package enum ProcessTable {
  /// What a scan reads beyond `/proc/PID/stat` and the owner. Each costs a file a process.
  package struct Details: OptionSet, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let arguments = Details(rawValue: 1)
    /// The executable's path, of the user's processes.
    package static let executable = Details(rawValue: 2)
    /// Of the user's processes.
    package static let workingDirectory = Details(rawValue: 4)
    /// `DEVSTART_ID` from the environment, of the user's processes.
    package static let marker = Details(rawValue: 8)
    package static let everything: Details = [.arguments, .executable, .workingDirectory, .marker]
  }

  /// All processes but kernel threads, in ascending order of their PIDs as the kernel lists them;
  /// what ends during the scan is left out. Arguments are read where `reads` says so; executable, working directory and marker are read for
  /// the processes of `user`, and for those of others that `matters` (which is shown the facts
  /// without them) asks for. Throws where `/proc` cannot be read.
  package static func all(
    _ details: Details = .everything, ofUser user: UInt32 = geteuid(),
    alsoWhere matters: (ProcessFacts) -> Bool = { _ in false },
    reads: (ProcessStat) -> Bool = { _ in true }
  ) throws(SystemError) -> [ProcessFacts] {
    var reader = try ProcReader()
    var entries = try DirectoryEntries("/proc")
    var found: [ProcessFacts] = []
    found.reserveCapacity(512)
    while let pid = entries.nextNumber() {
      guard let (known, thread) = try reader.facts(of: pid, details, reads) else { continue }
      var facts = known
      if facts.user == user || matters(facts) { reader.add(details, of: thread, to: &facts) }
      found.append(facts)
    }
    return found
  }

  /// Whether there is a process that matters, told by its arguments and, of the user's, by its
  /// marker, and by its executable's path where that is asked for: about half of what `all` reads.
  package static func contains(
    ofUser user: UInt32 = geteuid(), readsExecutable: Bool,
    where matters: (_ arguments: [String], _ executable: String?, Marker?) -> Bool
  ) throws(SystemError) -> Bool {
    var reader = try ProcReader()
    var entries = try DirectoryEntries("/proc")
    let details: Details = readsExecutable ? [.executable, .marker] : .marker
    while let pid = entries.nextNumber() {
      guard let (arguments, owner, thread) = try reader.glance(at: pid) else { continue }
      let (executable, marker) = owner == user ? reader.more(details, of: thread) : (nil, nil)
      if matters(arguments, executable, marker) { return true }
    }
    return false
  }

  /// Everything about one process; nil where there is none, or it cannot be read.
  package static func facts(
    of pid: Int32, _ details: Details = .everything
  ) -> ProcessFacts? {
    do {
      var reader = try ProcReader(capacity: 4096)
      guard let (known, thread) = try reader.facts(of: pid, details) else { return nil }
      var facts = known
      reader.add(details, of: thread, to: &facts)
      return facts
    } catch {
      return nil
    }
  }

  /// What `/proc/PID/stat` tells; nil where there is no such process, or it cannot be read.
  package static func stat(of pid: Int32) -> ProcessStat? {
    do {
      var reader = try ProcReader(capacity: 2048)
      return try reader.stat(of: pid)
    } catch {
      return nil
    }
  }

  /// The identity of the process that asks.
  package static var current: ProcessIdentity {
    get throws(SystemError) {
      var reader = try ProcReader(capacity: 2048)
      guard let stat = try reader.stat(of: getpid()) else {
        throw SystemError(call: "read", operand: "/proc/\(getpid())/stat", code: ENOENT)
      }
      return stat.identity
    }
  }

  /// Bytes of a page: the unit of `ProcessStat.residentPages`.
  package static let pageSize = max(1, Int(sysconf(Int32(_SC_PAGESIZE))))
}

extension ProcReader {
  /// The facts that any user may read, and the thread to read more of; nil for a kernel thread,
  /// and for what has ended or is hidden. The identity is read first: should the PID be reused meanwhile, opening a handle for
  /// that identity finds nobody.
  fileprivate mutating func facts(
    of pid: Int32, _ details: ProcessTable.Details, _ reads: (ProcessStat) -> Bool = { _ in true }
  ) throws(SystemError) -> (facts: ProcessFacts, thread: Int32)? {
    do {
      guard var stat = try stat(of: pid), !stat.isKernelThread else { return nil }
      let thread = try livingThread(of: &stat)
      // The owner of the directory is the effective user, also where the process is not dumpable
      // and everything within belongs to root (the kernel's task_dump_owner()).
      let owner = try status(pid).st_uid
      let arguments = reads(stat) ? try arguments(of: thread, stat.state, details) : []
      let facts = ProcessFacts(
        identity: stat.identity, parent: stat.parent, group: stat.group, session: stat.session,
        user: owner, state: stat.state, arguments: arguments,
        residentBytes: stat.residentPages * ProcessTable.pageSize)
      return (facts, thread)
    } catch  where error.meansHidden {
      return nil
    }
  }

  /// A process whose first thread has ended looks like a zombie, and has neither arguments nor an
  /// environment to be read; each of its other threads, under its own number, shows what it is.
  private mutating func livingThread(of stat: inout ProcessStat) throws(SystemError) -> Int32 {
    let pid = stat.identity.pid
    guard stat.state == UInt8(ascii: "Z"), stat.threads > 1 else { return pid }
    var threads = try entries(pid, "/task")
    while let thread = threads.nextNumber() {
      guard thread != pid, let other = try self.stat(of: thread) else { continue }
      stat.state = other.state
      stat.residentPages = other.residentPages
      return thread
    }
    return pid
  }

  /// The arguments, the owner and the thread to read more of; nil for a kernel thread, a zombie, and what has ended or is
  /// hidden.
  fileprivate mutating func glance(
    at pid: Int32
  ) throws(SystemError) -> (arguments: [String], user: UInt32, thread: Int32)? {
    do {
      try load(pid, "/cmdline")
      if !bytes.isEmpty {
        let arguments = Self.arguments(bytes)
        return (arguments, try status(pid).st_uid, pid)
      }
      guard let (facts, thread) = try facts(of: pid, .arguments), !facts.isEnded else {
        return nil
      }
      return (facts.arguments, facts.user, thread)
    } catch  where error.meansHidden {
      return nil
    }
  }

  fileprivate mutating func more(
    _ details: ProcessTable.Details, of pid: Int32
  ) -> (executable: String?, marker: Marker?) {
    let executable = details.contains(.executable) ? link(pid, "/exe") : nil
    return (executable.map { Self.withoutDeleted($0) ?? $0 }, marker(of: pid))
  }

  /// The arguments, where they are wanted. In the middle of execve(2) a process has neither
  /// arguments nor an environment for some microseconds, and would pass for another.
  private mutating func arguments(
    of pid: Int32, _ state: UInt8, _ details: ProcessTable.Details
  ) throws(SystemError) -> [String] {
    guard details.contains(.arguments) || details.contains(.marker) else { return [] }
    try load(pid, "/cmdline")
    var attempts = 20
    while bytes.isEmpty, state != UInt8(ascii: "Z"), attempts > 0 {
      sched_yield()
      try load(pid, "/cmdline")
      attempts -= 1
    }
    return details.contains(.arguments) ? Self.arguments(bytes) : []
  }

  /// What only the process's user and root may read.
  fileprivate mutating func add(
    _ details: ProcessTable.Details, of pid: Int32, to facts: inout ProcessFacts
  ) {
    if details.contains(.executable), let path = link(pid, "/exe") {
      facts.executable = Self.withoutDeleted(path) ?? path
    }
    if details.contains(.workingDirectory), let path = link(pid, "/cwd") {
      // Nobody can tell any more which project a deleted folder was in.
      facts.workingDirectory = Self.withoutDeleted(path) == nil ? path : nil
    }
    if details.contains(.marker) { facts.marker = marker(of: pid) }
  }

  private mutating func marker(of pid: Int32) -> Marker? {
    do {
      try load(pid, "/environ")
    } catch {
      return nil  // another user's, not dumpable, or gone: it has no marker to be known by
    }
    return MarkerSearch.marker(inEnvironment: bytes)
  }

  /// The arguments, each ended by a NUL. Empty ones at the end are dropped: a program that
  /// changes its title leaves the rest of its arguments' space filled with NULs.
  static func arguments(_ bytes: UnsafeBufferPointer<UInt8>) -> [String] {
    var end = bytes.count
    while end > 0, bytes[end - 1] == 0 { end -= 1 }
    var arguments: [String] = []
    var start = 0
    while start < end {
      var stop = start
      while stop < end, bytes[stop] != 0 { stop += 1 }
      arguments.append(
        String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<stop]), as: UTF8.self))
      start = stop + 1
    }
    return arguments
  }

  /// The path of a file that was deleted since: the kernel appends the word to it.
  private static func withoutDeleted(_ path: String) -> String? {
    let suffix = " (deleted)"
    return path.hasSuffix(suffix) ? String(path.dropLast(suffix.count)) : nil
  }
}
#endif
