import DevstartCore
import TestSupport
import Testing

@Suite struct JSONTests {
  @Test(arguments: [
    "null", "true", "0", "-1", "9223372036854775807", "1.5", "1e+300", #""""#, #""a\"\\\n\t\r""#,
    #""\u0001é😀""#, "[]", "{}", #"[1,[2,{"a":null}],"x"]"#, #"{"b":1,"a":{"c":[true,false]}}"#,
  ])
  func `what is written is what was parsed`(text: String) throws {
    let value = try JSON.parse(Array(text.utf8))
    #expect(String(decoding: value.bytes, as: UTF8.self) == text)
    #expect(try JSON.parse(Array(value.indentedText.utf8)) == value)
  }

  @Test func `random values come back as they were`() throws {
    var generator = SeededRandom(seed: 1)
    for _ in 0..<2000 {
      let value = random(depth: 4, using: &generator)
      #expect(try JSON.parse(value.bytes) == value)
      #expect(try JSON.parse(Array(value.indentedText.utf8), dialect: .manifest) == value)
    }
  }

  private func random(depth: Int, using generator: inout SeededRandom) -> JSON {
    switch Int.random(in: depth == 0 ? 2...6 : 0...6, using: &generator) {
    case 0:
      JSON(
        (0..<Int.random(in: 0..<4, using: &generator)).map { _ in
          random(depth: depth - 1, using: &generator)
        })
    case 1:
      JSON(
        .object(
          (0..<Int.random(in: 0..<4, using: &generator)).map { _ in
            JSON.Member(
              key: text(using: &generator), value: random(depth: depth - 1, using: &generator))
          }))
    case 2: nil
    case 3: JSON(Bool.random(using: &generator))
    case 4: JSON(Int.random(in: .min ... .max, using: &generator))
    case 5: JSON(Double.random(in: -1e9...1e9, using: &generator))
    default: JSON(text(using: &generator))
    }
  }

  private func text(using generator: inout SeededRandom) -> String {
    let letters = Array("ab\"\\/\n\u{1}\u{7F}é😀\u{2028}")
    return String(
      (0..<Int.random(in: 0..<6, using: &generator)).compactMap { _ in
        letters.randomElement(using: &generator)
      })
  }

  @Test func `escapes are read`() throws {
    let value = try JSON.parse(Array(#""\u00e9\ud83d\ude00\/\b\f""#.utf8))
    #expect(value.string == "é😀/\u{8}\u{C}")
  }

  @Test(arguments: [
    "01", "+1", "1.", ".5", "--1", "1e", "tru", "'a'", #""\x""#, #""\ud800""#, "\"a\nb\"", "[1,]",
    "{1:2}", #"{"a"}"#, "[1 2]", "1 2", "// x", "/* x", "\u{FEFF}",
  ])
  func `what is no JSON is refused`(text: String) {
    #expect(throws: JSONSyntaxError.self) { try JSON.parse(Array(text.utf8)) }
  }

  @Test func `manifests may have comments and trailing commas`() throws {
    let text = "\u{FEFF}// one\n{\"a\": [1, /* two */ 2,], // three\n}"
    #expect(try JSON.parse(Array(text.utf8), dialect: .manifest) == ["a": [1, 2]])
  }
}
