import DevstartCore
import Glibc
import TestSupport
import Testing

/// What is seen of services from outside, by HTTP.
@Suite(.waitsForProcesses) struct EndpointTests {
  private func health(_ port: Int) -> JSON { ["port": JSON(port)] }

  @Test func `each page is there, on the project's port and on a service's own`() throws {
    let (own, all) = (Ports.free(), Ports.free())
    let services: JSON = [
      "bot": .service("sleep", with: ["health": health(own)]),
      "task": .service("exit", "0", with: ["oneshot": true]), "idle": .service("sleep"),
    ]
    try withProject(services, top: ["health": health(all)]) { project in
      try project.run("start", "bot", "task", exits: 0)
      let pid = try project.main(of: "bot").pid
      for (port, path) in [
        (own, "/health"), (own, "/ready"), (all, "/health"), (all, "/ready"),
        (all, "/services/bot/health"), (all, "/services/task/ready"),
      ] {
        let answer = try HTTPClient.get(port, path)
        let key = path.hasSuffix("health") ? "is_healthy" : "is_ready"
        #expect(answer.status == 200, "\(path): \(answer.body)")
        #expect(try JSON.parse(Array(answer.body.utf8)) == [key: true, "reason": nil] as JSON)
      }
      let metrics = try JSON.parse(Array(try HTTPClient.get(own, "/metrics").body.utf8))
      #expect(metrics["metrics"]?["pid"]?.integer == Int(pid))
      #expect(metrics.keys == ["metrics", "health", "runtime"])
      let whole = try JSON.parse(Array(try HTTPClient.get(all, "/metrics").body.utf8))
      #expect(whole["services"]?["bot"]?["metrics"]?["pid"]?.integer == Int(pid))
      #expect(whole["supervisor"]?["pid"]?.integer == project.supervisor.map { Int($0.pid) })
      let missing = try HTTPClient.get(all, "/services/nobody/health")
      #expect(missing.status == 404 && missing.body.contains("/services/bot/metrics"))
      #expect(try HTTPClient.get(own, "/services/bot/health").status == 404)
      try project.run("stop", exits: 0)
      #expect(!HTTPClient.isServed(own))
      eventually("the supervisor ends") { !HTTPClient.isServed(all) }
    }
  }

