/// Who is whose child among the processes of one scan.
struct ProcessTree {
  let processes: [ProcessFacts]
  private let childIndices: [Int32: [Int]]

  init(_ processes: [ProcessFacts]) {
    self.processes = processes
    childIndices = Dictionary(grouping: processes.indices) { processes[$0].parent }
  }

  /// In the scan's order.
  func children(of pid: Int32) -> [ProcessFacts] {
    (childIndices[pid] ?? []).map { processes[$0] }
  }
}
