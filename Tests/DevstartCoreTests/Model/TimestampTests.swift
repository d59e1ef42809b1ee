import DevstartCore
import TestSupport
import Testing

@Suite struct TimestampTests {
  @Test(arguments: [
    (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
    (951_782_400_000, "2000-02-29T00:00:00.000Z"), (1_767_323_045_678, "2026-01-02T03:04:05.678Z"),
    (4_107_542_399_999, "2100-02-28T23:59:59.999Z"),
  ])
  func `known moments have known texts`(milliseconds: Int, text: String) {
    #expect(Timestamp.text(milliseconds) == text)
    #expect(Timestamp.milliseconds(text) == milliseconds)
  }

  @Test func `every moment comes back as it was`() {
    var generator = SeededRandom(seed: 3)
    for _ in 0..<5000 {
      let moment = Int.random(in: -62_000_000_000_000...253_000_000_000_000, using: &generator)
      #expect(Timestamp.milliseconds(Timestamp.text(moment)) == moment)
    }
  }

  @Test(arguments: ["", "2026-01-02", "2026-01-02T03:04:05.678", "abcd-01-02T03:04:05.678Z"])
  func `a text of another shape is no moment`(text: String) {
    #expect(Timestamp.milliseconds(text) == nil)
  }
}
