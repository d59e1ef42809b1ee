import DevstartCore
import Testing

@Suite struct LogMatcherTests {
  private func matches(_ pattern: String, _ pieces: String...) -> Bool {
    guard var matcher = LogMatcher(pattern) else { return false }
    return pieces.contains { matcher.take(Array($0.utf8)) }
  }

  @Test(arguments: [
    ("ready on \\d+", "x\nready on 80\n"), ("ready on \\d+", "now ready on 80, as ever"),
    ("^ready$", "a\r\nready\r\nb"), ("^ready$", "ready"), ("^> ", "\n> "), ("^$", "a\n\nb"),
    ("a.b", "a\u{FFFD}b\n"), ("^done$", "10%\r50%\rdone\r\n"), ("^done$", "\r\r\ndone\r"),
    ("^ok$", "\u{1B}[1;32mo\u{1B}[0mk\u{1B}[K\n"), ("^ok$", "\u{1B}]0;title\u{07}ok\n"),
    ("^ok$", "\u{1B}]8;;http://x\u{1B}\\ok\u{1B}]8;;\u{1B}\\\n"), ("^ok$", "\u{1B}(Bok\u{1B}7\n"),
    ("^ok$", "\u{1B}]0;never closed\nok\n"), ("^ok$", "\u{1B}[31\nok"), ("^ok$", "\u{1B}\nok"),
    ("^ok$", "\u{1B}\u{1B}[mok"), ("^a\\tb$", "a\tb"), ("étage", "l'étage est prêt"),
  ])
  func `a line matches as a person sees it, whole or in single bytes`(
    pattern: String, text: String
  ) throws {
    #expect(matches(pattern, text))
    var matcher = try #require(LogMatcher(pattern))
    let byByte = text.utf8.contains { matcher.take([$0]) }
    #expect(byByte)
  }

  @Test(arguments: [
    ("ready", "rea\ndy"), ("^ready$", "not ready\n"), ("a.b", "a\nb"), ("^$", "a\r\nb\r\nc"),
    ("a.*b", "a\r\nb"), ("^50%$", "10%\r50% and on"), ("m", "\u{1B}[1;32m\u{1B}[0m"),
    ("title", "\u{1B}]0;title\u{07}"), (".*", ""), ("31", "\u{1B}[31"),
  ])
  func `what stands in no line does not match`(pattern: String, text: String) {
    #expect(!matches(pattern, text))
  }

  @Test func `a match goes across writes`() {
    #expect(
      matches("listening on port \\d+", "liste", "ning \u{1B}[3", "2mon", " port", " 8", "\n"))
    #expect(matches("^b$", "a\r", "\nb\r", "\n"))
    #expect(matches("^é$", "x\n", "é", "\n"))
    #expect(!matches("^$", "a\r", "\nb\r", "\nc"))
  }

  @Test func `bytes that are no text do no harm`() throws {
    var matcher = try #require(LogMatcher("^.ready.$"))
    let first = matcher.take([0xC3])
    #expect(!first)
    let second = matcher.take(Array("ready".utf8) + [0xFF, UInt8(ascii: "\n")])
    #expect(second)
  }

  @Test func `of a long line the beginning counts, and the line after it again`() {
    let long = String(repeating: "x", count: LogMatcher.longestLine - 5)
    #expect(matches("ready", long + "ready"))
    #expect(!matches("ready", long + "-ready"))
    #expect(!matches("ready", long, "-", "ready", "ready\n"))
    #expect(matches("^ready", long + long + "\nready"))
    #expect(matches("^x+ready$", String(repeating: "\u{1B}[1m", count: 9000) + long + "ready\n"))
  }

  @Test func `an unfinished line that is not added to is not matched again`() throws {
    var matcher = try #require(LogMatcher("never"))
    let clock = ContinuousClock()
    _ = matcher.take([UInt8](repeating: UInt8(ascii: "n"), count: LogMatcher.longestLine))
    let long = clock.measure { for _ in 0..<20_000 { _ = matcher.take([UInt8(ascii: "n")]) } }
    // Once is some 100 µs in a debug build: each time would take seconds.
    #expect(long < .milliseconds(500))
  }

  @Test(arguments: [
    (".*ready", "is ready\n", true), (".*?ready.*", "ready", true), (".*", "x", true),
    (".*ready$", "ready, or not\n", false), (".*|x", "y", true), (".*+y", "xy\n", false),
    ("..*y", "y\n", false),
  ])
  func `a leading .* changes nothing but the time`(pattern: String, text: String, fits: Bool) {
    #expect(matches(pattern, text) == fits)
  }

  @Test func `a leading .* takes no more time than none`() throws {
    var matcher = try #require(LogMatcher(".*ready"))
    let clock = ContinuousClock()
    let line = [UInt8](repeating: UInt8(ascii: "r"), count: LogMatcher.longestLine) + [10]
    // Trying it from every place would take tens of milliseconds for each line.
    let time = clock.measure { for _ in 0..<10 { _ = matcher.take(line) } }
    #expect(time < .milliseconds(100))
  }

  @Test(arguments: ["(", "[a", "*", String(repeating: "(", count: 100), "a{2,1}"])
  func `what is no pattern is none`(pattern: String) { #expect(LogMatcher(pattern) == nil) }
}
