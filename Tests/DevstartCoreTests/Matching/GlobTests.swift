import DevstartCore
import TestSupport
import Testing

@Suite struct GlobTests {
  static let fits: [(pattern: String, path: String)] = [
    ("*.py", "x.py"), ("*", ".hidden"), ("?", "é"), ("a?c", "abc"), ("[a-c]x", "bx"),
    ("[!a-c]x", "dx"), ("[^a-c]x", "dx"), ("[]]", "]"), ("[a-]", "-"), ("[a\\]b]", "]"),
    ("src/**/*.py", "src/x.py"), ("src/**/*.py", "src/a/b/x.py"), ("**", "a/b"), ("**/x", "x"),
    ("**/x", "a/b/x"), ("a/**", "a/b/c"), ("a/**/b", "a/b"), ("**/**/x", "x"), ("a**b", "axb"),
    ("{a,b}", "b"), ("{a,b}c{d,e}", "bce"), ("x{,y}", "x"), ("{a,{b,c}d}", "cd"), ("{a}", "a"),
    ("{src,lib/x}/*.c", "lib/x/y.c"), ("{src/**,lib}", "src/a/b"), ("a{/,/b/}**", "a/b/c"),
    ("\\*", "*"), ("\\{a", "{a"), ("a,b}", "a,b}"), ("日本*", "日本語"), ("\\", "\\"),
  ]

  static let misses: [(pattern: String, path: String)] = [
    ("*.py", "a/x.py"), ("a?c", "a/c"), ("[!a]", "/"), ("a[!x]b", "a/b"), ("a/**", "a"),
    ("a**b", "a/b"), ("src/**/*.py", "srcx/x.py"), ("src/**/*.py", "src/x.pyc"), ("**/x", "ax"),
    ("{a,b}", "ab"), ("\\*", "x"), ("[c-a]", "b"), ("a", "a/b"), ("***", "a/b"),
  ]

  @Test(arguments: fits) func `a glob fits`(pattern: String, path: String) throws {
    #expect(try Glob(pattern).fit(path.unicodeScalars).isWhole)
  }

  @Test(arguments: misses) func `a glob does not fit`(pattern: String, path: String) throws {
    #expect(try !Glob(pattern).fit(path.unicodeScalars).isWhole)
  }

  @Test func `a folder below which something may fit is told from others`() throws {
    let glob = try Glob("src/*/{a,b}/**/*.py")
    for (path, may) in [
      ("src", true), ("src/x", true), ("src/x/a", true), ("src/x/a/deep/er", true),
      ("src/x/c", false), ("lib", false), ("srcx", false),
    ] {
      #expect(glob.fit(path.unicodeScalars).mayHoldFits == may, "\(path)")
    }
    let below = try Glob("a/b").fit("a/b/c/d".unicodeScalars)
    #expect(below.isBelow && !below.isWhole && !below.mayHoldFits)
  }

  @Test func `what is no glob is refused with the reason`() {
    func problem(_ pattern: String) -> GlobProblem? {
      #expect(throws: GlobProblem.self) { try Glob(pattern) }
    }
    #expect(problem("") == .empty)
    #expect(problem("a[b") == .unclosed("["))
    #expect(problem("[]") == .unclosed("["))
    #expect(problem("a{b,c") == .unclosed("{"))
    #expect(problem(String(repeating: "{", count: 17)) == .tooDeep)
    #expect(problem(String(repeating: "a", count: 4097)) == .tooLong)
    #expect(problem("{src/**,lib}/x") == .misplacedGlobstar)
    #expect(problem("{a/,b}**") == .misplacedGlobstar)
  }

  @Test func `a hostile pattern takes no longer than its size explains`() throws {
    let path = String(repeating: "a", count: 1000)
    let patterns = [
      String(repeating: "*a", count: 500) + "b",
      String(repeating: "{a,aa,*}", count: 200) + "b",
      String(repeating: "**/", count: 300) + "b",
      String(repeating: "{", count: 16) + "*" + String(repeating: ",*}", count: 16) + "b",
    ]
    let began = ContinuousClock.now
    for pattern in patterns { #expect(try !Glob(pattern).fit(path.unicodeScalars).isWhole) }
    // Backtracking would need longer than the universe has.
    #expect(ContinuousClock.now - began < .seconds(60))
  }

  @Test func `random globs fit what a slow and simple matcher says`() {
    var generator = SeededRandom(seed: 11)
    let pieces = ["a", "b", "*", "**", "/", "?", "[ab]", "[!a]", "{", ",", "}", "/**/", "\\*"]
    let letters = ["a", "b", "/", "*", "ab", "a/b"]
    var (compared, whole) = (0, 0)
    for _ in 0..<30_000 {
      let pattern = Self.random(pieces, 1...7, &generator)
      guard let glob = Result(catching: { () throws(GlobProblem) in try Glob(pattern) }).value
      else { continue }
      let expanded = SlowGlob.expanded(pattern)
      for _ in 0..<4 {
        let path = Self.random(letters, 1...5, &generator)
        let isWhole = glob.fit(path.unicodeScalars).isWhole
        let expected = expanded.contains { SlowGlob.fits(path, $0) }
        #expect(isWhole == expected, "«\(pattern)» with «\(path)»")
        compared += 1
        if isWhole { whole += 1 }
      }
    }
    #expect(compared > 50_000)
    #expect(whole > 3_000)
  }

  private static func random(
    _ pieces: [String], _ count: ClosedRange<Int>, _ generator: inout SeededRandom
  ) -> String {
    (0..<Int.random(in: count, using: &generator))
      .map { _ in pieces[Int.random(in: 0..<pieces.count, using: &generator)] }.joined()
  }
}

extension Result {
  fileprivate var value: Success? {
    switch self {
    case .success(let value): value
    case .failure: nil
    }
  }
}
