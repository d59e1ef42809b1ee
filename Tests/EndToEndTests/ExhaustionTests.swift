import DevstartCore
import Foundation
import TestSupport
import Testing

/// What is limited runs out: a clear word, no lie, and nothing left afterwards.
@Suite(.waitsForProcesses) struct ExhaustionTests {
  // MARK: Space

  /// A project whose logs are on a small file system of their own; not where none can be mounted.
  private func withSmallDisk(
    _ services: JSON, _ body: (Project, _ fill: () throws -> Void) throws -> Void
  ) throws {
    try withProject(services) { project in
      let logs = project.path("logs")
      try Files.makeFolder(logs)
      let mount = try project.start(
        "/bin/mount", ["mount", "-t", "tmpfs", "-o", "size=256k,mode=755", "none", logs])
      guard try mount.wait().status == 0 else {
        print("not tried: no file system can be mounted here")
        return
      }
      defer { _ = try? project.start("/bin/umount", ["umount", "-l", logs]).wait() }
      try Files.makeFolder("\(logs)/.devstart", mode: 0o700)
      try body(project) {
        _ = try project.start("/bin/sh", ["sh", "-c", "cat /dev/zero > logs/full"]).wait()
      }
      #expect(project.survivors.isEmpty)
    }
  }

  @Test(.enabled(if: Build.isRoot))
  func `no space left while services run: they are stopped whole, and it is said`() throws {
    let services: JSON = [
      "bot": .service("setsid"),
      "api": .service("ignore", "TERM", with: ["stop": ["timeout": "200ms"]]),
    ]
    try withSmallDisk(services) { project, fill in
      try project.run("start", exits: 0)
      try fill()
      let main = try project.main(of: "bot")
      try project.run("restart", "api", "--timeout", "20s", exits: nil)
      #expect(main.isAlive)
      try #require(project.supervisor).kill()
      try fill()
      let stop = try project.run("stop", exits: 0)
      #expect(project.survivors.isEmpty)
      #expect(stop.stderr.contains("No space left"), "\(stop.output)")
      Files.remove(project.path("logs/full"))
      try project.run("start", exits: 0)
      project.expectExactlyOne("api")
      try project.run("stop", exits: 0)
    }
  }

  @Test(.enabled(if: Build.isRoot))
  func `a log that fills its disk ends no supervisor`() throws {
    let services: JSON = [
      "bot": .service("print-lines", "10000", with: ["log": ["maxSize": "64KB"]]),
      "api": .service("sleep"),
    ]
    try withSmallDisk(services) { project, fill in
      try project.run("start", exits: 0)
      try project.waitForRecord("api")
      let supervisor = try #require(project.supervisor)
      try fill()
      try project.waitForStatus("beyond 64.0 KB: tmpfs cannot shorten")
      try project.run("stop", exits: 0)
      #expect(supervisor.hasEnded())
    }
  }

  // MARK: Descriptors

  @Test func `few descriptors: what cannot be launched says so, all that was is stopped`() throws {
    let names = (0..<24).map { "worker\($0)" }
    let services = JSON(
      .object(names.map { .init(key: $0, value: .service("setsid", "double-fork")) }))
    try withProject(services) { project in
      let start = try project.spawn(["start"]) { $0.files = 64 }
      let result = try start.wait()
      #expect(result.status == 1)
      #expect(result.stderr.contains("the supervisor may open 64 files"), "\(result.stderr)")
      let living = names.filter { !project.living($0).isEmpty }
      #expect((2..<24).contains(living.count), "\(living.count)")
      try project.run("status", exits: 3)
      try project.run("stop", exits: 0)
      #expect(project.survivors.isEmpty)
    }
  }

  @Test func `a tree that is larger than the supervisor's descriptors is ended whole`() throws {
    try withProject(["bot": .service("burst", "150", with: ["stop": ["timeout": "200ms"]])]) {
      project in
      let start = try project.spawn(["start"]) { $0.files = 48 }
      #expect(try start.wait().status == 0)
      try project.waitForRecord("settled")
      try project.run("stop", exits: 0)
      #expect(project.survivors.isEmpty)
      let again = try project.spawn(["start"]) { $0.files = 48 }
      #expect(try again.wait().status == 0)
      try project.waitForRecord("settled", count: 2)
      let keeper = try project.keeper(of: project.main(of: "bot"))
      keeper.kill()
      try project.run("stop", "--force", exits: 0)
      #expect(project.survivors.isEmpty)
    }
  }

