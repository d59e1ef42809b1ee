import DevstartCore
import Testing

@Suite struct FiguresTests {
  @Test func `durations read well at every size`() {
    let cases: [(Double, String)] = [
      (0, "0.00 s"), (0.006, "0.01 s"), (0.21, "0.21 s"), (1, "1.00 s"), (9.99, "9.99 s"),
      (9.996, "10.0 s"), (59.94, "59.9 s"), (59.96, "1m00s"), (245, "4m05s"), (3599.6, "1h00m"),
      (7630, "2h07m"), (273_600, "3d04h"), (-1, "0.00 s"), (.nan, "0.00 s"),
      (.infinity, "0.00 s"), (1e300, "11574074d01h"),
    ]
    for (seconds, text) in cases { #expect(Figures.duration(seconds) == text) }
    #expect(Figures.growing(1.24) == "1.2 s")
    #expect(Figures.growing(100) == "1m40s")
  }

  @Test func `sizes are powers of 1024`() {
    let cases = [
      (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KB"), (8_912_896, "8.5 MB"),
      (1_048_575, "1.0 MB"), (2_576_980_378, "2.4 GB"), (-5, "0 B"), (Int.max, "8388608 TB"),
    ]
    for (count, text) in cases { #expect(Figures.bytes(count) == text) }
  }
}
