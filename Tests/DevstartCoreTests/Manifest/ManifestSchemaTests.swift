import DevstartCore
import Testing

@Suite struct ManifestSchemaTests {
  @Test func `the schema knows exactly the keys of the decoder`() throws {
    let definitions = try #require(ManifestSchema.json["$defs"])
    let service = try keys(of: definitions["service"])
    #expect(try keys(of: ManifestSchema.json) == ManifestKey.allCases.map(\.rawValue))
    #expect(service == ServiceKey.allCases.map(\.rawValue))
    #expect(try keys(of: definitions["defaults"]) == service.filter { $0 != "command" })
    let nested = try #require(definitions["service"]?["properties"])
    #expect(try keys(of: nested["ready"]) == ReadyKey.allCases.map(\.rawValue))
    #expect(try keys(of: nested["stop"]) == StopKey.allCases.map(\.rawValue))
    #expect(try keys(of: nested["limits"]) == LimitsKey.allCases.map(\.rawValue))
  }

  /// The other half: a key of the schema is one that the decoder takes.
  @Test func `no key of the schema is unknown to the decoder`() throws {
    let service = try keys(of: ManifestSchema.json["$defs"]?["service"])
    for key in service {
      #expect(!words("\"\(key)\": null").contains { $0.contains("unknown key") })
    }
  }

  @Test func `the schema is JSON that comes back as it was`() throws {
    let text = ManifestSchema.json.indentedText
    #expect(try JSON.parse(Array(text.utf8)) == ManifestSchema.json)
  }

  private func keys(of schema: JSON?) throws -> [String] {
    try #require(schema?["properties"]?.members).map(\.key)
  }
}
