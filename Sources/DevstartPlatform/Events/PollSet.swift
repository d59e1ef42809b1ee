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

  /// Waits for a descriptor to be readable, or writable too; it stays its owner's.
  package mutating func add(_ descriptor: Int32, _ source: Source) {
    entries.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0))
    sources.append(source)
  }

  /// Forgets a descriptor; to be called before it is closed.
  package mutating func remove(_ descriptor: Int32) {
    guard let position = entries.firstIndex(where: { $0.fd == descriptor }) else { return }
    entries.swapAt(position, entries.count - 1)
    sources.swapAt(position, sources.count - 1)
    entries.removeLast()
    sources.removeLast()
  }

  /// Whether to wait until more can be written, too.
  package mutating func wantsWriting(_ descriptor: Int32, _ wants: Bool) {
    guard let position = entries.firstIndex(where: { $0.fd == descriptor }) else { return }
    entries[position].events = Int16(wants ? POLLIN | POLLOUT : POLLIN)
  }

  /// Waits until something is there or the moment has come; nil waits for ever. What is there,
  /// an end or an error included, in no particular order.
  package mutating func wait(until deadline: Instant?) throws(SystemError) -> [Source] {
    let count: Int32
    do {
      count = try poll(until: deadline)
    } catch  where error.code == EINTR {
      return []
    }
    guard count > 0 else { return [] }
    return entries.indices.filter { entries[$0].revents != 0 }.map { sources[$0] }
  }

  private mutating func poll(until deadline: Instant?) throws(SystemError) -> Int32 {
    let left = deadline.map { max(0, ($0 - Clock.now()).nanoseconds) } ?? -1
    let count = entries.count
    return try systemCall("ppoll") { cd_poll(&entries, count, left) }
  }
}
