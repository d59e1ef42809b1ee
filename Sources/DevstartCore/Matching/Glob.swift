/// A pattern for relative paths, as glob(7) has it, with `**` and braces:
///
/// - `*` is any run of characters within a name, `?` is one, `[a-z]` one of a set, `[!a-z]` one
///   of no set; a leading dot is a character like others
/// - `**` as a whole component is any number of folders: `src/**/*.py` fits `src/x.py` too; at
///   the end it is everything below
/// - `{a,b}` is one or the other; braces may hold slashes and braces
/// - `\` takes the meaning from the character after it
///
/// All possible matches are followed at once (Thompson's construction), so the time is bounded by
/// the path's length times the pattern's, whatever the pattern.
package struct Glob: Sendable {
  /// Characters of a pattern.
  package static let longest = 4096
  /// Levels of braces.
  package static let deepest = 16

  /// What one step of the pattern takes from the path.
  enum Node: Equatable, Sendable {
    case scalar(UInt32)
    /// Any character of a name.
    case any
    case set([ClosedRange<UInt32>], isNegated: Bool)
    /// Any character, a slash too.
    case anything
    /// Nothing: both ways are followed.
    case split(Int, Int)
    case accept
  }

  private let nodes: [Node]
  /// Where the pattern begins among the nodes.
  private let start: Int

  /// `pattern` has no empty components.
  package init(_ pattern: String) throws(GlobProblem) {
    var compiler = GlobCompiler(pattern)
    start = try compiler.compile()
    nodes = compiler.nodes
  }

  /// How a path stands to a pattern.
  package struct Fit: Equatable, Sendable {
    /// The pattern fits the whole path.
    package var isWhole = false
    /// It fits a folder that the path is below.
    package var isBelow = false
    /// It may fit something below the path.
    package var mayHoldFits = false
  }

  /// Follows the pattern along a path without a slash at its ends.
  package func fit(_ path: some Sequence<Unicode.Scalar>) -> Fit {
    var fit = Fit()
    var run = Run(count: nodes.count)
    add(start, to: &run)
    for scalar in path {
      if scalar == "/", run.accepts { fit.isBelow = true }
      if run.isDead { return fit }
      step(scalar.value, &run)
    }
    fit.isWhole = run.accepts
    step(Self.slash, &run)
    fit.mayHoldFits = !run.isDead
    return fit
  }

  static let slash: UInt32 = 0x2f

  /// The nodes that the pattern may be at, each once.
  private struct Run {
    var active: [Int] = []
    var accepts = false
    /// The step in which a node was last made active.
    var seen: [Int]
    var number = 1
    var pending: [Int] = []

    init(count: Int) { seen = [Int](repeating: 0, count: count) }

    var isDead: Bool { active.isEmpty }
  }

  private func step(_ scalar: UInt32, _ run: inout Run) {
    let before = run.active
    run.active.removeAll(keepingCapacity: true)
    run.accepts = false
    run.number += 1
    for node in before where takes(nodes[node], scalar) { add(node + 1, to: &run) }
  }

  private func add(_ node: Int, to run: inout Run) {
    run.pending.append(node)
    while let node = run.pending.popLast() {
      guard run.seen[node] != run.number else { continue }
      run.seen[node] = run.number
      switch nodes[node] {
      case .split(let one, let other):
        run.pending.append(one)
        run.pending.append(other)
      case .accept: run.accepts = true
      case .scalar, .any, .set, .anything: run.active.append(node)
      }
    }
  }

  private func takes(_ node: Node, _ scalar: UInt32) -> Bool {
    switch node {
    case .scalar(let wanted): wanted == scalar
    case .any: scalar != Self.slash
    case .set(let ranges, let isNegated):
      scalar != Self.slash && ranges.contains { $0.contains(scalar) } != isNegated
    case .anything: true
    case .split, .accept: false
    }
  }
}
