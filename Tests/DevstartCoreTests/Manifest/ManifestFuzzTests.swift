import DevstartCore
import Testing

/// SplitMix64: the same garbage in every run.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

@Suite struct ManifestFuzzTests {
  static let pieces: [String] =
    ServiceKey.allCases.map { "\"\($0.rawValue)\":" }
    + ReadyKey.allCases.map { "\"\($0.rawValue)\":" }
    + [
      "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u12", "\\ud800", "//", "/*", "*/", "\n", "é",
      "1", "-1", "1e999", "0.5", "true", "null", "\"5s\"", "\"TERM\"", "\"${A\"", "\"$${A}\"",
      "\"services\":", "\"defaults\":", "{\"services\":{\"a\":{", "\"command\":\"x\",", "\"(\"",
    ]

  @Test func `garbage is decoded or refused, and never crashes`() {
    var generator = SeededGenerator(state: 7)
    var refused = 0
    for _ in 0..<10_000 {
      let count = Int.random(in: 0..<24, using: &generator)
      let text = (0..<count).compactMap { _ in Self.pieces.randomElement(using: &generator) }
      if !problems(text.joined()).isEmpty { refused += 1 }
    }
    #expect(refused == 10_000)
  }

  @Test func `a manifest with a broken byte is decoded or refused, and never crashes`() throws {
    let whole = Array(
      """
      {"env": {"A": "${HOME:-x}"}, "services": {"a": {"command": ["a"], "match": {"regex": "abc"},
       "dependsOn": ["b"], "stop": {"timeout": "1s"}}, "b": {"command": "b 'c'", "ports": [80]}}}
      """.utf8)
    var generator = SeededGenerator(state: 8)
    var accepted = 0
    for _ in 0..<10_000 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        bytes[Int.random(in: bytes.indices, using: &generator)] = .random(
          in: 0...255, using: &generator)
      }
      let source = ManifestSource(
        manifest: .init(displayPath: "devstart.json", bytes: bytes), path: "/devstart.json",
        environment: { _ in nil }, envFile: { _ in .failure(.missing) })
      do {
        accepted += try source.decode().services.isEmpty ? 0 : 1
      } catch {
        let known = error.list.allSatisfy { $0.line >= 1 && $0.column >= 1 }
        #expect(known && !error.list.isEmpty)
      }
    }
    #expect((1..<10_000).contains(accepted))
  }

  @Test func `nesting of any depth is refused, not followed`() {
    for opening in ["[", "{\"services\":", "{\"a\":["] {
      #expect(problems(String(repeating: opening, count: 50_000)).count == 1)
    }
  }
}