  @Test func `who comes when there is no descriptor is told so, and costs no time`() throws {
    try withProject(["bot": .service("sleep")]) { project in
      let start = try project.spawn(["start"]) { $0.files = 64 }
      #expect(try start.wait().status == 0)
      let path = project.path("logs/.devstart/control.sock")
      var crowd = try (0..<80).map { _ in try ControlSocket(path) }
      let told = try #require(crowd.last).readLine()
      #expect(told?.contains("no descriptors left") == true, "\(told ?? "nothing")")
      let status = try project.run("status", exits: nil)
      // It may meet the moment at which the supervisor has closed one of its own.
      #expect(
        status.output.contains("no descriptors left") || status.status == 0, "\(status.output)")
      let supervisor = try #require(project.supervisor)
      let before = supervisor.process.processorTicks
      _ = supervisor.hasEnded(within: .milliseconds(300))
      #expect(supervisor.process.processorTicks - before < 10)
      crowd = []
      try eventually("others are heard") { try project.run("status").status == 0 }
      try project.run("stop", exits: 0)
    }
  }

  // MARK: Processes

  @Test(.enabled(if: Build.isRoot))
  func `no process left: what cannot be forked says so, the rest is stopped`() throws {
    let names = (0..<6).map { "worker\($0)" }
    let services = JSON(.object(names.map { .init(key: $0, value: .service("sleep")) }))
    // A user of its own: the limit counts all of a user's processes.
    try withProject(services, user: 61_234) { project in
      let start = try project.spawn(["start"]) { $0.processes = 9 }
      let result = try start.wait()
      #expect(result.status == 1)
      #expect(
        result.stderr.contains("fork") && result.stderr.contains("Resource temporarily"),
        "\(result.stderr)")
      let living = names.filter { !project.living($0).isEmpty }
      #expect((1..<6).contains(living.count), "\(living.count)")
      try project.run("stop", exits: 0)
      #expect(project.survivors.isEmpty)
    }
  }

  // MARK: Logs that cannot be written, or are taken away

  @Test(.enabled(if: Build.isRoot))
  func `logs that became read-only are a warning`() throws {
    try withProject(["bot": .service("print", "hello")], user: Build.ordinaryUser) { project in
      try project.run("start", exits: 0)
      chmod(project.path("logs"), 0o555)
      let restart = try project.run("restart", exits: 0)
      #expect(restart.stderr.contains("dev_bot.pid cannot be removed"), "\(restart.output)")
      #expect(restart.stderr.contains("dev_bot.pid cannot be written"), "\(restart.output)")
      try project.waitForRecord("settled", count: 2)
      #expect(project.living("bot").count == 1)
      try project.run("stop", exits: 0)
      #expect(project.survivors.isEmpty)
      chmod(project.path("logs"), 0o755)
      try project.run("start", exits: 0)
      #expect(Files.text(project.pidFile("bot")) == "\(try project.main(of: "bot").pid)\n")
      try project.run("stop", exits: 0)
    }
  }

  enum Replacement: String, CaseIterable {
    case nothing, folder, pipe, link, emptied
  }

  @Test(arguments: Replacement.allCases)
  func `a log that is taken away or replaced under a service that crashes`(
    what: Replacement
  ) throws {
    let service = JSON.service(
      "print-lines", "3000",
      with: ["restart": ["policy": "always", "backoff": "1ms"], "log": ["maxSize": "8KB"]])
    try withProject(["bot": service, "api": .service("sleep")]) { project in
      try project.run("start", exits: 0)
      let log = project.path("logs/dev_bot.log")
      let target = "\(project.base)/target"
      try Files.write("precious", to: target)
      if what != .emptied { Files.remove(log) }
      switch what {
      case .nothing: break
      case .folder: try Files.makeFolder(log)
      case .pipe: mkfifo(log, 0o644)
      case .link: try Files.link(log, to: target)
      case .emptied: truncate(log, 0)
      }
      let main = try project.main(of: "bot")
      main.kill()
      try eventually("it is launched again, or has failed with the reason") {
        let bot = try project.service("bot")
        let isFailed = bot["state"]?.string == "failed"
        if isFailed { #expect(bot["reason"]?.string?.contains("dev_bot.log") == true) }
        return isFailed || (bot["state"]?.string == "ready" && bot["restarts"]?.integer == 1)
      }
      #expect(Files.text(target) == "precious")
      try project.run("start", "bot", exits: what == .folder ? nil : 0)
      try project.run("stop", exits: 0)
      #expect(Files.text(target) == "precious")
    }
  }

  @Test func `the logs folder is deleted while logs are measured and files are watched`() throws {
    let watched: JSON = ["watch": ["paths": ["*.txt"], "debounce": "1ms"]]
    let chatty = JSON.service(
      "print-lines", "200000", "--paced", with: ["log": ["maxSize": "64KB"]])
    try withProject(["bot": chatty, "api": .service("sleep", with: watched)]) { project in
      try project.run("start", exits: 0)
      let (main, supervisor) = (try project.main(of: "bot"), try #require(project.supervisor))
      Files.remove(project.path("logs"))
      // Where a part of it was restored already, the removal has ended there.
      Files.remove(project.path("logs/dev_bot.log"))
      eventually("it is restored") { Files.exists(project.pidFile("bot")) }
      try project.waitForStatus("its log was taken away")
      try Files.write("", to: project.path("new.txt"))
      try eventually("its files are watched still") {
        try project.service("api")["restarts"]?.integer == 1
      }
      #expect(main.isAlive && supervisor.isAlive)
      try project.run("restart", "bot", exits: 0)
      #expect(Files.exists(project.path("logs/dev_bot.log")))
      #expect(try !project.run("status", exits: 0).output.contains("its log was taken away"))
      try project.run("stop", exits: 0)
    }
  }

  // MARK: Signals

  @Test(arguments: [SIGHUP, SIGTERM, SIGINT])
  func `a supervisor that is asked to end leaves services running and says so`(
    signal: Int32
  ) throws {
    try withProject { project in
      let gate = Gate("\(project.base)/gate")
      let port = Ports.free()
      try project.write([
        "bot": .service("setsid"),
        "slow": .service("gate", gate.path, "listen", String(port), ports: [port]),
      ])
      try project.run("start", "bot", exits: 0)
      let main = try project.main(of: "bot")
      let start = try project.spawn("start", "slow")
      try project.waitForRecord("slow")
      let supervisor = try #require(project.supervisor)
      supervisor.signal(signal)
      #expect(supervisor.hasEnded())
      let log = Files.text(project.path("logs/.devstart/supervisor.log")) ?? ""
      #expect(log.contains("2 launches run on unsupervised"), "\(log)")
      gate.open()
      // Who waited asks the next one.
      let result = try start.wait()
      #expect(result.status == 0 && result.stderr.contains("services run on"), "\(result.output)")
      #expect(main.isAlive && project.records("slow").count == 1)
      try project.run("stop", exits: 0)
    }
  }
}
