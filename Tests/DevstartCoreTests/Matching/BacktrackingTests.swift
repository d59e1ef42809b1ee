@testable import DevstartCore
import Testing

@Suite struct BacktrackingTests {
  @Test(arguments: [
    "^(a+)+$", "(a*)*b", #"(\w+\s?)+:"#, "(x|a+)*$", "((a+))+", "(?:a{2,})+", "(?<n>a+b?)*",
    "(a+?)+",
    #"([\]x]+)*"#, #"(\p{L}+)+!"#, "(?i:a+)+", "((?=x)a+)+", "(a*b*)*", #"(^a+\b)+"#, "((a+)?)+",
  ])
  func `a repetition that is repeated by itself`(pattern: String) throws {
    _ = try Regex(pattern)
    #expect(Backtracking.isEndless(pattern))
  }

  @Test(arguments: [
    "", "a+", "(a+)", #"(\w+ )+ready"#, #"(\d+,)*\d+"#, "(ab)+", "(a+b)+", "(a+){1,3}", "(a+)?",
    "(a++)+", "(?>a+)+", "(?=a+)+x", #"\(a+\)+"#, "[(a+)]+", "(a|b)+", "a{2}b{3,}", "(a{1,2})+",
    "listening on .*:[0-9]+", #"\[.*?\] (INFO|WARN)+ .*ready"#, "(?<a>x+y)+", "x{", "a|b+|",
  ])
  func `what is repeated with something between, or only once`(pattern: String) {
    #expect(!Backtracking.isEndless(pattern))
  }

  @Test(arguments: [
    "(", ")", "(?", "(?<", "[", "\\", "a{2", "(((", "|||", "+", "(*)", "(a+)+)", "\\p{",
  ])
  func `what is no expression ends, too`(pattern: String) {
    _ = Backtracking.isEndless(pattern)
  }
}
