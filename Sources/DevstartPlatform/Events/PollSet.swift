import CDevstart
package import DevstartCore

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The descriptors that one loop waits for (poll(2)), each with what it means to the loop.
package struct PollSet<Source: Sendable>: Sendable {
  private var entries: [pollfd] = []
  private var sources: [Source] = []

  package init() {}

  /// How many descriptors it waits for.
  package var count: Int { entries.count }

  /// Waits for a descriptor to be readable, or writable too; it stays its owner's.
  package mutating func add(_ descriptor: Int32, _ source: Source, forWriting: Bool = false) {
    entries.append(
      pollfd(fd: descriptor, events: Self.events(forWriting: forWriting), revents: 0))
    sources.append(source)
  }

  /// Changes whether it is waited for a descriptor, which is among them, to be writable too.
  package mutating func change(_ descriptor: Int32, forWriting: Bool) {
    guard let position = entries.firstIndex(where: { $0.fd == descriptor }) else { return }
    entries[position].events = Self.events(forWriting: forWriting)
  }

  /// Forgets a descriptor; to be called before it is closed.
  package mutating func remove(_ descriptor: Int32) {
    guard let position = entries.firstIndex(where: { $0.fd == descriptor }) else { return }
    entries.swapAt(position, entries.count - 1)
    sources.swapAt(position, sources.count - 1)
    entries.removeLast()
    sources.removeLast()
  }

  /// Waits until something is there or the moment has come; nil waits for ever. What is there, an
  /// end or an error included; and which of the other descriptors, each with whether it wants to
  /// write, or of the writers, of which it does not matter what they could read, have something.
  package mutating func wait(
    until deadline: Instant?, alsoFor others: [(descriptor: Int32, wantsWriting: Bool)] = [],
    writers: [Int32] = []
  ) throws(SystemError) -> (sources: [Source], others: [Int32]) {
    let own = entries.count
    for other in others {
      let events = Self.events(forWriting: other.wantsWriting)
      entries.append(pollfd(fd: other.descriptor, events: events, revents: 0))
    }
    for writer in writers { entries.append(pollfd(fd: writer, events: Int16(POLLOUT), revents: 0)) }
    defer { entries.removeLast(others.count + writers.count) }
    let left = deadline.map { max(0, ($0 - Clock.now()).nanoseconds) } ?? -1
    let total = entries.count
    let ready = try systemCall("ppoll") { cd_poll(&entries, total, left) }
    guard ready > 0 else { return ([], []) }
    return (
      (0..<own).filter { entries[$0].revents != 0 }.map { sources[$0] },
      entries[own...].filter { $0.revents != 0 }.map(\.fd)
    )
  }

  private static func events(forWriting: Bool) -> Int16 {
    Int16(forWriting ? POLLIN | POLLOUT : POLLIN)
  }
}
