#if os(Linux)
package import DevstartCore
import Glibc

extension ListenerTable {
  /// Those of the addresses at which a connection to `port` from here is taken by one of these
  /// processes. A probe that asks nobody else is never answered by a stranger: one may well listen
  /// on 127.0.0.1 and a member on ::1, both on this port. Where a member's descriptors cannot be
  /// read (it is not dumpable), a listener of its user counts as its own. Members in a network
  /// namespace of their own cannot be reached.
  package static func addresses(
    _ addresses: [IPAddress], port: UInt16, heldBy pids: [Int32]
  ) throws(SystemError) -> [IPAddress] {
    var reader = try ProcReader()
    let all = try listeners(inNetworkOf: getpid(), &reader).filter { $0.port == port }
    let takers = addresses.map { address in all.takers(of: address) }
    let candidates = takers.flatMap(\.self)
    guard !candidates.isEmpty else { return [] }
    var own: Set<UInt64> = []
    for pid in pids {
      let sockets = reader.sockets(of: pid, among: candidates)
      own.formUnion(sockets.found.map(\.inode))
      if sockets.areHidden, let user = reader.user(of: pid) {
        own.formUnion(candidates.filter { $0.user == user }.map(\.inode))
      }
    }
    return zip(addresses, takers).filter { $1.contains { own.contains($0.inode) } }.map(\.0)
  }
}

extension [Listener] {
  /// Which of them the kernel would give a connection to this address: those bound to the very
  /// address before those that are bound to every one.
  fileprivate func takers(of address: IPAddress) -> [Listener] {
    let exact = filter { $0.ip.unmapped == address.unmapped }
    return exact.isEmpty ? filter { $0.takesAll(like: address.unmapped) } : exact
  }
}

extension Listener {
  /// Whether it is bound to every address of this one's version.
  fileprivate func takesAll(like address: IPAddress) -> Bool {
    switch (ip.unmapped, address) {
    case (.version4(0), .version4), (.version6(0, 0), .version6): true
    case (.version6(0, 0), .version4): !takesVersion6Only
    case (.version4, _), (.version6, _): false
    }
  }
}
#endif
