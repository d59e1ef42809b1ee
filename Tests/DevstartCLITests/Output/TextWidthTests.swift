import DevstartCLI
import Testing

@Suite struct TextWidthTests {
  @Test func `widths count what a terminal shows`() {
    #expect(TextWidth.columns(of: "bot") == 3)
    #expect(TextWidth.columns(of: "börse") == 5)
    #expect(TextWidth.columns(of: "bo\u{308}rse") == 5)
    #expect(TextWidth.columns(of: "機器人") == 6)
    #expect(TextWidth.columns(of: "🚀") == 2)
  }

  @Test func `cut texts never pass their width`() {
    for width in 0...12 {
      for text in ["a name", "機器人機器人", "bo\u{308}rse und mehr", "🚀🚀🚀🚀🚀🚀🚀"] {
        #expect(TextWidth.columns(of: TextWidth.cut(text, to: width)) <= width)
      }
    }
    #expect(TextWidth.cut("exactly", to: 7) == "exactly")
    #expect(TextWidth.cut("too long", to: 5) == "too …")
  }

  @Test func `texts of processes cannot steer the terminal`() {
    #expect(TextWidth.harmless("a\u{1B}[2Jb\nc\u{9B}d") == "a [2Jb c d")
  }
}
