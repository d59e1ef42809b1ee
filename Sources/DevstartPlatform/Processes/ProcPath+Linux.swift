#if os(Linux)
import Glibc

/// A path below `/proc`, put together in place: a scan makes thousands, and allocates for none.
struct ProcPath: ~Copyable {
  // Four numbers and the longest file name are far from filling this.
  private static let capacity = 128
  private let bytes: UnsafeMutablePointer<CChar>
  private var count = 0

  init() {
    bytes = .allocate(capacity: Self.capacity)
    bytes[0] = 0
  }

  deinit { bytes.deallocate() }

  /// NUL-terminated.
  var pointer: UnsafePointer<CChar> { UnsafePointer(bytes) }

  var text: String { String(cString: bytes) }

  /// `PID` followed by `file`, which begins with a slash or is empty.
  mutating func set(_ pid: Int32, _ file: StaticString) {
    count = 0
    append(pid)
    append(file)
  }

  /// `PID/task/TID/children`.
  mutating func setChildren(of pid: Int32, thread: Int32) {
    set(pid, "/task/")
    append(thread)
    append("/children")
  }

  private mutating func append(_ number: Int32) {
    let number = max(0, number)
    var divisor: Int32 = 1
    while number / divisor >= 10 { divisor *= 10 }
    while divisor > 0 {
      bytes[count] = CChar(truncatingIfNeeded: 48 + number / divisor % 10)
      count += 1
      divisor /= 10
    }
    bytes[count] = 0
  }

  private mutating func append(_ text: StaticString) {
    precondition(count + text.utf8CodeUnitCount < Self.capacity)
    memcpy(bytes + count, text.utf8Start, text.utf8CodeUnitCount)
    count += text.utf8CodeUnitCount
    bytes[count] = 0
  }
}
#endif
