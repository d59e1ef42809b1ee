import DevstartCore
import Testing

@Suite struct TargetNamesTests {
  private func names(_ manifest: String, local: String? = nil) -> [String] {
    TargetNames.of(manifest: Array(manifest.utf8), local: local.map { Array($0.utf8) })
  }

  @Test func `services, categories and all are targets, also of a manifest with mistakes`() {
    let manifest = """
      { // half written
        "defaults": {"category": "mine"},
        "services": {
          "bot": {"category": ["workers", "bot"], "stopp": 3},
          "api": {"category": "workers", "env": {"A": "${UNSET}"}}, "db": 7,
        },
      }
      """
    #expect(names(manifest) == ["bot", "api", "db", "mine", "workers", "all"])
    #expect(
      names(manifest, local: #"{"services": {"extra": {}}}"#)
        == ["bot", "api", "db", "extra", "mine", "workers", "all"])
    #expect(names(manifest, local: "{").count == 6)
  }

  @Test func `what is no manifest has none, or all alone`() {
    #expect(names("") == [] && names("{\"services\": {\"bot\"") == [])
    #expect(names("[]") == ["all"] && names(#"{"services": []}"#) == ["all"])
  }

  @Test func `what a shell would expand is no name`() {
    let manifest = #"""
      {"services": {"$(touch x)": {"category": "`id`"}, "a b": {}, "-f": {}, "a;b": {}, "*": {}}}
      """#
    #expect(names(manifest) == ["all"])
  }
}
