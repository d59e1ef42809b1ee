import DevstartCore
import Testing

@Suite struct NearestTests {
  @Test(arguments: [
    ("statsu", "status"), ("stopp", "stop"), ("RESTART", "restart"), ("strat", "start"),
    ("staus", "status"), ("xyz", nil), ("", nil), ("s", nil), ("st", nil),
  ])
  func `the nearest word is a slip away`(word: String, expected: String?) {
    #expect(Nearest.word(to: word, in: ["start", "stop", "restart", "status"]) == expected)
  }

  @Test func `words without end are not compared`() {
    #expect(Nearest.word(to: String(repeating: "a", count: 100_000), in: ["start"]) == nil)
  }
}
