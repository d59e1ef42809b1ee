/// A moment on the monotonic clock that stands still in suspend (`CLOCK_MONOTONIC`).
package struct Instant: Comparable, Hashable, Sendable {
  package var nanoseconds: Int64

  /// Later than all others.
  package static let max = Instant(nanoseconds: .max)

  package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// The first of those that there are: the heart asks for it at every step.
  package static func earliest(_ instants: Instant?...) -> Instant? {
    var earliest: Instant?
    for case let instant? in instants { earliest = min(instant, earliest ?? instant) }
    return earliest
  }

  package static func < (left: Instant, right: Instant) -> Bool {
    left.nanoseconds < right.nanoseconds
  }

  package static func + (instant: Instant, duration: Duration) -> Instant {
    Instant(
      nanoseconds: instant.nanoseconds.addingReportingOverflow(duration.nanoseconds).overflow
        ? .max : instant.nanoseconds + duration.nanoseconds)
  }

  package static func - (left: Instant, right: Instant) -> Duration {
    .nanoseconds(left.nanoseconds - right.nanoseconds)
  }
}

extension Duration {
  /// The whole duration in nanoseconds; the largest number there is where it does not fit.
  package var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? .max : product + attoseconds / 1_000_000_000
  }

  package var seconds: Double { Double(nanoseconds) / 1e9 }
}
