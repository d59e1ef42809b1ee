#if os(Linux)
import Glibc

/// An inotify(7) instance: what happens to the files and folders that are watched.
struct Inotify: ~Copyable {
  /// What has happened, in order.
  struct Event {
    /// Which watch tells; -1 where events were lost.
    var watch: Int32
    /// `IN_…` bits.
    var mask: UInt32
    /// The entry of the folder that it is about; empty for what is watched itself.
    var name: String

    func has(_ bits: Int32) -> Bool { mask & UInt32(bits) != 0 }
  }

  private static let readSize = 65_536
  private static let mostReads = 64

  private let file: OwnedDescriptor

  /// Readable when there are events; never blocks.
  var descriptor: Int32 { file.number }

  init() throws(SystemError) {
    file = OwnedDescriptor(
      owning: try systemCall("inotify_init1") { inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK)) })
  }

  /// The watch's number: the same for what is watched already, by whatever name. `isOnce` ends it
  /// with its first event (IN_ONESHOT).
  @discardableResult
  borrowing func add(
    _ path: String, _ mask: Int32, isOnce: Bool = false
  ) throws(SystemError) -> Int32 {
    let number = descriptor
    let mask = UInt32(bitPattern: mask) | (isOnce ? UInt32(IN_ONESHOT) : 0)
    return try systemCall("inotify_add_watch", path) { inotify_add_watch(number, path, mask) }
  }

  /// For what may be gone already, or not be there yet.
  borrowing func addIfThere(_ path: String, _ mask: Int32) {
    _ = inotify_add_watch(descriptor, path, UInt32(bitPattern: mask))
  }

  /// A watch that is gone already is no error.
  borrowing func remove(_ watch: Int32) { _ = inotify_rm_watch(descriptor, watch) }

  /// Takes the events that have come, in as few reads as `take()`, and looks at none.
  borrowing func discard() {
    withUnsafeTemporaryAllocation(byteCount: Self.readSize, alignment: 8) { buffer in
      for _ in 0..<Self.mostReads where read(descriptor, buffer.baseAddress, buffer.count) <= 0 {
        return
      }
    }
  }

  /// Takes the events that have come. As many again may come meanwhile, so they are taken in a
  /// bounded number of reads; what is left makes the descriptor readable again.
  borrowing func take() -> [Event] {
    var events: [Event] = []
    withUnsafeTemporaryAllocation(byteCount: Self.readSize, alignment: 8) { buffer in
      for _ in 0..<Self.mostReads {
        let count = read(descriptor, buffer.baseAddress, buffer.count)
        guard count > 0 else { return }
        Self.decode(UnsafeRawBufferPointer(rebasing: buffer[..<count]), into: &events)
      }
    }
    return events
  }

  private static func decode(_ bytes: UnsafeRawBufferPointer, into events: inout [Event]) {
    let head = MemoryLayout<inotify_event>.size
    var start = 0
    while start + head <= bytes.count {
      let event = bytes.loadUnaligned(fromByteOffset: start, as: inotify_event.self)
      let end = start + head + Int(event.len)
      // The name is padded with NUL.
      let name = bytes[(start + head)..<end].prefix { $0 != 0 }
      events.append(
        Event(watch: event.wd, mask: event.mask, name: String(decoding: name, as: UTF8.self)))
      start = end
    }
  }
}
#endif
