/// Regular expressions that come from people.
enum Pattern {
  /// Far above what anybody writes, and below what exhausts the stack of a recursive compiler.
  private static let longest = 4096
  private static let deepest = 64

  /// nil where it is none.
  static func compiled(_ text: String) -> Regex<AnyRegexOutput>? {
    var depth = 0
    var deepest = 0
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "("), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: ")"), UInt8(ascii: "]"): depth -= 1
      default: break
      }
      deepest = max(deepest, depth)
    }
    guard text.utf8.count <= longest, deepest <= Self.deepest else { return nil }
    do { return try Regex(text) } catch { return nil }
  }

  /// The expression that fits exactly this text.
  static func literal(_ text: String) -> String {
    text.map { $0.isLetter || $0.isNumber || $0 == " " ? "\($0)" : "\\\($0)" }.joined()
  }

  /// True for what a text of one character can satisfy, or an empty one: nearly every command
  /// line has such a place.
  static func fitsEverything(_ regex: Regex<AnyRegexOutput>) -> Bool {
    if "".firstMatch(of: regex) != nil { return true }
    return (0x20..<0x7F).contains { (byte: UInt8) in
      String(Character(Unicode.Scalar(byte))).firstMatch(of: regex) != nil
    }
  }
}
