import DevstartCore
import Testing

@Suite struct NotSupportedYetTests {
  @Test(arguments: [("health", #"{"port": 9091}"#)])
  func `a feature that comes later is checked and reported`(key: String, value: String) {
    #expect(
      words("\"\(key)\": \(value)") == [
        "services.a.\(key): not supported yet by this version; remove it"
      ])
  }

  @Test(arguments: [
    #""health": {}"#, #""health": {"port": 1, "host": "example.org"}"#,
  ])
  func `its shape is checked all the same`(members: String) {
    #expect(words(members).count >= 2)
  }

  @Test func `the project's endpoint comes later too`() {
    #expect(
      problems(#"{"health": {"port": 9090, "host": "127.0.0.1"}, "services": {}}"#) == [
        "devstart.json:1:2: health: not supported yet by this version; remove it"
      ])
  }
}
