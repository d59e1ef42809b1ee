import DevstartCore
import DevstartPlatform
import TestSupport
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
    let whole = Array(("4711 (a) b)" + tail).utf8)
    let tally = Fuzzing.run(
      seed: 20, input: { whole.mutated(by: &$0, bait: ") (:\n0-Z\u{0}") },
      read: { ProcessStat(parsing: $0.span) })
    #expect(tally.isMixed)
  }

  @Test func `whatever the kernel prints is read as it is, after whatever name`() {
    let tally = Fuzzing.run(
      seed: 21, input: { Self.line(Self.numbers(&$0), name: Self.name(&$0)) },
      read: { ProcessStat(parsing: $0.span) },
      holds: { stat, bytes in
        // The same numbers after the same name: what was read is what would be printed.
        let end = (bytes.lastIndex(of: UInt8(ascii: ")")) ?? 0) + 4
        let words = String(decoding: bytes[end...], as: UTF8.self).split(separator: " ")
        let start = bytes.firstIndex(of: UInt8(ascii: "(")) ?? 0
        return stat.name == String(decoding: bytes[(start + 1)..<(end - 4)], as: UTF8.self)
          && stat.identity.startTicks == UInt64(words[18]) && stat.parent == Int32(words[0])
          && stat.threads == Int(words[16]) && stat.residentPages == Int(words[20])
      })
    #expect(tally.refused == 0)
  }

  /// Fields 4 to 52, each as wide as proc(5) has it.
  private static func numbers(_ random: inout SeededRandom) -> [String] {
    (4...52).map { field in
      switch field {
      case 4...8: "\(Int32.random(in: -1 ... .max, using: &random))"
      case 16...21, 24: "\(Int.random(in: .min ... .max, using: &random))"
      default: "\(UInt64.random(in: 0 ... .max, using: &random))"
      }
    }
  }

  /// Up to 15 bytes, of which many look like the end of a name.
  private static func name(_ random: inout SeededRandom) -> [UInt8] {
    (0..<Int.random(in: 0...15, using: &random)).map { _ in
      Bool.random(using: &random)
        ? .random(in: 1...255, using: &random) : ") (S0\n".utf8.randomElement(using: &random) ?? 1
    }
  }

  private static func line(_ numbers: [String], name: [UInt8]) -> [UInt8] {
    Array("4711 (".utf8) + name + Array(") S \(numbers.joined(separator: " "))\n".utf8)
  }
}
