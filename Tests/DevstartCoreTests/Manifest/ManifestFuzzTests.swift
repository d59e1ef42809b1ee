import DevstartCore
import TestSupport
import Testing

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
    let tally = Fuzzing.run(
      seed: 7,
      input: { random in
        let count = Int.random(in: 0..<24, using: &random)
        return (0..<count).flatMap { _ in
          Array((Self.pieces.randomElement(using: &random) ?? "").utf8)
        }
      },
      read: read, holds: isUnderstood)
    #expect(tally.read > 0)
  }

  @Test func `a manifest with a broken byte is decoded or refused, and never crashes`() throws {
    let whole = Array(
      """
      {"env": {"A": "${HOME:-x}"}, "services": {"a": {"command": ["a"], "match": {"regex": "abc"},
       "dependsOn": ["b"], "stop": {"timeout": "1s"}}, "b": {"command": "b 'c'", "ports": [80]}}}
      """.utf8)
    var accepted = 0
    Fuzzing.run(
      seed: 8, input: { whole.mutated(by: &$0) }, read: read,
      holds: { result, bytes in
        if case .success = result { accepted += 1 }
        return try isUnderstood(result, bytes)
      })
    #expect((1..<Fuzzing.count).contains(accepted))
  }

  private func read(_ bytes: [UInt8]) -> Result<Manifest, ManifestProblems> {
    let source = ManifestSource(
      manifest: .init(displayPath: "devstart.json", bytes: bytes), path: "/devstart.json",
      environment: { _ in nil }, envFile: { _ in .failure(.missing) })
    return Result { () throws(ManifestProblems) in try source.decode() }
  }

  /// What is accepted has services, which the supervisor reads as they are; what is refused is
  /// wrong at some place of the text.
  private func isUnderstood(
    _ result: Result<Manifest, ManifestProblems>, _ bytes: [UInt8]
  ) throws -> Bool {
    switch result {
    case .success(let manifest):
      return try !manifest.services.isEmpty
        && manifest.services.allSatisfy { service in
          try Service(json: try JSON.parse(service.json.bytes)) == service
        }
    case .failure(let problems):
      let lines = bytes.count { $0 == UInt8(ascii: "\n") } + 1
      return !problems.list.isEmpty
        && problems.list.allSatisfy { (1...lines).contains($0.line) && $0.column >= 1 }
    }
  }

  @Test func `nesting of any depth is refused, not followed`() {
    for opening in ["[", "{\"services\":", "{\"a\":["] {
      #expect(problems(String(repeating: opening, count: 50_000)).count == 1)
    }
  }
}
