#if os(Linux)
package import DevstartCore
import CDevstart
import Glibc

/// A listener and a process that holds it.
package struct HeldListener: Equatable, Sendable {
  package var listener: Listener
  /// nil where it cannot be told: the descriptors of another user's processes cannot be read.
  package var process: ProcessFacts?
}

/// Who listens on TCP ports, and through which process.
package enum ListenerTable {
  /// The listeners in the network namespace of a process; by default, of the one that asks.
  /// Throws where neither IPv4's nor IPv6's list can be read.
  package static func listeners(inNetworkOf pid: Int32 = getpid()) throws(SystemError) -> [Listener]
  {
    var reader = try ProcReader()
    return try listeners(inNetworkOf: pid, &reader)
  }

  /// Every process that holds a listener on one of `ports`, in the ports' order; a listener that
  /// no readable process holds is there without one.
  package static func holders(ofPorts ports: [UInt16]) throws(SystemError) -> [HeldListener] {
    var reader = try ProcReader()
    let wanted = try listeners(inNetworkOf: getpid(), &reader).filter { ports.contains($0.port) }
    guard !wanted.isEmpty else { return [] }
    var holders: [HeldListener] = []
    var entries = try DirectoryEntries("/proc")
    while let pid = entries.nextNumber() {
      let held = reader.sockets(of: pid, among: wanted).found
      guard !held.isEmpty, let facts = ProcessTable.facts(of: pid) else { continue }
      holders += held.map { HeldListener(listener: $0, process: facts) }
    }
    for listener in wanted where !holders.contains(where: { $0.listener == listener }) {
      holders.append(HeldListener(listener: listener, process: nil))
    }
    return ports.flatMap { port in holders.filter { $0.listener.port == port } }
  }

  /// Whether one of these processes holds a listener on `port` that a connection to `localhost`
  /// reaches. Where a member's descriptors cannot be read (it is not dumpable), a listener of its
  /// user counts as its own.
  package static func isListening(
    port: UInt16, amongMembers pids: [Int32]
  ) throws(SystemError) -> Bool {
    var reader = try ProcReader()
    let own = reader.link(getpid(), "/ns/net") ?? ""
    var known: [String: [Listener]] = [:]
    for pid in pids {
      // Members may have left for a network namespace of their own.
      let network = reader.link(pid, "/ns/net") ?? ""
      if known[network] == nil {
        do {
          known[network] = try listeners(
            inNetworkOf: network.isEmpty || network == own ? getpid() : pid, &reader
          ).filter { $0.port == port && $0.isReachableLocally }
        } catch  where error.meansHidden || error.code == EINVAL {
          continue  // it ended: a dead process has no network
        }
      }
      guard let candidates = known[network], !candidates.isEmpty else { continue }
      let sockets = reader.sockets(of: pid, among: candidates)
      if !sockets.found.isEmpty { return true }
      if sockets.areHidden, let user = reader.user(of: pid),
        candidates.contains(where: { $0.user == user })
      {
        return true
      }
    }
    return false
  }

  /// By sock_diag(7), which walks listeners alone: reading `/proc/net/tcp` walks the table of all
  /// connections, 8 ms whatever is in it. nil where the kernel has none.
  private static func ownListeners() -> [Listener]? {
    var capacity = 256
    while true {
      var found = [cd_listener](repeating: cd_listener(), count: capacity)
      let count = cd_tcp_listeners(&found, capacity)
      if count < 0 { return nil }
      if count <= capacity { return found[..<count].map(Listener.init) }
      capacity = count + 64
    }
  }

  static func listeners(
    inNetworkOf pid: Int32, _ reader: inout ProcReader
  ) throws(SystemError) -> [Listener] {
    if pid == getpid(), let found = ownListeners() { return found }
    try reader.load(pid, "/net/tcp", inPieces: true)
    var found = Listener.parse(reader.bytes.span)
    do {
      try reader.load(pid, "/net/tcp6", inPieces: true)
      found += Listener.parse(reader.bytes.span)
    } catch  where error.code == ENOENT {
      return found  // a kernel without IPv6
    }
    return found
  }
}

extension ProcReader {
  /// Which of the listeners the process has a descriptor for, each once; `areHidden` where its
  /// descriptors cannot be read.
  mutating func sockets(
    of pid: Int32, among listeners: [Listener]
  ) -> (found: [Listener], areHidden: Bool) {
    do {
      var found: [Listener] = []
      var descriptors = try entries(pid, "/fd")
      while let number = descriptors.nextNumber() {
        guard let inode = socketInode(number, in: descriptors.descriptor),
          let listener = listeners.first(where: { $0.inode == inode }), !found.contains(listener)
        else { continue }
        found.append(listener)
      }
      return (found, false)
    } catch {
      return ([], !error.meansGone)
    }
  }

  mutating func user(of pid: Int32) -> UInt32? {
    do { return try status(pid).st_uid } catch { return nil }
  }
}

extension Listener {
  fileprivate init(_ found: cd_listener) {
    let words = found.address
    let ip: IPAddress =
      found.version == 4
      ? .version4(UInt32(bigEndian: words.0)) : IPAddress(networkOrder: words)
    self.init(
      port: found.port, ip: ip, takesVersion6Only: found.only_version6 != 0, user: found.user,
      inode: found.inode)
  }
}
#endif
