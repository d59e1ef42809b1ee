/// Who is whose child among the processes of one scan.
struct ProcessTree {
  let processes: [ProcessFacts]
  private let childIndices: [Int32: [Int]]

  init(_ processes: [ProcessFacts]) {
    self.processes = processes
    let starts = Dictionary(
      processes.map { ($0.identity.pid, $0.identity.startTicks) },
      uniquingKeysWith: { first, _ in first })
    // Who is younger than its child has its parent's number: that one ended during the scan.
    let indices = processes.indices.filter { index in
      guard let start = starts[processes[index].parent] else { return true }
      return start <= processes[index].identity.startTicks
    }
    childIndices = Dictionary(grouping: indices) { processes[$0].parent }
  }

  /// In the scan's order.
  func children(of pid: Int32) -> [ProcessFacts] {
    (childIndices[pid] ?? []).map { processes[$0] }
  }
}
