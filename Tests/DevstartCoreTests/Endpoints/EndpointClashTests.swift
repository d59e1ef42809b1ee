import DevstartCore
import Testing

@Suite struct EndpointClashTests {
  private func clashes(_ services: String, top: String = "") throws -> [String] {
    let manifest = try decode("{\(top) \"services\": {\(services)}}")
    return manifest.endpointClashes(of: manifest.services).map { clash in
      let other =
        switch clash.other {
        case .service(let name): name
        case .endpoint(let owner): Words.endpoint(owner)
        }
      return "\(Words.endpoint(clash.owner)), \(clash.port): \(other)"
    }
  }

  @Test func `an endpoint on a port that a service listens on is never served`() throws {
    let services = #""a": {"command": "a", "ports": [1, 2], "health": {"port": 2}}"#
    #expect(try clashes(services) == ["the endpoint of a, 2: a"])
    #expect(
      try clashes(services, top: #""health": {"port": 1},"#) == [
        "the project's endpoint, 1: a", "the endpoint of a, 2: a",
      ])
    let two = #""a": {"command": "a", "ports": [1]}, "b": {"command": "b", "health": {"port": 1}}"#
    #expect(try clashes(two) == ["the endpoint of b, 1: a"])
  }

  @Test func `of two endpoints on one port the second is named`() throws {
    let services =
      #""a": {"command": "a", "health": {"port": 1}}, "b": {"command": "b", "health": {"port": 1}}"#
    #expect(try clashes(services) == ["the endpoint of b, 1: the endpoint of a"])
    #expect(
      try clashes(services, top: #""health": {"port": 1},"#) == [
        "the endpoint of a, 1: the project's endpoint",
        "the endpoint of b, 1: the project's endpoint",
      ])
    #expect(try clashes(services, top: #""health": {"port": 2},"#).count == 1)
  }

  @Test(arguments: [
    ("127.0.0.1", "127.0.0.2", false), ("127.0.0.1", "::1", false), ("127.0.0.1", "::", false),
    ("127.0.0.1", "localhost", true), ("localhost", "::1", true), ("0.0.0.0", "10.1.1.1", true),
    ("::1", "::", true), ("10.1.1.1", "0.0.0.0", true),
  ])
  func `addresses that differ keep them apart`(one: String, two: String, meets: Bool) throws {
    let services = """
      "a": {"command": "a", "health": {"port": 1, "host": "\(one)"}},
      "b": {"command": "b", "health": {"port": 1, "host": "\(two)"}}
      """
    #expect(try clashes(services).isEmpty != meets)
  }

  @Test func `services that take turns may have one port`() throws {
    let turns = """
      "a": {"command": "a", "health": {"port": 1}, "ports": [2]},
      "b": {"command": "b", "health": {"port": 1}, "autostart": false},
      "c": {"command": "c", "health": {"port": 2}, "autostart": false}
      """
    #expect(try clashes(turns).isEmpty)
    let needed = turns + #", "d": {"command": "d", "dependsOn": ["b"]}"#
    #expect(try clashes(needed) == ["the endpoint of b, 1: the endpoint of a"])
  }
}
