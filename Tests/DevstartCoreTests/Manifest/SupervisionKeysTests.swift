import DevstartCore
import Testing

@Suite struct SupervisionKeysTests {
  @Test(arguments: [
    (#""tcp": 80"#, Readiness.Check.probe(.listening([80]))),
    (
      #""http": "http://127.0.0.1:8000/health", "status": 204"#,
      .probe(.http("http://127.0.0.1:8000/health", status: 204))
    ),
    (#""http": "http://[::1]:80""#, .probe(.http("http://[::1]:80", status: nil))),
    (#""exec": ["pg_isready"]"#, .probe(.command(.arguments(["pg_isready"])))),
    (#""log": "ready on \\d+""#, .log(#"ready on \d+"#)), (#""notify": true"#, .notify),
    (#""delay": "1s""#, .delay(.seconds(1), chosen: true)),
  ])
  func `every readiness check is decoded, and travels`(
    members: String, check: Readiness.Check
  ) throws {
    let decoded = try service(#""ready": {\#(members), "timeout": "3s"}"#)
    #expect(decoded.readiness == Readiness(check: check, timeout: .seconds(3)))
    #expect(try Service(json: decoded.json) == decoded)
  }

  @Test func `everything about a service's life is decoded, and travels`() throws {
    let decoded = try service(
      #"""
      "live": {"http": "http://localhost:1/x", "status": 204, "interval": "2s", "timeout": "1s",
        "failures": 2},
      "heartbeat": "30s",
      "restart": {"policy": "on-failure", "max": 2, "within": "10s", "backoff": "0s",
        "maxBackoff": "1s"},
      "limits": {"maxRuntime": "24h", "memory": "2GB", "cpu": 80.5, "samples": 3, "every": "1s",
        "onExceed": "restart"},
      "watch": {"paths": ["src/**"], "ignore": ["*.o"], "debounce": "0s", "signal": "HUP"},
      "hooks": {"ready": "say hi", "failed": ["x"], "stopped": "y", "restarted": "z"},
      "log": {"maxSize": "1MiB", "keep": 0}
      """#)
    #expect(decoded.liveness?.check == .probe(.http("http://localhost:1/x", status: 204)))
    #expect(decoded.liveness?.failures == 2 && decoded.liveness?.interval == .seconds(2))
    #expect(decoded.heartbeat == .seconds(30))
    #expect(decoded.restart.policy == .onFailure && decoded.restart.backoff == .zero)
    #expect(decoded.limits.cpu == 80.5 && decoded.limits.memory == 2 << 30)
    #expect(decoded.limits.onExceed == .restart && decoded.limits.samples == 3)
    #expect(decoded.watch?.signal == .hangUp && decoded.watch?.debounce == .zero)
    #expect(
      decoded.hooks[.failed] == .arguments(["x"]) && decoded.hooks[.ready] == .shell("say hi"))
    #expect(decoded.log.maxSize == 1 << 20 && decoded.log.keep == 0)
    #expect(try Service(json: decoded.json) == decoded)
  }

  @Test func `endpoints are decoded, for the project and for a service`() throws {
    let manifest = try decode(
      #"{"health": {"port": 9090, "host": "::1"}, "services": {"a": {"command": "x", "health": {"port": 9091}}}}"#
    )
    #expect(manifest.health?.port == 9090 && manifest.health?.host == "::1")
    #expect(manifest["a"]?.health == HealthEndpoint(port: 9091))
  }

  @Test(arguments: [
    #""health": {}"#, #""health": {"port": 1, "host": "example.org"}"#, #""health": {"port": 0}"#,
  ])
  func `an endpoint that makes no sense is a problem`(members: String) {
    #expect(words(members).count == 1)
  }

  @Test func `a restart is a policy's name, or all of it`() throws {
    #expect(try service(#""restart": "always""#).restart.policy == .always)
    let plain = try service(#""restart": "never""#)
    #expect(plain.restart == Restart())
    #expect(plain.restart.max == 5 && plain.restart.within == .seconds(60))
    #expect(words(#""restart": {"max": 1}"#) == [#"services.a.restart: "policy" is missing"#])
    #expect(words(#""restart": "sometimes""#).count == 1)
  }

  @Test(arguments: [
    #""live": {}"#, #""live": {"tcp": 0}"#, #""live": {"delay": "1s"}"#,
    #""live": {"http": "https://example.org"}"#, #""live": {"notify": false}"#,
    #""ready": {"tcp": 1, "status": 200}"#, #""heartbeat": 30"#, #""heartbeat": "0s""#,
    #""limits": {"memory": "2XB"}"#, #""limits": {"cpu": 0}"#, #""limits": {"samples": 0}"#,
    #""limits": {"onExceed": "explode"}"#, #""watch": {}"#, #""watch": {"paths": "x"}"#,
    #""watch": {"paths": []}"#, #""hooks": {"ready": []}"#, #""hooks": {"reddy": "x"}"#,
    #""log": {"keep": -1}"#,
  ])
  func `what is wrong is reported once or more`(members: String) {
    #expect(!words(members).isEmpty)
  }
}
