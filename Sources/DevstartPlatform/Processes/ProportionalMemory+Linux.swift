#if os(Linux)
import DevstartCore

/// The memory of several processes, what they share counted once: to each its part of a page by
/// the number of those that have it (PSS), and the same of what is swapped out.
package struct ProportionalMemory: Equatable, Sendable {
  package var bytes = 0
  /// The process that has most of it, and how much.
  package var largest: (pid: Int32, bytes: Int)?
  /// False where the resident size of a process had to do, as nobody but root may look into it (it
  /// changed its user), or the kernel has no `smaps_rollup` (before 4.14).
  package var isExact = true

  package static func == (left: Self, right: Self) -> Bool {
    left.bytes == right.bytes && left.isExact == right.isExact
      && left.largest?.pid == right.largest?.pid && left.largest?.bytes == right.largest?.bytes
  }

  fileprivate mutating func add(_ bytes: Int, of pid: Int32) {
    self.bytes += bytes
    if bytes > largest?.bytes ?? 0 { largest = (pid, bytes) }
  }
}

extension ProcessTable {
  /// The memory of everything below a process. The kernel walks all their pages for it, some
  /// milliseconds for a gigabyte: to be asked only where a cheap figure is not enough.
  package static func proportionalMemory(below root: Int32) -> ProportionalMemory {
    do {
      return proportionalMemory(of: try stats(below: root))
    } catch {
      return ProportionalMemory()
    }
  }

  /// The same of these processes.
  static func proportionalMemory(of stats: [ProcessStat]) -> ProportionalMemory {
    var memory = ProportionalMemory()
    do {
      var reader = try ProcReader(capacity: 4096)
      for stat in stats where stat.state != UInt8(ascii: "Z") {
        let pid = stat.identity.pid
        do {
          try reader.load(pid, "/smaps_rollup", inPieces: true)
          memory.add(MemoryLines.sum(of: ["Pss:", "SwapPss:"], in: reader.bytes), of: pid)
        } catch  where error.meansGone {
          continue
        } catch {
          memory.isExact = false
          memory.add(stat.residentPages * pageSize + swapped(pid, &reader), of: pid)
        }
      }
    } catch {
      memory.isExact = false
    }
    return memory
  }

  /// What these processes have in swap space, each for itself, in bytes.
  static func swappedBytes(of stats: [ProcessStat]) -> Int {
    do {
      var reader = try ProcReader(capacity: 4096)
      return stats.reduce(0) { $0 + swapped($1.identity.pid, &reader) }
    } catch {
      return 0
    }
  }

  private static func swapped(_ pid: Int32, _ reader: inout ProcReader) -> Int {
    do {
      try reader.load(pid, "/status")
      return MemoryLines.sum(of: ["VmSwap:"], in: reader.bytes)
    } catch {
      return 0
    }
  }
}

/// The lines `Name:   123 kB` of `/proc/PID/smaps_rollup` and `status` (proc(5)).
enum MemoryLines {
  /// The sum of what stands behind these names, in bytes.
  static func sum(of names: [StaticString], in bytes: UnsafeBufferPointer<UInt8>) -> Int {
    var sum = 0
    var start = 0
    while start < bytes.count {
      let line = bytes[start...].prefix { $0 != UInt8(ascii: "\n") }
      for name in names where begins(line, with: name) {
        sum += kilobytes(line.dropFirst(name.utf8CodeUnitCount)) * 1024
      }
      start = line.endIndex + 1
    }
    return sum
  }

  private static func begins(
    _ line: Slice<UnsafeBufferPointer<UInt8>>, with name: StaticString
  ) -> Bool {
    name.withUTF8Buffer { line.starts(with: $0) }
  }

  private static func kilobytes(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Int {
    let digits = text.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    return digits.prefix { (0x30...0x39).contains($0) }.reduce(0) { $0 &* 10 &+ Int($1 - 0x30) }
  }
}
#endif
