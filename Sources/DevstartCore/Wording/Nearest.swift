/// «Did you mean …?»
package enum Nearest {
  /// The shortest candidate that begins with `word`; else the one that is the fewest slips away
  /// from it, if it is near enough for a slip: one in a short word, a third of the letters in a
  /// longer one. The first of equals.
  package static func word(to word: String, in candidates: [String]) -> String? {
    let letters = Array(word.lowercased().utf8)
    guard (1...64).contains(letters.count) else { return nil }
    if let longer = longer(than: letters, in: candidates) { return longer }
    var best: (word: String, distance: Int)?
    // Past so many candidates nobody waits for a suggestion.
    for candidate in candidates.prefix(2000) where candidate.utf8.count <= 64 {
      let other = Array(candidate.lowercased().utf8)
      let limit = max(1, min(letters.count, other.count) / 3)
      guard abs(other.count - letters.count) <= limit else { continue }
      let distance = distance(letters, other)
      if distance <= limit, distance < min(best?.distance ?? .max, max(letters.count, 2)) {
        best = (candidate, distance)
      }
    }
    return best?.word
  }

  /// Less than three letters, the dashes of a flag aside, begin too many words.
  private static func longer(than letters: [UInt8], in candidates: [String]) -> String? {
    guard letters.drop(while: { $0 == UInt8(ascii: "-") }).count >= 3 else { return nil }
    return candidates.prefix(2000).filter { $0.lowercased().utf8.starts(with: letters) }
      .min { $0.utf8.count < $1.utf8.count }
  }

  /// How many insertions, deletions, replacements and swaps of neighbours lie between the two:
  /// the Damerau–Levenshtein distance, each stretch edited once.
  static func distance(_ one: [UInt8], _ other: [UInt8]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...other.count)
    for (row, letter) in one.enumerated() {
      var current = [row + 1]
      current.reserveCapacity(other.count + 1)
      for (column, otherLetter) in other.enumerated() {
        var least = min(
          last[column] + (letter == otherLetter ? 0 : 1), last[column + 1] + 1,
          current[column] + 1)
        if row > 0, column > 0, letter == other[column - 1], one[row - 1] == otherLetter {
          least = min(least, beforeLast[column - 1] + 1)
        }
        current.append(least)
      }
      (beforeLast, last) = (last, current)
    }
    return last[other.count]
  }
}
