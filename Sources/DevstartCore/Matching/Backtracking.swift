/// What a regular expression costs where it does not fit. It is tried in every way there is, so
/// `(a+)+` takes twice as long for each further `a`: a line of forty would hold a supervisor for
/// hours.
enum Backtracking {
  /// Whether a group is repeated without limit that a repetition without limit can pass alone.
  /// (Other expressions that take as long are not seen, such as `(a|a)+`.)
  static func isEndless(_ pattern: String) -> Bool {
    var reader = Reader(rest: Array(pattern)[...])
    _ = reader.alternatives()
    return reader.isEndless
  }

  /// A part of an expression, as far as it matters.
  private struct Part {
    /// Fits nothing, too.
    var isNullable = false
    /// One repetition without limit can pass it, and nothing else has to be there.
    var isRepetition = false
  }

  private struct Reader {
    var rest: ArraySlice<Character>
    var isEndless = false

    /// Up to the `)` that closes it, which is left.
    mutating func alternatives() -> Part {
      var whole = sequence()
      while rest.first == "|" {
        rest.removeFirst()
        let other = sequence()
        whole.isNullable = whole.isNullable || other.isNullable
        whole.isRepetition = whole.isRepetition || other.isRepetition
      }
      return whole
    }

    private mutating func sequence() -> Part {
      var parts: [Part] = []
      while let next = rest.first, next != "|", next != ")" { parts.append(quantified()) }
      let needed = parts.filter { !$0.isNullable }
      return Part(
        isNullable: needed.isEmpty,
        isRepetition: needed.count == 1
          ? needed[0].isRepetition : needed.isEmpty && parts.contains(where: \.isRepetition))
    }

    private mutating func quantified() -> Part {
      let isGroup = rest.first == "("
      var part = isGroup ? group() : atom()
      while let (isOptional, isUnlimited) = quantifier() {
        let isPossessive = rest.first == "+"
        if isPossessive || rest.first == "?" { rest.removeFirst() }
        if isUnlimited, isGroup, part.isRepetition { isEndless = true }
        part.isNullable = part.isNullable || isOptional
        part.isRepetition = (part.isRepetition || isUnlimited) && !isPossessive
      }
      return part
    }

    /// nil where none comes.
    private mutating func quantifier() -> (isOptional: Bool, isUnlimited: Bool)? {
      switch rest.first {
      case "*", "+", "?":
        let sign = rest.removeFirst()
        return (sign != "+", sign != "?")
      case "{":
        guard let end = rest.firstIndex(of: "}") else { return nil }
        let range = rest[rest.startIndex..<end].dropFirst()
        guard range.first?.isWholeNumber == true || range.first == "," else { return nil }
        rest = rest[rest.index(after: end)...]
        return (range.first == "0" || range.first == ",", range.last == ",")
      case _: return nil
      }
    }

    private mutating func group() -> Part {
      rest.removeFirst()
      var (isAtomic, isLook) = (false, false)
      if rest.first == "?" {
        // `?:`, `?>`, `?=`, `?!`, `?<=`, `?<!`, `?<name>`, `?i:`.
        isAtomic = rest.dropFirst().first == ">"
        let lead = rest.dropFirst().prefix(2)
        isLook = ["=", "!"].contains(lead.first) || lead == ["<", "="] || lead == ["<", "!"]
        let named = lead.first == "<" && !isLook
        rest = rest.drop { $0 != ":" && $0 != ">" && $0 != "=" && $0 != "!" && $0 != ")" }
        if rest.first != ")" || named { rest = rest.dropFirst() }
      }
      var part = alternatives()
      rest = rest.dropFirst()
      if isAtomic || isLook { part.isRepetition = false }
      part.isNullable = part.isNullable || isLook
      return part
    }

    private mutating func atom() -> Part {
      switch rest.removeFirst() {
      case "^", "$": return Part(isNullable: true)
      case "[": skipClass()
      case "\\":
        guard let letter = rest.popFirst() else { break }
        if ["b", "B", "A", "Z", "z", "G", "y", "Y", "K"].contains(letter) {
          return Part(isNullable: true)
        }
        let isNamed = ["p", "P", "x", "u", "N", "o", "k", "g"].contains(letter)
        if isNamed, rest.first == "{", let end = rest.firstIndex(of: "}") {
          rest = rest[rest.index(after: end)...]
        }
      case _: break
      }
      return Part()
    }

    private mutating func skipClass() {
      var depth = 1
      while depth > 0, let next = rest.popFirst() {
        switch next {
        case "[": depth += 1
        case "]": depth -= 1
        case "\\": rest = rest.dropFirst()
        case _: break
        }
      }
    }
  }
}
