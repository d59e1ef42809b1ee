#if os(Linux)
import CDevstart
package import DevstartCore

/// Measures one launch for its limits, again and again: the CPU time of its whole tree, what was
/// reaped included, and its memory. Memory is known exactly only where it must be: the kernel
/// walks all pages for that. Up to the limit a bound will do that costs nothing.
package final class LaunchMeter {
  private var account = CPUAccount()

  package init() {}

  /// Of everything below the gauge's keeper; what that has reaped counts, as main and those that
  /// lost their parent end there. `main` is the launch's main process, as far as it is known.
  package func sample(
    _ gauge: TreeGauge, main: ProcessIdentity?, memoryLimit: Int?
  ) -> Sample {
    let (keeper, tree) = gauge.stats(main: main)
    return sample(keeper: keeper, tree, memoryLimit)
  }

  /// Of these processes, parents before their children, where the launch has lost its keeper.
  package func sample(of pids: [Int32], memoryLimit: Int?) -> Sample {
    sample(keeper: nil, pids.compactMap { ProcessTable.stat(of: $0) }, memoryLimit)
  }

  private func sample(keeper: ProcessStat?, _ tree: [ProcessStat], _ limit: Int?) -> Sample {
    // The keeper's own time is devstart's.
    let reaped = keeper.map { CPUAccount.Entry($0.identity, own: 0, reaped: $0.childrenTicks) }
    account.take(
      (reaped.map { [$0] } ?? [])
        + tree.map { CPUAccount.Entry($0.identity, own: $0.ticks, reaped: $0.childrenTicks) })
    let memory = memory(of: tree, limit)
    return Sample(
      cpuSeconds: Double(account.ticks) / Double(Clock.ticksPerSecond), memoryBytes: memory.bytes,
      largest: memory.largest)
  }

  /// Resident and swapped bytes count what is shared once for each: where that is within the
  /// limit, so is the exact figure.
  private func memory(of tree: [ProcessStat], _ limit: Int?) -> (bytes: Int, largest: Int32?) {
    let alive = tree.filter { $0.state != UInt8(ascii: "Z") }
    let resident = alive.reduce(0) { $0 + $1.residentPages } * ProcessTable.pageSize
    guard let limit else { return (resident, nil) }
    // No launch has more in swap space than all processes together.
    let most = Int(clamping: cd_swapped_bytes())
    if resident + most <= limit { return (resident, nil) }
    let bound = most > 0 ? resident + ProcessTable.swappedBytes(of: alive) : resident
    if bound <= limit { return (bound, nil) }
    let exact = ProcessTable.proportionalMemory(of: alive)
    return (exact.bytes, exact.largest?.pid)
  }
}
#endif
