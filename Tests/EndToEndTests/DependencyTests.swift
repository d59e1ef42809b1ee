import DevstartCore
import TestSupport
import Testing

@Suite(.waitsForProcesses) struct DependencyTests {
  /// db ← api ← web, as `dependsOn` says it.
  static func chain(_ db: JSON = .service("trap", "TERM")) -> JSON {
    [
      "web": .service("trap", "TERM", with: ["dependsOn": ["api"]]),
      "api": .service("trap", "TERM", with: ["dependsOn": ["db"]]), "db": db,
    ]
  }

  @Test func `launch is in the order of dependencies, stop in the reverse`() throws {
    // Start times are counted in hundredths of a second.
    var services = Self.chain()
    for name in ["db", "api", "web"] {
      var service = try #require(services[name])
      service.set("ready", ["delay": "20ms"])
      services.set(name, service)
    }
    try withProject(services) { project in
      try project.run("start", "web", exits: 0)
      let launches = try ["db", "api", "web"].map {
        try #require(try project.service($0)["startedAt"]?.string)
      }
      #expect(launches == launches.sorted() && Set(launches).count == 3, "\(launches)")
      try project.waitForRecord("settled", count: 3)
      try project.run("stop", exits: 0)
      let stops = project.records("got-TERM").map(\.pid)
      #expect(stops == ["web", "api", "db"].compactMap { project.records($0).first?.pid })
    }
  }

  @Test func `a dependant waits until its dependency is ready`() throws {
    let port = Ports.free()
    try withProject { project in
      let gate = Gate("\(project.base)/gate")
      try project.write(
        Self.chain(.service("gate", gate.path, "listen", String(port), ports: [port])))
      let start = try project.spawn("start", "web")
      try project.waitForRecord("db")
      try eventually("web waits") { try project.state(of: "web") == "waiting" }
      #expect(project.records("api").isEmpty)
      gate.open()
      #expect(try start.wait().status == 0)
      try project.run("stop", exits: 0)
    }
  }

  @Test func `«started» does not wait for readiness, «completed» waits for the end`() throws {
    try withProject { project in
      let gate = Gate("\(project.base)/gate")
      let slow: JSON = ["delay": "1500ms"]
      try project.write([
        "slow": .service("sleep", with: ["ready": slow]),
        "migrate": .service("gate", gate.path, "exit", "0", with: ["oneshot": true]),
        "early": .service("sleep", with: ["dependsOn": ["slow": "started"]]),
        "late": .service("sleep", with: ["dependsOn": ["migrate": "completed"]]),
      ])
      let start = try project.spawn("start", "early", "late")
      try project.waitForRecord("early")
      try #expect(project.state(of: "slow") == "starting")
      try project.waitForRecord("migrate")
      #expect(project.records("late").isEmpty)
      gate.open()
      try project.waitForRecord("late")
      #expect(try start.wait().status == 0)
      try project.run("stop", exits: 0)
    }
  }

  @Test func `a failed dependency is named with the whole chain, and nothing on it starts`() throws
  {
    try withProject(Self.chain(.service("exit", "4", with: ["ready": ["delay": "10s"]]))) {
      project in
      let start = try project.run("start", "web", exits: 1)
      for name in ["web", "api", "db"] { #expect(start.output.contains(name), "\(start.output)") }
      #expect(start.output.contains("needs api: needs db"), "\(start.output)")
      #expect(project.records("api").isEmpty && project.records("web").isEmpty)
      let json = try project.json("start", "web", exits: 1)
      #expect(json["services"]?[named: "db"]?["result"]?.string == "failed")
      #expect(json["services"]?[named: "web"]?["result"]?.string == "skipped")
    }
  }

  @Test func `--no-deps starts what is named alone`() throws {
    try withProject(Self.chain()) { project in
      try project.run("start", "api", "--no-deps", exits: 0)
      #expect(project.records("db").isEmpty)
      project.expectExactlyOne("api")
      try project.run("stop", exits: 0)
    }
  }

  @Test func `a dependency that is up is kept, and restart leaves dependants up`() throws {
    try withProject(Self.chain()) { project in
      try project.run("start", "web", exits: 0)
      let (db, web) = (try project.main(of: "db"), try project.main(of: "web"))
      try project.run("start", "api", exits: 0)
      #expect(db.isAlive && web.isAlive)
      let api = try project.main(of: "api")
      try project.run("restart", "db", exits: 0)
      #expect(!db.isAlive && api.isAlive && web.isAlive)
      for name in ["db", "api", "web"] { project.expectExactlyOne(name) }
      try project.run("stop", exits: 0)
    }
  }

  @Test func `services that depend on nothing start and stop at once`() throws {
    var services: JSON = [:]
    for index in 0..<10 {
      services.set(
        "s\(index)",
        .service(
          "ignore", "TERM",
          with: ["ready": ["delay": "300ms"], "stop": ["timeout": "300ms"]]))
    }
    try withProject(services) { project in
      for command in ["start", "stop"] {
        let result = try project.run(command, exits: 0)
        #expect(result.duration < .seconds(2))
      }
    }
  }

  @Test func `a cycle and a dependency that is nowhere are shown`() throws {
    let services: JSON = [
      "a": .service("sleep", with: ["dependsOn": ["b"]]),
      "b": .service("sleep", with: ["dependsOn": ["c"]]),
      "c": .service("sleep", with: ["dependsOn": ["a"]]),
      "d": .service("sleep", with: ["dependsOn": ["bb"]]),
    ]
    try withProject(services) { project in
      let check = try project.run("check", exits: 2)
      #expect(check.stderr.contains("a → b → c → a") || check.stderr.contains("a -> b -> c -> a"))
      #expect(check.stderr.contains("bb"))
      try project.run("start", exits: 2)
      #expect(project.records.isEmpty)
    }
  }
}
