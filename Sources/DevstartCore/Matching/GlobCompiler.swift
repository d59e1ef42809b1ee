/// Makes the nodes of a `Glob`, each followed by the one after it unless it says otherwise.
struct GlobCompiler {
  private(set) var nodes: [Glob.Node] = []
  private let pattern: [Unicode.Scalar]
  private var position = 0

  init(_ pattern: String) { self.pattern = Array(pattern.unicodeScalars) }

  /// Where in the pattern the compiler is, as far as `**` is concerned.
  private enum Place {
    /// At a component's first character.
    case componentStart
    case inside
    /// After a `**` that ends an alternative, which nothing may follow.
    case afterGlobstar
    /// After braces of which only some end with a slash.
    case unclear
  }

  /// The number of the first node.
  mutating func compile() throws(GlobProblem) -> Int {
    guard !pattern.isEmpty else { throw .empty }
    guard pattern.count <= Glob.longest else { throw .tooLong }
    _ = try sequence(from: .componentStart, depth: 0)
    nodes.append(.accept)
    return 0
  }

  private var next: Unicode.Scalar? { position < pattern.count ? pattern[position] : nil }

  /// Up to the pattern's end or, within braces, up to the alternative's.
  private mutating func sequence(from start: Place, depth: Int) throws(GlobProblem) -> Place {
    var place = start
    while let scalar = next {
      if depth > 0, scalar == "," || scalar == "}" { break }
      if place == .afterGlobstar { throw .misplacedGlobstar }
      switch scalar {
      case "*": place = try stars(place, depth: depth)
      case "{": place = try braces(place, depth: depth + 1)
      case "/":
        literal(scalar)
        place = .componentStart
      default:
        try character(scalar)
        place = .inside
      }
    }
    return place
  }

  private mutating func literal(_ scalar: Unicode.Scalar) {
    position += 1
    nodes.append(.scalar(scalar.value))
  }

  /// One character of a name, however it is written.
  private mutating func character(_ scalar: Unicode.Scalar) throws(GlobProblem) {
    switch scalar {
    case "?":
      position += 1
      nodes.append(.any)
    case "[": try set()
    case "\\" where position + 1 < pattern.count:
      position += 1
      literal(pattern[position])
    default: literal(scalar)
    }
  }

  /// `*`, or `**` where it is a whole component.
  private mutating func stars(_ place: Place, depth: Int) throws(GlobProblem) -> Place {
    let first = position
    while next == "*" { position += 1 }
    let isEnd = next == nil || depth > 0 && (next == "," || next == "}")
    guard position - first == 2, place != .inside, isEnd || next == "/" else {
      loop(over: .any)
      return .inside
    }
    if place == .unclear { throw .misplacedGlobstar }
    if isEnd {
      nodes.append(.anything)
      loop(over: .anything)
      return .afterGlobstar
    }
    // Any folders, each with the slash after it, or none.
    position += 1
    let fork = nodes.count
    nodes.append(.accept)
    loop(over: .anything)
    nodes.append(.scalar(Glob.slash))
    nodes[fork] = .split(fork + 1, nodes.count)
    return .componentStart
  }

  private mutating func loop(over node: Glob.Node) {
    let fork = nodes.count
    nodes.append(.split(fork + 1, fork + 3))
    nodes.append(node)
    nodes.append(.split(fork, fork))
  }

  private mutating func braces(_ start: Place, depth: Int) throws(GlobProblem) -> Place {
    guard depth <= Glob.deepest else { throw .tooDeep }
    position += 1
    var places: [Place] = []
    var exits: [Int] = []
    while true {
      // The way to the next alternative is known when this one's nodes are.
      let fork = nodes.count
      nodes.append(.accept)
      places.append(try sequence(from: start, depth: depth))
      exits.append(nodes.count)
      nodes.append(.accept)
      guard let end = next else { throw .unclosed("{") }
      position += 1
      if end == "}" {
        nodes[fork] = .split(fork + 1, fork + 1)
        break
      }
      nodes[fork] = .split(fork + 1, nodes.count)
    }
    for exit in exits { nodes[exit] = .split(nodes.count, nodes.count) }
    if places.contains(.afterGlobstar) { return .afterGlobstar }
    return places.allSatisfy { $0 == places[0] } ? places[0] : .unclear
  }

  /// `[a-z_]`: a `]` that comes first is one of the set.
  private mutating func set() throws(GlobProblem) {
    position += 1
    let isNegated = next == "!" || next == "^"
    if isNegated { position += 1 }
    var ranges: [ClosedRange<UInt32>] = []
    let first = position
    while let scalar = next, scalar != "]" || position == first {
      let low = member().value
      guard next == "-", position + 1 < pattern.count, pattern[position + 1] != "]" else {
        ranges.append(low...low)
        continue
      }
      position += 1
      let high = member().value
      if low <= high { ranges.append(low...high) }
    }
    guard next == "]" else { throw .unclosed("[") }
    position += 1
    nodes.append(.set(ranges, isNegated: isNegated))
  }

  private mutating func member() -> Unicode.Scalar {
    if pattern[position] == "\\", position + 1 < pattern.count { position += 1 }
    defer { position += 1 }
    return pattern[position]
  }
}
