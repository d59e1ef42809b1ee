import DevstartCore
import Foundation
import TestSupport
import Testing

/// Servers as they are packaged: PostgreSQL with what prepares it, redis, nginx, and a worker in
/// Python that needs them all.
@Suite(.waitsForProcesses) struct RealServerTests {
  private static let postgres: String? = {
    let versions = Files.names(in: "/usr/lib/postgresql").sorted()
    return versions.last.map { "/usr/lib/postgresql/\($0)/bin" }
  }()
  private static let programs = [
    "\(postgres ?? "/usr/lib/postgresql/*/bin")/postgres", "/usr/bin/redis-server",
    "/usr/sbin/nginx", "/usr/bin/python3",
  ]
  private static let missing = programs.filter { !Files.exists($0) }

  /// Asks each server for something, says that it is ready, and beats.
  private static let worker = """
    import os, socket, sys, time, urllib.request
    redis, postgres, nginx = map(int, sys.argv[1:])
    def tell(text):
        notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notify.sendto(text.encode(), os.environ["NOTIFY_SOCKET"].replace("@", "\\0", 1))
    with socket.create_connection(("127.0.0.1", redis)) as connection:
        connection.sendall(b"PING\\r\\n")
        assert connection.recv(16) == b"+PONG\\r\\n"
    with socket.create_connection(("127.0.0.1", postgres)) as connection:
        connection.sendall(bytes([0, 0, 0, 8, 4, 210, 22, 47]))
        assert connection.recv(1) in (b"N", b"S")
    assert urllib.request.urlopen(f"http://127.0.0.1:{nginx}/").status == 200
    tell("READY=1\\nSTATUS=all three answer")
    while True:
        tell("WATCHDOG=1")
        time.sleep(0.2)
    """

  private static let nginxConfiguration = """
    daemon off; pid nginx.pid; error_log stderr;
    events {}
    http {
      access_log off;
      client_body_temp_path temp; proxy_temp_path temp; fastcgi_temp_path temp;
      uwsgi_temp_path temp; scgi_temp_path temp;
      server { listen 127.0.0.1:PORT; location / { return 200 'here'; } }
    }
    """

  @Test(
    .enabled(
      if: missing.isEmpty && Build.isRoot,
      "NOT RUN: it needs root, and these packages' programs: \(missing.joined(separator: ", "))"),
    .timeLimit(.minutes(10)))
  func `real servers come up in order from one manifest, and nothing of them is left`() throws {
    let (redis, postgres, nginx) = (Ports.free(), Ports.free(), Ports.free())
    // PostgreSQL refuses to run as root.
    try withProject(user: Build.ordinaryUser) { project in
      try Files.write(Self.worker, to: project.path("worker.py"), mode: 0o644)
      try Files.write(
        Self.nginxConfiguration.replacingOccurrences(of: "PORT", with: String(nginx)),
        to: project.path("nginx.conf"), mode: 0o644)
      try project.write(
        services(redis: redis, postgres: postgres, nginx: nginx, sockets: "\(project.base)/run"))
      try project.hand(to: #require(project.user))
      let start = try project.run("start", exits: 0, within: .seconds(60))
      // Not the lines that say what is waited for.
      let order = start.stdout.split(separator: "\n").map(String.init).filter { $0.hasPrefix("✓") }
      func place(_ name: String) -> Int { order.firstIndex { $0.contains(" \(name) ") } ?? -1 }
      #expect(place("initdb") >= 0 && place("initdb") < place("db"))
      #expect(place("worker") == order.count - 1, "\(start.output)")
      let status = try project.json("status", exits: 0)["services"]
      #expect(status?[named: "initdb"]?["state"]?.string == "completed")
      for name in ["db", "redis", "web", "worker"] {
        #expect(status?[named: name]?["state"]?.string == "ready", "\(name)")
      }
      #expect(status?[named: "redis"]?["statusText"]?.string?.contains("Ready to accept") == true)
      #expect(status?[named: "worker"]?["statusText"]?.string == "all three answer")
      #expect(status?[named: "db"]?["processes"]?.integer ?? 0 > 3)
      // A server that is KILLed comes back, its helpers do not pile up.
      let before = try project.main(of: "db")
      before.kill()
      try project.run("wait", "db", "--for", "ready", "--timeout", "30s", within: .seconds(40))
      try eventually("another", within: .seconds(30)) {
        let db = try project.service("db")
        return db["state"]?.string == "ready" && db["pid"]?.integer != Int(before.pid)
      }
      try project.run("stop", exits: 0, within: .seconds(60))
      #expect(project.survivors.isEmpty, "\(project.survivors.map(\.kind))")
      for port in [redis, postgres, nginx] { #expect(!Ports.isTaken(port)) }
    }
  }

  private func services(redis: Int, postgres: Int, nginx: Int, sockets: String) -> JSON {
    let programs = Self.postgres ?? ""
    let database: JSON = [
      JSON("\(programs)/postgres"), "-D", "data", "-p", JSON(String(postgres)), "-k", JSON(sockets),
      "-h", "127.0.0.1",
    ]
    let isReady: JSON = [
      JSON("\(programs)/pg_isready"), "-q", "-h", "127.0.0.1", "-p", JSON(String(postgres)),
    ]
    return [
      "initdb": [
        "command": JSON("test -d data || \(programs)/initdb -D data -A trust -U me --no-sync"),
        "oneshot": true,
      ],
      "db": [
        "command": database, "dependsOn": ["initdb": "completed"], "ports": [JSON(postgres)],
        "ready": ["exec": isReady], "stop": ["signal": "INT", "timeout": "20s"],
        "restart": ["policy": "on-failure", "backoff": "10ms"],
      ],
      "redis": [
        "command": [
          "redis-server", "--port", JSON(String(redis)), "--supervised", "systemd", "--save", "",
          "--daemonize", "no",
        ], "ports": [JSON(redis)], "ready": ["notify": true],
      ],
      "web": [
        "command": ["/usr/sbin/nginx", "-p", ".", "-c", "nginx.conf", "-e", "stderr"],
        "ports": [JSON(nginx)],
        "ready": ["http": JSON("http://127.0.0.1:\(nginx)/"), "status": 200],
        "live": ["http": JSON("http://127.0.0.1:\(nginx)/"), "interval": "1s"],
      ],
      "worker": [
        "command": [
          "/usr/bin/python3", "worker.py", JSON(String(redis)), JSON(String(postgres)),
          JSON(String(nginx)),
        ],
        "dependsOn": ["db", "redis", "web"], "ready": ["notify": true], "heartbeat": "10s",
      ],
    ]
  }
}
