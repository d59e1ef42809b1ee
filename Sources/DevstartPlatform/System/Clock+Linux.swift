#if os(Linux)
package import DevstartCore
import Glibc

/// The clocks that devstart reads.
package enum Clock {
  /// Monotonic time; it stands still in suspend.
  package static func now() -> Instant {
    Instant(nanoseconds: nanoseconds(of: CLOCK_MONOTONIC))
  }

  /// Milliseconds since 1970.
  package static func milliseconds() -> Int { Int(nanoseconds(of: CLOCK_REALTIME) / 1_000_000) }

  /// When a process started, in milliseconds since 1970: its start ticks count from boot, and
  /// boot is now less `CLOCK_BOOTTIME`.
  package static func milliseconds(startTicks: UInt64) -> Int {
    let bootedAt = nanoseconds(of: CLOCK_REALTIME) - nanoseconds(of: CLOCK_BOOTTIME)
    let sinceBoot = startTicks.multipliedReportingOverflow(by: 1_000_000_000 / ticksPerSecond)
    guard !sinceBoot.overflow, let nanoseconds = Int64(exactly: sinceBoot.partialValue) else {
      return 0
    }
    return Int((bootedAt + nanoseconds) / 1_000_000)
  }

  /// When a process started, on the monotonic clock; times in suspend count as before its start.
  package static func instant(startTicks: UInt64) -> Instant {
    let sinceBoot = startTicks.multipliedReportingOverflow(by: 1_000_000_000 / ticksPerSecond)
    guard !sinceBoot.overflow, let start = Int64(exactly: sinceBoot.partialValue) else {
      return Instant(nanoseconds: 0)
    }
    let age = nanoseconds(of: CLOCK_BOOTTIME) - start
    return Instant(nanoseconds: now().nanoseconds - age)
  }

  /// What a process that starts now has for its start ticks.
  package static func ticks() -> UInt64 {
    UInt64(nanoseconds(of: CLOCK_BOOTTIME)) / (1_000_000_000 / ticksPerSecond)
  }

  /// `sysconf(_SC_CLK_TCK)`: the unit of times in `/proc`, 100 on every Linux of today.
  package static let ticksPerSecond = UInt64(max(1, sysconf(Int32(_SC_CLK_TCK))))

  private static func nanoseconds(of clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
#endif
