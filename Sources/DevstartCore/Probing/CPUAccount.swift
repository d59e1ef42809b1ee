/// Adds up the CPU time that a launch's tree uses, from one reading of its processes after the
/// other. The plain sum over the processes would not do: while they are read one by one, a process
/// may end and be reaped, and be counted neither as alive nor as reaped, to come back with all its
/// time at the next reading; and the time of one that nobody waits for (SIGCHLD is ignored)
/// is lost to the sum for ever.
package struct CPUAccount {
  /// One process at one moment, in clock ticks (fields 14 to 17 of `/proc/PID/stat`, proc(5)).
  package struct Entry: Equatable, Sendable {
    package var identity: ProcessIdentity
    /// What it used itself.
    package var own: UInt64
    /// What the children that it waited for used, and theirs.
    package var reaped: UInt64

    package init(_ identity: ProcessIdentity, own: UInt64, reaped: UInt64) {
      self.identity = identity
      self.own = own
      self.reaped = reaped
    }

    fileprivate var total: UInt64 { own + reaped }
  }

  /// All that the tree has used so far, in clock ticks; it never becomes less.
  package private(set) var ticks: UInt64 = 0

  /// At the last reading.
  private var known: [ProcessIdentity: Entry] = [:]
  /// Gone at the last reading, and not found in anybody's reaped time yet.
  private var missing: [ProcessIdentity: Entry] = [:]

  package init() {}

  /// Takes a reading: every process of the tree, zombies too, each of them read after its parent,
  /// so that nobody is found both alive and reaped.
  package mutating func take(_ entries: [Entry]) {
    var before = known
    var owed = missing
    known.removeAll(keepingCapacity: true)
    var reaped: UInt64 = 0
    for entry in entries {
      // A list of children may be incomplete (proc(5)): who was not there may be there again.
      let last =
        before.removeValue(forKey: entry.identity)
        ?? owed.removeValue(forKey: entry.identity)
      ticks += entry.own.subtractingOrZero(last?.own ?? 0)
      reaped += entry.reaped.subtractingOrZero(last?.reaped ?? 0)
      known[entry.identity] = entry
    }
    // What the reaped had used up to the last reading was counted then, while they lived.
    let gone = before.values.reduce(0) { $0 + $1.total }
    let counted = owed.values.reduce(gone) { $0 + $1.total }
    ticks += reaped.subtractingOrZero(counted)
    // Nobody's reaped time has grown by it: it may at the next reading, and never after that.
    missing = reaped < counted ? before : [:]
  }
}

extension UInt64 {
  fileprivate func subtractingOrZero(_ other: UInt64) -> UInt64 { self > other ? self - other : 0 }
}
