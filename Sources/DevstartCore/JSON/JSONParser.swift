/// Why a text is no JSON, and where: the byte offset in the source.
package struct JSONSyntaxError: Error, Equatable {
  package var offset: Int
  package var problem: String
}

extension JSON {
  /// What a text may hold beyond RFC 8259.
  package enum Dialect: Sendable {
    /// RFC 8259 alone: the control socket and the state file.
    case strict
    /// With `//` and `/* */` comments and trailing commas: files that people write.
    case manifest
  }

  /// Parses UTF-8 bytes; throws `JSONSyntaxError` with the offset of the first problem.
  /// Every value gets `source`, so that it is known where it came from once texts are merged.
  package static func parse(
    _ bytes: [UInt8], dialect: Dialect = .strict, source: UInt8 = 0
  ) throws(JSONSyntaxError) -> JSON {
    try bytes.withUnsafeBufferPointer { buffer throws(JSONSyntaxError) in
      var parser = JSONParser(bytes: buffer, dialect: dialect, source: source)
      return try parser.parseDocument()
    }
  }
}

/// A recursive-descent parser over UTF-8 bytes, with a bound on nesting so that no input can
/// exhaust the stack.
private struct JSONParser {
  static let deepestNesting = 128

  let bytes: UnsafeBufferPointer<UInt8>
  let dialect: JSON.Dialect
  let source: UInt8
  var index = 0
  var depth = 0
  /// How many members the last object had: those of a list are mostly alike.
  var likelyCount = 4

  init(bytes: UnsafeBufferPointer<UInt8>, dialect: JSON.Dialect, source: UInt8) {
    self.bytes = bytes
    self.dialect = dialect
    self.source = source
  }

  mutating func parseDocument() throws(JSONSyntaxError) -> JSON {
    // A byte order mark is no part of the text (RFC 8259, section 8.1).
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
    try skipBlanks()
    guard index < bytes.count else { throw failure("the file is empty") }
    let value = try parseValue()
    try skipBlanks()
    guard index == bytes.count else { throw failure("unexpected text after the end") }
    return value
  }

  mutating func parseValue() throws(JSONSyntaxError) -> JSON {
    guard index < bytes.count else { throw failure("the text ends where a value should be") }
    let start = index
    switch bytes[index] {
    case UInt8(ascii: "{"): return JSON(.object(try parseMembers()), offset: start, source: source)
    case UInt8(ascii: "["): return JSON(.array(try parseElements()), offset: start, source: source)
    case UInt8(ascii: "\""): return JSON(.string(try parseString()), offset: start, source: source)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      return JSON(try parseNumber(), offset: start, source: source)
    case UInt8(ascii: "'"): throw failure("strings take double quotes")
    default: return JSON(try parseWord(), offset: start, source: source)
    }
  }

  mutating func parseMembers() throws(JSONSyntaxError) -> [JSON.Member] {
    try enter()
    var members: [JSON.Member] = []
    while try !closes(UInt8(ascii: "}"), afterElement: !members.isEmpty, opened: "{") {
      // Growing one by one takes longer, and room that is not used is memory all the same.
      if members.isEmpty { members.reserveCapacity(likelyCount) }
      guard bytes[index] == UInt8(ascii: "\"") else {
        throw failure("a key in double quotes should be here")
      }
      let keyOffset = index
      let key = try parseString()
      try skipBlanks()
      guard index < bytes.count, bytes[index] == UInt8(ascii: ":") else {
        throw failure("a ':' should follow the key \"\(key)\"")
      }
      index += 1
      try skipBlanks()
      members.append(JSON.Member(key: key, keyOffset: keyOffset, value: try parseValue()))
    }
    likelyCount = min(members.count, 16)
    return members
  }

  mutating func parseElements() throws(JSONSyntaxError) -> [JSON] {
    try enter()
    var elements: [JSON] = []
    while try !closes(UInt8(ascii: "]"), afterElement: !elements.isEmpty, opened: "[") {
      elements.append(try parseValue())
    }
    return elements
  }

