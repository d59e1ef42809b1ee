import DevstartCore
import DevstartPlatform
import Testing

@Suite struct ProcessStatTests {
  private let tail =
    " S 7 8 9 34816 -1 4194304 1 2 3 4 50 60 7 8 20 0 12 0 987654 104857600 2222"
    + " 18446744073709551615 1 1 0 0 0 0 0 4096 0 1 0 0 17 3 0 0 0 0 0 1 2 3 4 5 6 7 0\n"

  private func parse(_ text: String) -> ProcessStat? {
    ProcessStat(parsing: Array(text.utf8).span)
  }

  @Test(arguments: ["bash", "a) (b", ")", "", "x\ny", "((", ") S 1 2 3", "naïve"])
  func `any name a program chooses is read whole`(_ name: String) throws {
    let stat = try #require(parse("4711 (\(name))" + tail))
    #expect(stat.name == name)
    #expect(stat.identity == ProcessIdentity(pid: 4711, startTicks: 987_654))
    #expect((stat.parent, stat.group, stat.session) == (7, 8, 9))
    #expect(stat.state == UInt8(ascii: "S"))
    #expect((stat.ticks, stat.childrenTicks) == (110, 15))
    #expect((stat.threads, stat.residentPages) == (12, 2222))
    #expect(!stat.isKernelThread)
  }

  @Test(arguments: ["", "4711", "4711 (a", "4711 (a)", "4711 (a) S", "x (a) S 1 2", "(a) S", ")"])
  func `what has another shape is nothing`(_ text: String) { #expect(parse(text) == nil) }

  @Test func `a kernel thread is told by its flag`() throws {
    let text = tail.replacing(" 4194304 ", with: " 2129984 ")
    #expect(try #require(parse("2 (kthreadd)" + text)).isKernelThread)
  }

  @Test func `the parser survives whatever it is given`() {
    var generator = SeededGenerator(state: 20)
    let whole = Array(("4711 (a) b)" + tail).utf8)
    var parsed = 0
    for _ in 0..<20_000 {
      let bytes = whole.mutated(by: &generator)
      if ProcessStat(parsing: bytes.span) != nil { parsed += 1 }
    }
    #expect(parsed > 100 && parsed < 19_000)
  }
}
