import DevstartCore
import Testing

@Suite struct SystemdExportTests {
  @Test func `a unit says all that systemd can say`() throws {
    let export = try export(
      #"""
      "db": {"command": ["/usr/bin/db"], "oneshot": true},
      "api": {"command": ["/usr/bin/api", "a b"], "cwd": "sub", "env": {"A": "1 2"},
        "dependsOn": ["db"], "category": ["web", "all-day"], "ready": {"notify": true},
        "heartbeat": "30s",
        "restart": {"policy": "on-failure", "max": 3, "within": "1m", "backoff": "100ms",
          "maxBackoff": "1s"},
        "limits": {"maxRuntime": "24h", "memory": "1MB", "cpu": 80.5, "onExceed": "restart"},
        "stop": {"signal": "INT", "timeout": "1500ms", "scope": "main", "command": "bye $$MAINPID"}}
      """#, for: .systemd)
    let unit = try export.file("shop-api.service")
    #expect(
      try section("Unit", of: unit) == [
        "Description=api of shop", "Requires=shop-db.service",
        "After=network.target shop-db.service",
        "PartOf=shop.target shop-web.target shop-all-day.target",
        "JoinsNamespaceOf=shop-db.service", "StartLimitIntervalSec=60s", "StartLimitBurst=4",
      ])
    #expect(
      try section("Service", of: unit) == [
        "Type=notify", "NotifyAccess=all", "WorkingDirectory=/project/sub",
        #"Environment="A=1 2""#, "Environment=PYTHONUNBUFFERED=1",
        #"ExecStart=/usr/bin/api "a b""#, "IgnoreSIGPIPE=no", "TimeoutStartSec=30s",
        "SuccessExitStatus=129 130 141 143", "Restart=on-failure", "RestartSec=0.1s",
        "#RestartSteps=4", "#RestartMaxDelaySec=1s", "WatchdogSec=30s", "WatchdogSignal=SIGINT",
        "RuntimeMaxSec=86400s", "MemoryMax=1048576", "MemorySwapMax=0", "CPUQuota=80.50%",
        #"ExecStop=:/bin/sh -c "bye $MAINPID""#, "KillSignal=SIGINT", "KillMode=mixed",
        "TimeoutStopSec=1.5s", "NoNewPrivileges=yes", "RestrictSUIDSGID=yes",
        "RestrictRealtime=yes", "LockPersonality=yes", "PrivateTmp=yes", "ProtectSystem=full",
        "ProtectKernelTunables=yes", "ProtectKernelModules=yes", "ProtectKernelLogs=yes",
        "ProtectControlGroups=yes", "ProtectClock=yes", "ProtectHostname=yes",
      ])
    #expect(
      export.facts(of: "api") == [.otherwise(.backoffNeedsNewer), .otherwise(.cpuThrottles)])
  }

  @Test func `there is a target for each category, and one for all`() throws {
    let export = try export(
      #"""
      "a": {"command": ["/a"], "category": "web"},
      "b": {"command": ["/b"], "category": "web", "autostart": false}
      """#, for: .systemd)
    #expect(
      export.files.map(\.name) == [
        "shop.target", "shop-web.target", "shop-a.service", "shop-b.service",
      ])
    #expect(
      try section("Unit", of: export.file("shop-web.target")) == [
        "Description=web: part of shop", "Wants=shop-a.service",
      ])
    #expect(
      try section("Install", of: export.file("shop.target")) == ["WantedBy=multi-user.target"])
  }

  @Test func `a user's units ask for nothing that a user's manager cannot do`() throws {
    let services = #""a": {"command": ["/a"]}, "b": {"command": ["/b"], "dependsOn": ["a"]}"#
    let export = try export(services, for: .systemd, isForUser: true)
    let unit = try export.file("shop-b.service")
    #expect(!unit.contains("Protect") && !unit.contains("Private") && !unit.contains("Joins"))
    #expect(!unit.contains("network.target") && unit.contains("NoNewPrivileges=yes"))
    #expect(try export.file("shop.target").contains("WantedBy=default.target"))
    #expect(!export.facts(of: nil).contains(.general(.runsAsRoot)))
  }

  @Test(arguments: [
    (#""ready": {"tcp": 8000}"#, ":1F40 0+:0000 0A", ServiceFact.portOfAnyone),
    (#""ports": [80]"#, ":0050 0+:0000 0A", .portOfAnyone),
    (#""ready": {"http": "http://localhost/x", "status": 204}"#, "204)", .needsProgram("curl")),
    (#""ready": {"http": "http://localhost/x"}"#, "2??)", .needsProgram("curl")),
    (#""ready": {"http": "http://[::1]:80#x"}"#, #" "http://[::1]:80/""#, .needsProgram("curl")),
    (#""ready": {"exec": ["ok", "a b"]}"#, #"ready ok "a b""#, nil),
    (#""ready": {"log": "^up \\d"}"#, #""^up \\d""#, .journalSearched),
    (#""ready": {"delay": "1500ms"}"#, "sleep 1.5;", nil),
  ])
  func `readiness is waited for after the start`(
    members: String, part: String, fact: ServiceFact?
  ) throws {
    let export = try export(#""a": {"command": ["/a"], \#(members)}"#, for: .systemd)
    let lines = try section("Service", of: export.file("shop-a.service"))
    let line = try #require(lines.first { $0.hasPrefix("ExecStartPost=") })
    #expect(line.contains(part) && line.contains(#"kill -0 \"$MAINPID\""#), "\(line)")
    #expect(lines.contains("Type=simple"))
    if let fact { #expect(export.facts(of: "a").contains(.otherwise(fact))) }
  }

  @Test func `a oneshot stays active, and is restarted on failure alone`() throws {
    let export = try export(
      #""a": {"command": ["/a"], "oneshot": true, "restart": "always", "limits": {"maxRuntime": "5m"}}"#,
      for: .systemd)
    let lines = try section("Service", of: export.file("shop-a.service"))
    #expect(lines.starts(with: ["Type=oneshot", "RemainAfterExit=yes"]))
    #expect(lines.contains("Restart=on-failure") && lines.contains("TimeoutStartSec=300s"))
    #expect(!lines.contains { $0.hasPrefix("RuntimeMaxSec") })
  }

  @Test func `an end by a stop's signal is no failure, and does not complete a oneshot`() throws {
    let export = try export(
      #"""
      "a": {"command": ["/a"]}, "b": {"command": ["/b"], "oneshot": true},
      "c": {"command": ["/c"], "oneshot": true, "restart": "on-failure"}
      """#, for: .systemd)
    func codes(_ name: String) throws -> [String] {
      try section("Service", of: export.file("shop-\(name).service")).filter {
        $0.contains("ExitStatus=")
      }
    }
    #expect(try codes("a") == ["SuccessExitStatus=129 130 141 143"])
    #expect(try codes("b") == [])
    #expect(
      try codes("c") == [
        "RestartPreventExitStatus=129 130 141 143 SIGHUP SIGINT SIGPIPE SIGTERM"
      ])
  }

  @Test func `hardening hides nothing that the project needs`() throws {
    let services = #"""
      "a": {"command": ["/a"]}, "b": {"command": ["/b"], "cwd": "/var/tmp/x", "dependsOn": ["a"]},
      "c": {"command": ["/c"], "cwd": "/usr/local/my app", "dependsOn": ["a"]}
      """#
    let whole = try export(services, for: .systemd)
    for name in ["a", "b", "c"] {
      let unit = try whole.file("shop-\(name).service")
      #expect(!unit.contains("PrivateTmp") && !unit.contains("JoinsNamespaceOf"))
      #expect(unit.contains("ReadWritePaths=\"/usr/local/my app\"\n") == (name == "c"))
    }
    #expect(whole.facts(of: nil).contains(.general(.sharedTmp("/var/tmp/x"))))
    let part = try export(services, for: .systemd, targets: ["c"])
    #expect(try part.file("shop-c.service").contains("PrivateTmp=yes\n"))
    let own = try export(services, for: .systemd, isForUser: true)
    #expect(!own.facts(of: nil).contains(.general(.sharedTmp("/var/tmp/x"))))
  }

  @Test func `what systemd takes for broken text is said by a shell`() throws {
    let export = try export(
      #""a": {"command": ["/a", "\uFFFE", "\uFDD0"], "env": {"A": "\uFFFF"}, "cwd": "\uFFFE"}"#,
      for: .systemd, top: #""name": "s\uFFFE""#)
    let lines = export.text(for: .systemd).split(separator: "\n").filter { !$0.hasPrefix("#") }
    let text = lines.joined(separator: "\n")
    #expect(!text.unicodeScalars.contains { [0xFFFE, 0xFFFF, 0xFDD0].contains($0.value) })
    #expect(text.contains(#"\\0357\\0277\\0276"#), "\(text)")
  }

  @Test func `what systemd would read in its own way is quoted`() throws {
    let export = try export(
      #""a": {"command": ["/a %", "%n", "$$X", "q\"\\\n\t\u0001", "", ";", "é"], "cwd": "100%"}"#,
      for: .systemd)
    let lines = try section("Service", of: export.file("shop-a.service"))
    #expect(
      lines.contains(
        ##"ExecStart=:"/a %%" "%%n" "$X" "q\"\\\n\t\x01" "" ";" "é""##), "\(lines)")
    #expect(lines.contains("WorkingDirectory=/project/100%%"))
  }

  @Test(arguments: [
    (#""command": ["p", "x"], "env": {"PATH": "/x"}"#, "ExecStart=/usr/bin/env -- p x"),
    (#""command": ["@p"]"#, "ExecStart=/usr/bin/env -- @p"),
    (#""command": ["./it's"]"#, #"ExecStart=/usr/bin/env -- "/project/it's""#),
    (#""command": ["./run.sh"]"#, "ExecStart=/project/run.sh"),
    (#""command": ["p"], "env": {"a.b": "1"}"#, "ExecStart=/usr/bin/env -- a.b=1 p"),
    (
      #""command": ["p"], "cwd": "x\ny""#,
      #"ExecStart=:/bin/sh -c "cd -- \"$0\" && exec \"$@\"" "/project/x\ny" p"#
    ),
  ])
  func `what a unit cannot say itself is said by another program`(
    members: String, line: String
  ) throws {
    let export = try export(#""a": {\#(members)}"#, for: .systemd)
    #expect(try section("Service", of: export.file("shop-a.service")).contains(line))
  }

  @Test func `a stop without delay is not one for ever`() throws {
    let export = try export(
      #""a": {"command": ["/a"], "stop": {"timeout": "0s"}}"#, for: .systemd)
    #expect(try export.file("shop-a.service").contains("TimeoutStopSec=0.001s\n"))
  }

  @Test func `a project of any name has units`() throws {
    let export = try export(
      #""a": {"command": ["/a"]}"#, for: .systemd, top: #""name": "-my shop/é %""#)
    #expect(export.files.map(\.name) == ["my-shop----.target", "my-shop-----a.service"])
    #expect(try export.file("my-shop-----a.service").contains("Description=a of -my shop/é %%\n"))
  }

  @Test func `what a limit leads to is said where it is not the manifest's`() throws {
    let services = #""a": {"command": ["/a"], "restart": "always", "limits": {"memory": "1MB"}}"#
    #expect(
      try export(services, for: .systemd).facts(of: "a").contains(
        .otherwise(.exceedFollowsRestart(.stop))))
  }
}