  @Test func `metrics are in the format that Accept asks for, and HEAD has their length`() throws {
    let port = Ports.free()
    try withProject(["bot": .service("sleep")], top: ["health": health(port)]) { project in
      try project.run("start", exits: 0)
      let text = try HTTPClient.get(port, "/metrics", "Accept: text/plain")
      #expect(text.fields["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
      #expect(text.body.contains("\ndevstart_service_up{service=\"bot\"} 1\n"))
      let open = try HTTPClient.get(port, "/metrics", "Accept: application/openmetrics-text")
      #expect(open.body.hasSuffix("\n# EOF\n"))
      let head = try HTTPClient.ask(port, "HEAD /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
      let get = try HTTPClient.get(port, "/health")
      #expect(head.status == 200 && head.body.isEmpty)
      #expect(head.fields["content-length"] == String(get.body.utf8.count))
      try project.run("stop", exits: 0)
    }
  }

  @Test func `a service that starts, is unhealthy, failed or stopped is not healthy`() throws {
    let port = Ports.free()
    try withProject { project in
      let (ready, alive) = (project.path("ready"), project.path("alive"))
      try Files.write("", to: alive)
      try project.write(
        [
          "bot": .service(
            "sleep",
            with: [
              "ready": ["exec": ["test", "-e", JSON(ready)]],
              "live": ["exec": ["test", "-e", JSON(alive)], "interval": "20ms", "failures": 1],
            ]),
          "other": .service("sleep"),
        ], top: ["health": health(port)])
      func expect(_ status: Int, _ words: String) throws {
        for path in ["/services/bot/health", "/services/bot/ready"] {
          let answer = try HTTPClient.get(port, path)
          #expect(answer.status == status && answer.body.contains(words), "\(answer.body)")
        }
      }
      try project.run("start", "--no-wait", exits: 0)
      try expect(503, "starting: waiting for")
      let whole = try HTTPClient.get(port, "/health")
      #expect(whole.status == 503 && whole.body.contains("bot: starting"))
      try Files.write("", to: ready)
      try project.run("wait", "bot", "--for", "ready", exits: 0)
      try expect(200, "null")
      Files.remove(alive)
      try eventually("it is unhealthy") { try project.state(of: "bot") == "unhealthy" }
      try expect(503, "unhealthy: ")
      try project.main(of: "bot").kill()
      try eventually("it failed") { try project.state(of: "bot") == "failed" }
      try expect(503, "failed: killed by KILL")
      try Files.write("", to: alive)
      try project.run("start", "bot", exits: 0)
      try project.run("stop", "bot", exits: 0)
      try expect(503, "stopped")
      #expect(try HTTPClient.get(port, "/health").status == 200, "as it was asked to be stopped")
      try project.run("stop", exits: 0)
    }
  }

  @Test func `what is no proper request for this address is refused`() throws {
    let port = Ports.free()
    try withProject(["bot": .service("sleep")], top: ["health": health(port)]) { project in
      try project.run("start", exits: 0)
      let host = "Host: 127.0.0.1\r\n"
      for (request, status) in [
        ("POST /health HTTP/1.1\r\n\(host)Content-Length: 3\r\n\r\nabc", 405),
        ("DELETE /health HTTP/1.1\r\n\(host)\r\n", 405),
        ("GET /health HTTP/1.1\r\n\(host)Content-Length: 3\r\n\r\nabc", 413),
        ("GET /health HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 413),
        ("GET /health HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421),
        ("GET http://evil.example/health HTTP/1.1\r\n\(host)\r\n", 421),
        ("GET /health HTTP/1.1\r\nHost: localhost:1\r\n\r\n", 200),
        ("GET http://localhost/health HTTP/1.1\r\nHost: x\r\n\r\n", 200),
        ("GET /health HTTP/1.1\r\n\r\n", 400), ("GET /health HTTP/3.0\r\n\r\n", 505),
        ("\u{16}\u{3}\u{1}\u{2}hello", 400),
        ("GET /\(String(repeating: "a", count: 2000)) HTTP/1.1\r\n\r\n", 414),
        ("GET / HTTP/1.1\r\nCookie: \(String(repeating: "a", count: 99_000))\r\n\r\n", 431),
      ] {
        let answer = try HTTPClient.ask(port, request)
        #expect(answer.status == status, "\(request.prefix(60)): \(answer.body)")
        #expect(status != 405 || answer.fields["allow"] == "GET, HEAD")
        #expect(answer.fields["connection"] == "close")
      }
      try project.run("stop", exits: 0)
    }
  }

  @Test func `half a request is given up, and holds up nobody`() throws {
    let port = Ports.free()
    try withProject(["bot": .service("sleep")], top: ["health": health(port)]) { project in
      try project.run("start", exits: 0)
      let slow = try HTTPClient(port: port)
      slow.send("GET /health HTTP/1.1\r\nHo")
      #expect(try HTTPClient.get(port, "/health").status == 200)
      #expect(try HTTPAnswer(try slow.receive()).status == 408)
      try project.run("stop", exits: 0)
    }
  }

  @Test func `half-open connections and nonsense change nothing`() throws {
    let (own, all) = (Ports.free(), Ports.free())
    let services: JSON = [
      "bot": .service("sleep", with: ["health": health(own)]), "api": .service("sleep"),
    ]
    try withProject(services, top: ["health": health(all)]) { project in
      try project.run("start", exits: 0)
      let mains = [try project.main(of: "bot"), try project.main(of: "api")]
      let supervisor = try #require(project.supervisor)
      var open: [HTTPClient] = []
      for number in 0..<200 {
        let client = try HTTPClient(port: number % 2 == 0 ? own : all)
        if number % 3 > 0 { client.send("GET /metrics HTTP/1.1\r\nX: ") }
        open.append(client)
      }
      #expect(try HTTPClient.get(all, "/health").status == 200)
      #expect(try HTTPClient.get(own, "/health").status == 200)
      var random = SeededRandom(seed: Build.seed(91))
      let model = Array(
        "GET /metrics HTTP/1.1\r\nHost: localhost\r\nAccept: text/plain\r\n\r\n".utf8)
      var total = 0
      while total < 1_000_000 {
        var bytes = model
        for _ in 0..<Int.random(in: 0...4, using: &random) {
          bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(
            in: 0...255, using: &random)
        }
        if Bool.random(using: &random) {
          bytes = (0..<Int.random(in: 0...20_000, using: &random)).map { _ in
            .random(in: 0...255, using: &random)
          }
        }
        let client = try HTTPClient(port: Bool.random(using: &random) ? own : all)
        client.send(bytes)
        client.endSending()
        _ = try client.receive()
        total += bytes.count
      }
      #expect(try HTTPClient.get(all, "/health").status == 200)
      #expect(try HTTPClient.get(own, "/health").status == 200)
      #expect(supervisor.isAlive && mains.allSatisfy(\.isAlive) && open.count == 200)
      #expect(try project.service("bot")["restarts"]?.integer == 0)
      try project.run("stop", exits: 0)
    }
  }

  @Test func `an answer that nobody reads is given up, and holds up nobody`() throws {
    let port = Ports.free()
    let services = (0..<60).map { number in
      JSON.Member(key: "s\(number)", value: .service("sleep"))
    }
    try withProject(JSON(.object(services)), top: ["health": health(port)]) { project in
      try project.run("start", exits: 0)
      var silent: [HTTPClient] = []
      for _ in 0..<40 {
        let client = try HTTPClient(port: port)
        client.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\nAccept: text/plain\r\n\r\n")
        silent.append(client)
      }
      #expect(try HTTPClient.get(port, "/health").status == 200)
      let text = try HTTPClient.get(port, "/metrics", "Accept: text/plain").body
      #expect(text.contains("devstart_service_up{service=\"s59\"} 1") && silent.count == 40)
      try project.run("stop", exits: 0)
    }
  }
}