  mutating func enter() throws(JSONSyntaxError) {
    guard depth < Self.deepestNesting else {
      throw failure("nested deeper than \(Self.deepestNesting) levels")
    }
    depth += 1
    index += 1
  }

  /// Moves past the separator before the next element; true, and past it, at the closing bracket.
  mutating func closes(
    _ bracket: UInt8, afterElement: Bool, opened: String
  ) throws(JSONSyntaxError) -> Bool {
    try skipBlanks()
    guard index < bytes.count else { throw failure("the '\(opened)' is never closed") }
    if afterElement, bytes[index] != bracket {
      guard bytes[index] == UInt8(ascii: ",") else {
        throw failure("a ',' or '\(Character(Unicode.Scalar(bracket)))' should be here")
      }
      index += 1
      try skipBlanks()
      guard index < bytes.count else { throw failure("the '\(opened)' is never closed") }
      if bytes[index] == bracket, dialect == .strict {
        throw failure("a comma before the closing bracket")
      }
    }
    guard bytes[index] == bracket else { return false }
    index += 1
    depth -= 1
    return true
  }

  mutating func parseString() throws(JSONSyntaxError) -> String {
    let opening = index
    index += 1
    let start = index
    // Most strings have no escape: take the bytes as they are.
    while index < bytes.count, bytes[index] != UInt8(ascii: "\""),
      bytes[index] != UInt8(ascii: "\\"),
      bytes[index] >= 0x20
    {
      index += 1
    }
    if index < bytes.count, bytes[index] == UInt8(ascii: "\"") {
      index += 1
      return try decoded(bytes[start..<index - 1], from: start)
    }
    var text = Array(bytes[start..<index])
    while index < bytes.count {
      let byte = bytes[index]
      switch byte {
      case UInt8(ascii: "\""):
        index += 1
        return try text.withUnsafeBufferPointer { buffer throws(JSONSyntaxError) in
          try decoded(buffer[...], from: start)
        }
      case UInt8(ascii: "\\"): text.append(contentsOf: String(try parseEscape()).utf8)
      case 0..<0x20:
        throw failure("a control character or line break inside a string; write \\n or \\u00XX")
      default:
        text.append(byte)
        index += 1
      }
    }
    throw failure("the string is never closed", at: opening)
  }

  func decoded(
    _ slice: Slice<UnsafeBufferPointer<UInt8>>, from start: Int
  ) throws(JSONSyntaxError) -> String {
    // Plain ASCII is always valid, and `String(validating:)` costs more than all other parsing.
    if slice.allSatisfy({ $0 < 0x80 }) {
      return String(decoding: UnsafeBufferPointer(rebasing: slice), as: UTF8.self)
    }
    guard let text = String(validating: slice, as: UTF8.self) else {
      throw failure("not valid UTF-8", at: start)
    }
    return text
  }

