/// Globs by the book: braces are written out, everything else is tried in every way.
enum SlowGlob {
  /// Where a brace was: stars on both of its sides are not one `**`.
  private static let seams: (open: Character, close: Character) = ("\u{1}", "\u{2}")

  /// The patterns without braces that one with braces stands for.
  static func expanded(_ pattern: String) -> [String] {
    let text = Array(pattern)
    guard let open = firstBrace(text) else { return [pattern] }
    var (depth, start) = (0, open + 1)
    var alternatives: [String] = []
    var index = open
    while index < text.count {
      switch text[index] {
      case "\\": index += 1
      case "[": index = endOfSet(text, index)
      case "{": depth += 1
      case ",":
        if depth == 1 {
          alternatives.append(String(text[start..<index]))
          start = index + 1
        }
      case "}":
        depth -= 1
        if depth == 0 {
          alternatives.append(String(text[start..<index]))
          let (before, after) = (String(text[..<open]), String(text[(index + 1)...]))
          return alternatives.flatMap {
            expanded(before + "\(seams.open)\($0)\(seams.close)" + after)
          }
        }
      default: break
      }
      index += 1
    }
    return []
  }

  private static func firstBrace(_ text: [Character]) -> Int? {
    var index = 0
    while index < text.count {
      if text[index] == "{" { return index }
      if text[index] == "\\" { index += 1 }
      if index < text.count, text[index] == "[" { index = endOfSet(text, index) }
      index += 1
    }
    return nil
  }

  private static func endOfSet(_ text: [Character], _ open: Int) -> Int {
    text[open...].firstIndex(of: "]") ?? text.count
  }

  static func fits(_ path: String, _ pattern: String) -> Bool {
    fits(Array(path)[...], Array(pattern)[...], atStart: true)
  }

  private static func fits(
    _ path: ArraySlice<Character>, _ pattern: ArraySlice<Character>, atStart: Bool
  ) -> Bool {
    guard let first = pattern.first else { return path.isEmpty }
    switch first {
    case seams.open, seams.close: return fits(path, pattern.dropFirst(), atStart: atStart)
    case "*":
      let stars = pattern.prefix { $0 == "*" }.count
      let rest = pattern.dropFirst(stars)
      if stars == 2, atStart, rest.allSatisfy({ $0 == seams.close }) { return !path.isEmpty }
      if stars == 2, atStart, rest.first == "/" {
        let after = rest.dropFirst()
        if fits(path, after, atStart: true) { return true }
        return path.indices.contains {
          path[$0] == "/" && fits(path[($0 + 1)...], after, atStart: true)
        }
      }
      let name = path.prefix { $0 != "/" }.count
      return (0...name).contains { fits(path.dropFirst($0), rest, atStart: false) }
    case "\\" where pattern.count > 1:
      let wanted = pattern.dropFirst().first
      return path.first == wanted && fits(path.dropFirst(), pattern.dropFirst(2), atStart: false)
    case "[":
      let end = pattern.firstIndex(of: "]") ?? pattern.endIndex
      let members = pattern[(pattern.startIndex + 1)..<end]
      let isNegated = members.first == "!"
      guard let next = path.first, next != "/" else { return false }
      return members.contains(next) != isNegated
        && fits(path.dropFirst(), pattern[(end + 1)...], atStart: false)
    case "?":
      guard let next = path.first, next != "/" else { return false }
      return fits(path.dropFirst(), pattern.dropFirst(), atStart: false)
    default:
      return path.first == first
        && fits(path.dropFirst(), pattern.dropFirst(), atStart: first == "/")
    }
  }
}
