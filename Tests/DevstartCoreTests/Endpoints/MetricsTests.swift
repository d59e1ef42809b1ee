import DevstartCore
import Testing

@Suite struct MetricsTests {
  private func facts(_ name: String) -> ServiceFacts {
    var status = ServiceStatus(name: name)
    status.state = .ready
    status.pid = 4711
    status.uptimeSeconds = 7200
    status.cpuPercent = 1.5
    status.memoryBytes = 3 << 20
    status.remainingSeconds = 5400
    var facts = ServiceFacts(status: status, health: ServiceHealth(isHealthy: true), logBytes: 12)
    facts.cpuSeconds = 1.25
    facts.restarts = [.memory: 2]
    facts.lastExit = .signal("KILL")
    return facts
  }

  private func text(_ format: MetricsFormat, _ facts: ServiceFacts) -> String {
    String(decoding: Metrics(of: facts).response(format).body, as: UTF8.self)
  }

  @Test func `JSON has the design's shape`() throws {
    let json = try JSON.parse(Metrics(of: facts("bot")).response(.json).body)
    #expect(
      json == [
        "metrics": [
          "pid": 4711, "uptime_seconds": JSON(7200.0), "cpu_percent": JSON(1.5),
          "memory_mb": JSON(3.0), "heartbeat_age_seconds": nil,
        ],
        "health": ["is_healthy": true, "reason": nil],
        "runtime": ["uptime_hours": JSON(2.0), "remaining_hours": JSON(1.5)],
      ])
  }

  @Test func `the text format has its types and values`() {
    let lines = text(.prometheus, facts("bot")).split(separator: "\n").map { String($0) }
    for line in [
      "# TYPE devstart_service_cpu_seconds_total counter",
      #"devstart_service_cpu_seconds_total{service="bot"} 1.25"#,
      #"devstart_service_restarts_total{service="bot",reason="memory"} 2"#,
      #"devstart_service_restarts_total{service="bot",reason="exited"} 0"#,
      #"devstart_service_state{service="bot",state="ready"} 1"#,
      #"devstart_service_last_exit_signal_info{service="bot",signal="KILL"} 1"#,
      #"devstart_service_remaining_runtime_seconds{service="bot"} 5400"#,
    ] { #expect(lines.contains(line), "\(line)") }
    #expect(!lines.contains { $0.contains("heartbeat_age") }, "what there is not is not there")
  }

  @Test func `OpenMetrics names families without their endings, and ends`() {
    let text = text(.openMetrics, facts("bot"))
    #expect(text.contains("# TYPE devstart_service_cpu_seconds counter\n"))
    #expect(text.contains("# UNIT devstart_service_cpu_seconds seconds\n"))
    #expect(text.contains("devstart_service_cpu_seconds_total{service=\"bot\"} 1.25\n"))
    #expect(text.contains("# TYPE devstart_service_last_exit_signal info\n"))
    #expect(text.hasSuffix("\n# EOF\n"))
  }

  @Test func `labels are escaped`() {
    let text = text(.prometheus, facts("a\\b\"c\nd"))
    #expect(text.contains(#"{service="a\\b\"c\nd"}"#))
  }

  @Test func `a project is as healthy as its services, but for the stopped ones`() {
    func part(_ name: String, _ state: ServiceState, _ reason: String?) -> (
      name: String, state: ServiceState, health: ServiceHealth
    ) { (name, state, ServiceHealth(isHealthy: reason == nil, reason: reason)) }
    #expect(ServiceHealth(ofAll: []) == ServiceHealth(isHealthy: true))
    #expect(
      ServiceHealth(ofAll: [part("a", .ready, nil), part("b", .stopped, "stopped")]).isHealthy)
    let many = (1...5).map { part("s\($0)", .failed, "failed") }
    #expect(
      ServiceHealth(ofAll: many)
        == ServiceHealth(
          isHealthy: false, reason: "s1: failed; s2: failed; s3: failed; and 2 more"))
  }

  @Test func `dates are as HTTP has them`() {
    #expect(Timestamp.httpDate(784_111_777_000) == "Sun, 06 Nov 1994 08:49:37 GMT")
    #expect(Timestamp.httpDate(0) == "Thu, 01 Jan 1970 00:00:00 GMT")
    #expect(Timestamp.httpDate(1_709_164_800_000) == "Thu, 29 Feb 2024 00:00:00 GMT")
  }

  @Test func `a HEAD has the length of what it does not send`() {
    let response = HTTPResponse(.ok, ["a": 1])
    let head = String(decoding: response.bytes(isHead: true, at: 0), as: UTF8.self)
    #expect(head.contains("Content-Length: \(response.body.count)\r\n"))
    #expect(head.hasSuffix("\r\n\r\n") && !head.contains("Allow"))
    let refused = HTTPResponse(refusal: .methodNotAllowed, "x").bytes(isHead: false, at: 0)
    #expect(String(decoding: refused, as: UTF8.self).contains("\r\nAllow: GET, HEAD\r\n"))
  }
}
