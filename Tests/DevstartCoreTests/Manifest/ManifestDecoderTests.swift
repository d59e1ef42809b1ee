import DevstartCore
import Testing

@Suite struct ManifestDecoderTests {
  @Test func `the smallest manifest gets every default`() throws {
    let manifest = try decode(#"{"services": {"bot": {"command": ["python3", "-m", "bot"]}}}"#)
    #expect(manifest.name == "project")
    #expect(manifest.folder == "/project")
    #expect(manifest.logs == "/project/logs")
    let expected = Service(
      name: "bot", command: .arguments(["python3", "-m", "bot"]), workingDirectory: "/project",
      match: [.command(["python3", "-m", "bot"])], readiness: .byDefault(ports: []))
    #expect(manifest.services == [expected])
    #expect(expected.spare == MatchRule.sparedByDefault)
  }

  @Test func `a service is taken as it is written`() throws {
    let service = try service(
      """
      "category": ["web", "core"], "cwd": "../x/./y", "matchScope": "user", "onConflict": "keep",
      "ports": [8000, 8001], "oneshot": true, "autostart": false, "stdin": "open",
      "stop": {"signal": "SIGINT", "timeout": "0s", "scope": "main", "command": "bye"},
      "match": ["apps.bot", {"regex": "serve --n.w"}, {"exe": "python3", "args": ["-m", "b"]}],
      "spare": "helper", "restart": {"policy": "never", "max": 3}, /* comment */
      """)
    #expect(service.categories == ["web", "core"])
    #expect(service.workingDirectory == "/x/y")
    #expect(service.matchScope == .user && service.onConflict == .keep)
    #expect(service.isOneshot && !service.startsAutomatically && service.standardInput == .open)
    #expect(service.stop.signal == .interrupt && service.stop.timeout == .zero)
    #expect(service.stop.scope == .main && service.stop.command == .shell("bye"))
    #expect(
      service.match == [
        .argument(containing: "apps.bot", program: "serve"), .pattern("serve --n.w"),
        .program("python3", arguments: ["-m", "b"]),
      ])
    #expect(service.spare == [.argument(containing: "helper", program: nil)])
    #expect(service.readiness == Readiness(check: .probe(.listening([8000, 8001]))))
  }

  @Test(arguments: [
    (#""ready": {"tcp": 8000}"#, Readiness(check: .probe(.listening([8000])))),
    (#""ready": {"delay": "0s"}"#, Readiness(check: .delay(.zero, chosen: true))),
    (
      #""ports": [1], "ready": {"timeout": "1m", "interval": "5ms"}"#,
      Readiness(check: .probe(.listening([1])), timeout: .seconds(60), interval: .milliseconds(5))
    ),
    (#""ready": {}"#, Readiness(check: .delay(.milliseconds(200), chosen: false))),
  ])
  func `ready becomes a check`(members: String, expected: Readiness) throws {
    #expect(try service(members).readiness == expected)
  }

  @Test func `paths are absolute and the home folder is put in`() throws {
    #expect(try service(#""cwd": "~/x""#).workingDirectory == "/home/me/x")
    #expect(try service(#""cwd": "~""#).workingDirectory == "/home/me")
    #expect(try service(#""cwd": "/a//b/../c/""#).workingDirectory == "/a/c")
    #expect(words(#""cwd": "~/x""#).count == 1)
    #expect(try decode(#"{"logs": "var/log", "services": {}}"#).logs == "/project/var/log")
  }

  @Test func `defaults are overridden key by key and env is merged`() throws {
    let manifest = try decode(
      """
      {"env": {"A": "global", "B": "global", "C": "global"},
       "defaults": {"env": {"B": "default", "C": "default"}, "stop": {"timeout": "1s"},
                    "dependsOn": ["db"], "onConflict": "fail", "ports": [1]},
       "services": {"db": {"command": "db"},
                    "api": {"command": "api", "env": {"C": "own"}, "stop": {"signal": "INT"},
                            "ports": [2]}}}
      """)
    let api = try #require(manifest["api"])
    #expect(api.environment == ["A": "global", "B": "default", "C": "own"])
    #expect(api.stop.signal == .interrupt && api.stop.timeout == .seconds(10))
    #expect(api.onConflict == .fail && api.readiness.check == .probe(.listening([2])))
    #expect(api.dependsOn == [Dependency(service: "db", condition: .ready)])
    #expect(manifest["db"]?.dependsOn == [])
    #expect(manifest["db"]?.stop.timeout == .seconds(1))
  }

  @Test func `dependencies are a list or an object`() throws {
    let manifest = try decode(
      """
      {"services": {"a": {"command": "a"}, "b": {"command": "b", "dependsOn": ["a"]},
       "c": {"command": "c", "dependsOn": {"a": "completed", "b": "started"}}}}
      """)
    #expect(manifest["b"]?.dependsOn == [Dependency(service: "a", condition: .ready)])
    #expect(
      manifest["c"]?.dependsOn == [
        Dependency(service: "a", condition: .completed),
        Dependency(service: "b", condition: .started),
      ])
  }

  @Test func `the local file is merged over the manifest`() throws {
    let manifest = try decode(
      #"{"services": {"a": {"command": "a", "env": {"X": "1", "Y": "1"}, "ports": [1, 2]}}}"#,
      local: #"{"name": "mine", "services": {"a": {"env": {"Y": 2}, "ports": [3]}}}"#)
    #expect(manifest.name == "mine")
    #expect(manifest["a"]?.environment == ["X": "1", "Y": "2"])
    #expect(manifest["a"]?.ports == [3])
  }

  @Test func `a category may be called as the only service that it holds`() throws {
    #expect(try service(#""category": "a""#).categories == ["a"])
  }

  @Test func `a hundred services are decoded with one problem for what defaults say wrong`() {
    let services = (0..<100).map { #""s\#($0)": {"command": "x"}"# }.joined(separator: ",")
    #expect(
      problems(#"{"defaults": {"dependsOn": ["nobody"]}, "services": {\#(services)}}"#) == [
        #"devstart.json:1:29: defaults.dependsOn[0]: there is no service "nobody""#
      ])
  }

  @Test func `what a list names twice is meant once`() throws {
    let manifest = try decode(
      #"""
      {"services": {"db": {"command": "x"},
        "a": {"command": "x", "dependsOn": ["db", "db"], "ports": [2, 1, 2], "category": ["c", "c"]}}}
      """#)
    let service = try #require(manifest["a"])
    #expect(service.dependsOn == [Dependency(service: "db", condition: .ready)])
    #expect(service.ports == [2, 1] && service.categories == ["c"])
    #expect(service.readiness.check == .probe(.listening([2, 1])))
  }
}
