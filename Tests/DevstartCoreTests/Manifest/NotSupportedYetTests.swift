import DevstartCore
import Testing

@Suite struct NotSupportedYetTests {
  @Test(arguments: [
    ("live", #"{"http": "http://localhost:1/x", "status": 204, "failures": 2}"#),
    ("live", #"{"exec": ["x"], "interval": "1s", "timeout": "1s"}"#), ("heartbeat", #""30s""#),
    ("restart", #""always""#), ("restart", #"{"policy": "on-failure", "within": "60s"}"#),
    ("limits", #"{"maxRuntime": "24h", "memory": "2GB", "cpu": 80.5, "onExceed": "stop"}"#),
    ("watch", #"{"paths": ["src/**"], "debounce": "300ms", "signal": "HUP"}"#),
    ("hooks", #"{"ready": "say hi", "failed": ["x"]}"#),
    ("log", #"{"maxSize": "1MiB", "keep": 3}"#),
    ("image", #""alpine""#), ("health", #"{"port": 9091}"#),
  ])
  func `a feature that comes later is checked and reported`(key: String, value: String) {
    #expect(
      words("\"\(key)\": \(value)") == [
        "services.a.\(key): not supported yet by this version; remove it"
      ])
  }

  @Test(arguments: [
    #""http": "http://127.0.0.1:8000/health", "status": 200"#, #""http": "http://[::1]:80""#,
    #""exec": ["pg_isready"]"#, #""log": "ready on \\d+""#, #""notify": true"#,
  ])
  func `a check that comes later is reported at its own key`(check: String) {
    let found = words(#""ready": {\#(check), "timeout": "1s"}"#)
    #expect(found.count == 1 && found[0].hasSuffix("not supported yet by this version; remove it"))
    #expect(found[0].hasPrefix("services.a.ready."))
  }

  @Test(arguments: [
    #""live": {}"#, #""live": {"tcp": 0}"#, #""live": {"delay": "1s"}"#,
    #""live": {"http": "https://example.org"}"#, #""live": {"notify": false}"#,
    #""heartbeat": 30"#, #""heartbeat": "0s""#, #""limits": {"memory": "2XB"}"#,
    #""limits": {"cpu": 0}"#, #""limits": {"samples": 0}"#, #""limits": {"onExceed": "explode"}"#,
    #""watch": {}"#, #""watch": {"paths": "x"}"#, #""hooks": {"ready": []}"#,
    #""log": {"keep": -1}"#, #""image": """#, #""health": {}"#,
    #""health": {"port": 1, "host": "example.org"}"#,
  ])
  func `its shape is checked all the same`(members: String) {
    #expect(words(members).count >= 2)
  }

  @Test func `restart never needs no support`() throws {
    _ = try service(#""restart": "never""#)
    #expect(words(#""restart": {"max": 1}"#) == [#"services.a.restart: "policy" is missing"#])
    #expect(words(#""restart": "sometimes""#).count == 1)
  }

  @Test func `the project's endpoint comes later too`() {
    #expect(
      problems(#"{"health": {"port": 9090, "host": "127.0.0.1"}, "services": {}}"#) == [
        "devstart.json:1:2: health: not supported yet by this version; remove it"
      ])
  }
}
