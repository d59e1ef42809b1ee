import DevstartCore
import Glibc
import TestSupport
import Testing

/// Nobody else gets in, nothing leads out, and what is secret stays so.
@Suite(.waitsForProcesses) struct SecurityTests {
  // MARK: Squatting

  enum Squatter: String, CaseIterable {
    case link, pipe, folder, hardLink, socket, huge

    func take(_ path: String, victim: String) throws {
      Files.remove(path)
      switch self {
      case .link: try Files.link(path, to: victim)
      case .pipe: mkfifo(path, 0o600)
      case .folder: try Files.makeFolder("\(path)/full")
      case .hardLink: Glibc.link(victim, path)
      case .socket: try Files.makeSocket(path)
      case .huge:
        try Files.write("0", to: path, mode: 0o600)
        truncate(path, 1 << 40)
      }
    }
  }

  static let places = [
    "logs/.devstart/control.sock", "logs/.devstart/supervisor.lock",
    "logs/.devstart/supervisor.log", "logs/.devstart/state.json", "logs/.devstart/bot.launch",
    "logs/.devstart/.state.json.new", "logs/.devstart/.dev_bot.pid.new",
    "logs/.devstart/.dev_bot.log.copying", "logs/.devstart/.dev_bot.log.copied",
    "logs/dev_bot.log", "logs/dev_bot.log.1", "logs/dev_bot.pid",
  ]

  /// Whatever stands in the place of a file of ours: a command ends, with a word where it failed,
  /// and what a link leads to is as it was.
  @Test(arguments: places, Squatter.allCases)
  func `something else in a file's place`(place: String, squatter: Squatter) throws {
    // The control folder is the user's alone: a hard link in it is the user's own doing.
    if squatter == .hardLink, place.hasPrefix("logs/.devstart/") { return }
    // What nobody reads, or what may be huge, is no different when it is.
    let isRead = ["state.json", "bot.launch", "supervisor.lock"].contains {
      place.hasSuffix("/\($0)")
    }
    if squatter == .huge, !isRead { return }
    try withProject(["bot": .service("print", "hello")]) { project in
      let victim = "\(project.base)/victim"
      try Files.write("precious", to: victim)
      try Files.makeFolder(project.path("logs/.devstart"), mode: 0o700)
      try squatter.take(project.path(place), victim: victim)
      let start = try project.spawn("start").wait(within: .seconds(20))
      #expect([0, 1].contains(start.status), "\(start.output)")
      if start.status == 1 {
        let name = place.split(separator: "/").last ?? ""
        #expect(start.stderr.contains(name), "\(start.output)")
        #expect(project.living("bot").isEmpty)
      } else {
        eventually("it runs") { project.living("bot").count == 1 }
        let restart = try project.spawn("restart").wait(within: .seconds(20))
        let isNamed = restart.stderr.contains(place.split(separator: "/").last ?? "")
        #expect(restart.status == 0 || restart.status == 1 && isNamed, "\(restart.output)")
      }
      #expect([0, 1].contains(try project.spawn("stop").wait(within: .seconds(20)).status))
      #expect(project.survivors.isEmpty)
      // A hard link to a log is that log: it is renamed and not written to.
      #expect(Files.text(victim) == "precious")
      Files.remove(project.path(place))
      try project.run("start", exits: 0)
      #expect(project.log("bot") == "hello\n")
      try project.run("stop", exits: 0)
    }
  }

  @Test func `nothing that lies in the logs folder is followed out of it`() throws {
    try withProject(["bot": .service("print", "hello")]) { project in
      let victim = "\(project.base)/victim"
      try Files.write("secret of another\n", to: victim)
      try project.run("start", exits: 0)
      for name in ["dev_bot.log", "dev_bot.log.1"] {
        Files.remove(project.path("logs/\(name)"))
        try Files.link(project.path("logs/\(name)"), to: victim)
      }
      for words in [["logs"], ["logs", "--previous"], ["status"]] {
        let result = try project.spawn(words).wait()
        #expect(!result.output.contains("secret of another"), "\(words)")
      }
      try project.run("stop", exits: 0)
      #expect(Files.text(victim) == "secret of another\n")
    }
  }

  // MARK: Who may ask

  @Test(.enabled(if: Build.isRoot, "needs root, to be another user"))
  func `a request from another user is not heard, though every door is open`() throws {
    try withProject(["bot": .service("sleep")]) { project in
      try project.run("start", exits: 0)
      let main = try project.main(of: "bot")
      let socket = project.path("logs/.devstart/control.sock")
      chmod(project.path("logs/.devstart"), 0o777)
      chmod(socket, 0o777)
      let request = #"{"jsonrpc":"2.0","id":1,"method":"stop","params":{"targets":["bot"]}}"#
      let stranger = try project.start(
        Build.fixture, ["devstart-fixture", "say-to", socket, request + "\n", "exit", "0"]
      ) { $0.user = Build.ordinaryUser }
      let result = try stranger.wait()
      #expect(result.status == 0 && result.stdout == "closed\n", "\(result.output)")
      #expect(main.isAlive)
      chmod(project.path("logs/.devstart"), 0o700)
      try project.run("stop", exits: 0)
    }
  }

  // MARK: Secrets

  @Test func `what is in env is in nothing that devstart writes or shows`() throws {
    let secrets = ["from-the-manifest-7f3a", "from-the-service-91bc", "from-the-caller-e04d"]
    let hook: JSON = ["/bin/sh", "-c", "exit 3"]
    let bot = JSON.service(
      "sleep",
      with: [
        "env": ["SERVICE_SECRET": JSON(secrets[1])],
        "live": ["exec": ["/bin/sh", "-c", "exit 1"], "interval": "20ms", "failures": 1],
        "hooks": ["ready": hook, "failed": hook, "stopped": hook],
        "stop": ["command": ["/bin/sh", "-c", "exit 4"]],
      ])
    let services: JSON = ["bot": bot, "ill": .service("exit", "1")]
    try withProject(services, top: ["env": ["TOP_SECRET": JSON(secrets[0])]]) { project in
      let caller = ["CALLER_SECRET": secrets[2]]
      let start = try project.spawn(["start"], environment: caller).wait()
      let main = try project.main(of: "bot")
      let environment = main.process.environment.joined(separator: "\n")
      for secret in secrets { #expect(environment.contains(secret), "the service has it") }
      try eventually("unhealthy") { try project.state(of: "bot") == "unhealthy" }
      var shown = [start.output]
      shown.append(try project.run("status").output)
      shown.append(try project.run("status", "--json").output)
      shown.append(try project.run("clean", "--dry-run", "--json").output)
      for process in project.processes() where process.isKeeper || process.isSupervisor {
        shown.append(process.arguments.joined(separator: " "))
      }
      shown.append(try project.run("stop", "--json").output)
      for folder in ["logs", "logs/.devstart"] {
        for name in Files.names(in: project.path(folder)) {
          let path = project.path("\(folder)/\(name)")
          // A regular file: reading a socket or pipe tells nothing.
          guard Files.status(path)?.st_mode ?? 0 & S_IFMT == S_IFREG else { continue }
          shown.append(Files.text(path) ?? "")
        }
      }
      for secret in secrets {
        let places = shown.filter { $0.contains(secret) }
        #expect(places.isEmpty, "\(places)")
      }
    }
  }
}
