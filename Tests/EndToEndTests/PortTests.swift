import DevstartCore
import TestSupport
import Testing

@Suite(.waitsForProcesses) struct PortTests {
  @Test func `a stranger's port is an error that names it before anything starts`() throws {
    let port = Ports.free()
    try withProject { project in
      let stranger = try project.startFixture(["listen", String(port)], in: "/")
      try project.write([
        "api": .service("listen", String(port), ports: [port]), "bot": .service("sleep"),
      ])
      let start = try project.run("start", "all", exits: 1)
      #expect(start.stderr.contains(String(port)) && start.stderr.contains("api"))
      #expect(start.stderr.contains(String(stranger.pid)))
      #expect(start.stderr.contains("devstart-fixture"), "its command")
      #expect(start.stderr.contains(Build.isRoot ? "root" : "user"), "its user")
      #expect(project.records("api").isEmpty && project.records("bot").isEmpty)
      #expect(stranger.isAlive)
    }
  }

  @Test func `a service's own stray on its port is swept`() throws {
    let port = Ports.free()
    try withProject { project in
      let words = ["record", "api", "listen", String(port)]
      try project.write(["api": .service("listen", String(port), ports: [port])])
      let stray = try project.startByHand(Build.fixture, [Build.fixture] + words)
      let start = try project.json("start", exits: 0)
      #expect(!stray.isAlive)
      let found = try #require(start["strays"]?["found"]?.array)
      #expect(found.map { $0["pid"]?.integer } == [Int(stray.pid)])
      #expect(found.first?["service"]?.string == "api")
      #expect(start["strays"]?["ended"]?.array?.first?["signal"]?.string == "TERM")
      try project.run("stop", exits: 0)
    }
  }

  @Test func `a port held by another service of the project is named`() throws {
    let port = Ports.free()
    let services: JSON = [
      "one": .service("listen", String(port), ports: [port]),
      "two": .service("listen", String(port), ports: [port]),
    ]
    try withProject(services) { project in
      try project.run("start", "one", exits: 0)
      let start = try project.spawn("start", "two").wait()
      #expect(start.status == 1 || start.status == 2)
      #expect(start.stderr.contains("one") && start.stderr.contains(String(port)))
      project.expectExactlyOne("one")
      try project.run("stop", exits: 0)
    }
  }

  @Test func `a restart waits until its own port is free`() throws {
    let port = Ports.free()
    let services: JSON = [
      "api": .service(
        "child", "{", "ignore", "TERM", "listen", String(port), "}", ports: [port],
        with: ["stop": ["timeout": "300ms"]])
    ]
    try withProject(services) { project in
      try project.run("start", exits: 0)
      for _ in 0..<3 { try project.run("restart", exits: 0) }
      project.expectExactlyOne("api")
      try project.run("stop", exits: 0)
      #expect(!Ports.isTaken(port))
    }
  }

  @Test func `a port of 70000 is a mistake in the manifest`() throws {
    try withProject(["api": .service("sleep", with: ["ports": [70000]])]) { project in
      let start = try project.run("start", exits: 2)
      #expect(start.stderr.contains("70000"))
    }
  }
}
