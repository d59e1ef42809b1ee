import DevstartCore
import Testing

@Suite struct TargetsTests {
  let manifest: Manifest

  init() throws {
    manifest = try decode(
      """
      {"services": {
        "api": {"command": "x", "category": ["web", "core"], "dependsOn": ["db", "cache"]},
        "db": {"command": "x", "category": "core"},
        "cache": {"command": "x", "dependsOn": ["net"]},
        "debug": {"command": "x", "category": ["web", "extra"], "autostart": false},
        "net": {"command": "x"}}}
      """)
  }

  private func names(_ targets: [String]) throws -> [String] {
    try manifest.resolve(targets: targets).map(\.name)
  }

  @Test func `no target is all, and all leaves out what does not start by itself`() throws {
    #expect(try names([]) == ["api", "db", "cache", "net"])
    #expect(try names(["all"]) == names([]))
  }

  @Test func `targets come in the manifest's order, each once`() throws {
    #expect(try names(["db", "web", "core", "db"]) == ["api", "db"])
    #expect(try names(["debug", "db"]) == ["db", "debug"])
  }

  @Test func `an unknown target names the nearest`() {
    #expect(throws: TargetProblem.unknown("cahce", nearest: "cache")) { try names(["cahce"]) }
    #expect(throws: TargetProblem.unknown("zzzz", nearest: nil)) { try names(["zzzz"]) }
  }

  @Test func `a category of nothing that starts by itself is a problem`() {
    let problem = #expect(throws: TargetProblem.self) { try names(["extra"]) }
    #expect(
      problem?.description
        == "'extra' stands for nothing: debug has \"autostart\": false; name the service itself")
  }

  @Test func `dependencies are launched first`() throws {
    let chosen = try manifest.resolve(targets: ["api"])
    #expect(manifest.launchOrder(of: chosen).map(\.name) == ["db", "net", "cache", "api"])
    #expect(manifest.dependencies(of: chosen).map(\.name) == ["db", "net", "cache"])
  }

  @Test func `a chain of ten thousand services is walked without end of the stack`() throws {
    let services = (0..<10_000).map {
      #""s\#($0)": {"command": "x"\#($0 < 9999 ? #", "dependsOn": ["s\#($0 + 1)"]"# : "")}"#
    }
    let long = try decode("{\"services\": {\(services.joined(separator: ","))}}")
    #expect(long.launchOrder(of: [long.services[0]]).count == 10_000)
  }
}