  /// An escape from its backslash on; a surrogate pair is one scalar (RFC 8259, section 7).
  mutating func parseEscape() throws(JSONSyntaxError) -> Unicode.Scalar {
    guard index + 1 < bytes.count else { throw failure("the string is never closed") }
    let start = index
    let letter = bytes[index + 1]
    index += 2
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): break
    default: throw failure("unknown escape in a string", at: start)
    }
    var code = try parseHexadecimal()
    if (0xD800..<0xDC00).contains(code) {
      guard index + 1 < bytes.count, bytes[index] == UInt8(ascii: "\\"),
        bytes[index + 1] == UInt8(ascii: "u")
      else { throw failure("half a surrogate pair", at: start) }
      index += 2
      let low = try parseHexadecimal()
      guard (0xDC00..<0xE000).contains(low) else {
        throw failure("half a surrogate pair", at: start)
      }
      code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(code) else {
      throw failure("half a surrogate pair", at: start)
    }
    return scalar
  }

  mutating func parseHexadecimal() throws(JSONSyntaxError) -> UInt32 {
    guard index + 4 <= bytes.count,
      bytes[index..<index + 4].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let code = UInt32(String(decoding: bytes[index..<index + 4], as: UTF8.self), radix: 16)
    else { throw failure("\\u takes four hexadecimal digits") }
    index += 4
    return code
  }

  mutating func parseNumber() throws(JSONSyntaxError) -> JSON.Kind {
    let start = index
    if let small = parseSmallNumber() { return .integer(small) }
    while index < bytes.count, Self.isNumberByte(bytes[index]) { index += 1 }
    let text = String(decoding: bytes[start..<index], as: UTF8.self)
    let digits = text.drop { $0 == "-" }
    let leadingZero =
      digits.count > 1 && digits.first == "0" && digits.dropFirst().first?.isNumber == true
    if !leadingZero, let whole = Int(text), !text.hasPrefix("+") { return .integer(whole) }
    guard !leadingZero, text.last?.isNumber == true, digits.first?.isNumber == true,
      let number = Double(text), number.isFinite
    else { throw failure("'\(text)' is no number", at: start) }
    return .number(number)
  }

  /// Up to 18 digits and nothing else, as nearly all numbers are; nil, and nothing read, for
  /// others.
  mutating func parseSmallNumber() -> Int? {
    var end = index
    var value = 0
    while end < bytes.count, end - index < 18, (0x30...0x39).contains(bytes[end]) {
      value = value * 10 + Int(bytes[end] - 0x30)
      end += 1
    }
    guard end > index, bytes[index] != 0x30 || end == index + 1,
      end == bytes.count || !Self.isNumberByte(bytes[end])
    else { return nil }
    index = end
    return value
  }

  static func isNumberByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"),
      UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
      true
    default: false
    }
  }

  mutating func parseWord() throws(JSONSyntaxError) -> JSON.Kind {
    if takes("null") { return .null }
    if takes("true") { return .bool(true) }
    if takes("false") { return .bool(false) }
    let start = index
    while index < bytes.count, Self.isWordByte(bytes[index]) { index += 1 }
    switch String(decoding: bytes[start..<index], as: UTF8.self) {
    case "": throw failure("a value should be here")
    case let word: throw failure("'\(word)' is no value; text takes double quotes", at: start)
    }
  }

  /// Moves past the word where it stands here as a whole.
  private mutating func takes(_ word: StaticString) -> Bool {
    let length = word.utf8CodeUnitCount
    guard index + length <= bytes.count else { return false }
    for position in 0..<length where bytes[index + position] != word.utf8Start[position] {
      return false
    }
    guard index + length == bytes.count || !Self.isWordByte(bytes[index + length]) else {
      return false
    }
    index += length
    return true
  }

  static func isWordByte(_ byte: UInt8) -> Bool {
    if byte < 0x80 {
      return (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        || byte == UInt8(ascii: "_")
    }
    return Unicode.Scalar(byte).properties.isAlphabetic
  }

  mutating func skipBlanks() throws(JSONSyntaxError) {
    while index < bytes.count {
      switch bytes[index] {
      case 0x20, 0x09, 0x0A, 0x0D: index += 1
      case UInt8(ascii: "/") where dialect == .manifest: try skipComment()
      default: return
      }
    }
  }

  mutating func skipComment() throws(JSONSyntaxError) {
    let start = index
    switch index + 1 < bytes.count ? bytes[index + 1] : 0 {
    case UInt8(ascii: "/"):
      while index < bytes.count, bytes[index] != 0x0A { index += 1 }
    case UInt8(ascii: "*"):
      index += 2
      while index + 1 < bytes.count,
        !(bytes[index] == UInt8(ascii: "*") && bytes[index + 1] == UInt8(ascii: "/"))
      {
        index += 1
      }
      guard index + 1 < bytes.count else { throw failure("the comment is never closed", at: start) }
      index += 2
    default: throw failure("a value should be here")
    }
  }

  func failure(_ problem: String, at offset: Int? = nil) -> JSONSyntaxError {
    JSONSyntaxError(offset: offset ?? index, problem: problem)
  }
}
