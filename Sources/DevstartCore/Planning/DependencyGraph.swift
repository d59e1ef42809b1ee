/// Who depends on whom. Walks are iterative: a long chain of services must not exhaust the stack.
struct DependencyGraph {
  private let names: [String]
  /// By index into `names`; what is unknown is left out.
  private let edges: [[Int]]

  init(_ services: [(name: String, dependsOn: [String])]) {
    names = services.map(\.name)
    var indices: [String: Int] = [:]
    for (index, name) in names.enumerated() { indices[name] = index }
    edges = services.map { $0.dependsOn.compactMap { indices[$0] } }
  }

  /// A cycle for each reference that goes back to where a walk came from; the first service is
  /// named again at the end: `a`, `b`, `a`.
  var cycles: [[String]] {
    var cycles: [[String]] = []
    _ = walk(from: names.indices) { cycles.append($0) }
    return cycles
  }

  /// The indices of the roots and of all they depend on, dependencies first, else in order.
  func dependenciesFirst(from roots: some Sequence<Int>) -> [Int] {
    walk(from: roots) { _ in }
  }

  private enum Mark { case new, open, done }

  private func walk(
    from roots: some Sequence<Int>, onCycle: ([String]) -> Void
  ) -> [Int] {
    var marks = [Mark](repeating: .new, count: names.count)
    var order: [Int] = []
    for root in roots where marks[root] == .new {
      var path = [(node: root, next: 0)]
      marks[root] = .open
      while let (node, next) = path.last {
        guard next < edges[node].count else {
          marks[node] = .done
          order.append(node)
          path.removeLast()
          continue
        }
        path[path.count - 1].next += 1
        let target = edges[node][next]
        switch marks[target] {
        case .done: break
        case .new:
          marks[target] = .open
          path.append((target, 0))
        case .open:
          let cycle = path.drop { $0.node != target }.map { names[$0.node] }
          onCycle(cycle + [names[target]])
        }
      }
    }
    return order
  }
}
