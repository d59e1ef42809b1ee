@testable import DevstartCore
import Testing

@Suite struct YAMLTests {
  @Test func `strings are in double quotes, with every odd character escaped`() {
    #expect(
      YAML.quoted("a\"b\\c\n\t\r\u{1}\u{7F}\u{85}\u{2028}\u{FEFF}\u{1FFFF}é☃😀")
        == #""a\"b\\c\n\t\r\u0001\u007f\u0085\u2028\ufeff\U0001ffffé☃😀""#)
  }

  @Test(arguments: [
    ("name", "name"), ("a.b/c-d", "a.b/c-d"), ("no", #""no""#), ("Y", #""Y""#), ("1", #""1""#),
    ("a b", #""a b""#), ("", #""""#), ("a:", #""a:""#), ("é", #""é""#), ("-", #""-""#),
  ])
  func `a key is plain only where nothing else could be meant`(key: String, text: String) {
    #expect(YAML.key(key) == text)
  }

  @Test func `maps and lists of maps are blocks, lists of values are lines`() {
    let value: JSON = [
      "a": ["x", 1, true], "b": [["c": 1, "d": ["e": nil]], ["f": []]], "g": [:], "h": [["i"]],
    ]
    #expect(
      YAML.lines(value) == [
        #"a: ["x", 1, true]"#, "b:", "  - c: 1", "    d:", "      e: null", "  - f: []", "g: {}",
        "h:", #"  - ["i"]"#,
      ])
  }
}
