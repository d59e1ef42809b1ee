/// Where something stood: the number of the file and the byte offset in it.
struct Position: Hashable, Comparable {
  var source: UInt8
  var offset: Int

  static func < (left: Position, right: Position) -> Bool {
    (left.source, left.offset) < (right.source, right.offset)
  }
}

extension JSON {
  var position: Position { Position(source: source, offset: offset) }
}

extension JSON.Member {
  var keyPosition: Position { Position(source: value.source, offset: keyOffset) }
}

/// The problems that were found so far, as byte offsets: lines, columns and key paths are worked
/// out at the end, and only when there are problems.
struct ProblemLog {
  /// Past this many, problems are counted, not listed.
  static let most = 1000

  private(set) var entries: [Position: [ManifestProblem.Kind]] = [:]
  private(set) var count = 0
  /// Those that already have a line: in environment files.
  private(set) var located: [ManifestProblem] = []

  var isEmpty: Bool { count == 0 }

  mutating func add(_ problem: TextProblem, at position: Position) {
    add(.text(problem), at: position)
  }

  mutating func add(_ problem: KeyProblem, at position: Position) {
    add(.key(problem), at: position)
  }

  mutating func add(_ problem: ValueProblem, at position: Position) {
    add(.value(problem), at: position)
  }

  mutating func add(_ problem: VariableProblem, at position: Position) {
    add(.variable(problem), at: position)
  }

  mutating func add(_ problem: NameProblem, at position: Position) {
    add(.name(problem), at: position)
  }

  private mutating func add(_ kind: ManifestProblem.Kind, at position: Position) {
    count += 1
    guard count <= Self.most else { return }
    entries[position, default: []].append(kind)
  }

  mutating func add(_ problem: ManifestProblem) {
    count += 1
    guard count <= Self.most else { return }
    located.append(problem)
  }

  /// All problems with file, line, column and key path.
  func problems(in sources: [ParsedSource]) -> ManifestProblems {
    var list: [ManifestProblem] = []
    for (number, source) in sources.enumerated() {
      let positions = entries.keys.filter { $0.source == number }.sorted()
      guard !positions.isEmpty else { continue }
      var lines = LineCounter(bytes: source.bytes)
      var paths = KeyPathFinder(wanted: Set(positions.map(\.offset)))
      if let json = source.json { paths.visit(json, path: "") }
      for position in positions {
        let (line, column) = lines.advance(to: position.offset)
        for kind in entries[position] ?? [] {
          list.append(
            ManifestProblem(
              file: source.name, line: line, column: column,
              keyPath: paths.found[position.offset] ?? "", kind: kind))
        }
      }
    }
    list += located
    if count > Self.most, let first = sources.first {
      list.append(
        ManifestProblem(
          file: first.name, line: 1, column: 1, keyPath: "", kind: .text(.more(count - Self.most))))
    }
    return ManifestProblems(list: list)
  }
}

/// One of the texts that a manifest is made of.
struct ParsedSource {
  var name: String
  var bytes: [UInt8]
  /// nil where it has a syntax error.
  var json: JSON?
}

/// Lines and columns of ascending offsets, in one pass.
struct LineCounter {
  let bytes: [UInt8]
  private var offset = 0
  private var line = 1
  private var column = 1

  init(bytes: [UInt8]) { self.bytes = bytes }

  /// `target` is no smaller than the last one.
  mutating func advance(to target: Int) -> (line: Int, column: Int) {
    // A byte order mark is no character of the first line.
    if offset == 0, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { offset = 3 }
    while offset < min(target, bytes.count) {
      if bytes[offset] == 0x0A {
        line += 1
        column = 0
      }
      offset += 1
      // Bytes 10xxxxxx continue a character.
      if offset == bytes.count || bytes[offset] & 0xC0 != 0x80 { column += 1 }
    }
    // A line of broken UTF-8 may begin with a byte that continues nothing.
    return (line, max(column, 1))
  }
}

/// Finds the key paths of the values and keys at the offsets that are asked for.
private struct KeyPathFinder {
  let wanted: Set<Int>
  var found: [Int: String] = [:]

  mutating func visit(_ json: JSON, path: String) {
    note(json.offset, path)
    switch json.kind {
    case .null, .bool, .integer, .number, .string: break
    case .array(let elements):
      for (index, element) in elements.enumerated() {
        visit(element, path: "\(path)[\(index)]")
      }
    case .object(let members):
      for member in members {
        let inner = path.isEmpty ? member.key : "\(path).\(member.key)"
        note(member.keyOffset, inner)
        visit(member.value, path: inner)
      }
    }
  }

  private mutating func note(_ offset: Int, _ path: String) {
    if wanted.contains(offset) { found[offset] = path }
  }
}
