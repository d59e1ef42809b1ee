import DevstartCore
import Glibc
import TestSupport
import Testing

/// What a service inherits: from the command that starts it, and from nobody else.
@Suite(.waitsForProcesses) struct EnvironmentTests {
  /// The `env NAME=value` lines of a log, as a dictionary.
  func environment(_ project: Project, _ service: String) throws -> [String: String] {
    try waitForFile(project.path("logs/dev_\(service).log")) { $0.contains("printed") }
    var variables: [String: String] = [:]
    for line in project.log(service).split(separator: "\n") where line.hasPrefix("env ") {
      let parts = line.dropFirst(4).split(separator: "=", maxSplits: 1)
      if let name = parts.first { variables[String(name)] = String(parts.dropFirst().first ?? "") }
    }
    return variables
  }

  @Test func `a service has the environment of its command, then the manifest's`() throws {
    let services: JSON = [
      "first": .service("sleep"),
      "bot": .service(
        "print-env", "print", "printed",
        with: ["env": ["FROM_SERVICE": "service", "BOTH": "${WHO}!", "MONEY": "$$5"]]),
    ]
    try withProject(services, top: ["env": ["FROM_TOP": "top", "BOTH": "top"]]) { project in
      try project.run("start", "first", exits: 0, environment: ["WHO": "old", "OLD": "1"])
      try project.run(
        "start", "bot", exits: 0,
        environment: ["WHO": "new", "EMPTY": "", "LINES": "a\nb", "DEVSTART_ID": "x/y/z"])
      let seen = try environment(project, "bot")
      #expect(seen["WHO"] == "new" && seen["OLD"] == nil && seen["EMPTY"] == "")
      #expect(seen["FROM_TOP"] == "top" && seen["FROM_SERVICE"] == "service")
      #expect(seen["BOTH"] == "new!" && seen["MONEY"] == "$5")
      #expect(seen["PYTHONUNBUFFERED"] == "1" && seen["PWD"] == project.folder)
      #expect(seen["HOME"] == "\(project.base)/home")
      let marker = try #require(seen["DEVSTART_ID"].flatMap { Marker($0) })
      #expect(marker.service == "bot")
      #expect(marker.project == Manifest.project(ofPath: project.manifestPath))
      try project.run("restart", "bot", exits: 0, environment: ["WHO": "newest"])
      #expect(try environment(project, "bot")["WHO"] == "newest")
      try project.run("stop", exits: 0, environment: ["WHO": "nobody in particular"])
    }
  }

  @Test func `what is set already stays, env files are read, an unset variable is an error`() throws
  {
    try withProject { project in
      try Files.write("A=file\nexport B=\"two words\"\n# no\nC='x'\n", to: project.path(".env"))
      try project.write([
        "bot": .service(
          "print-env", "print", "printed", with: ["envFile": ".env", "env": ["C": "env"]])
      ])
      try project.run("start", exits: 0, environment: ["PYTHONUNBUFFERED": "x", "A": "caller"])
      let seen = try environment(project, "bot")
      #expect(seen["PYTHONUNBUFFERED"] == "x")
      #expect(seen["A"] == "file" && seen["B"] == "two words" && seen["C"] == "env")
      try project.run("stop", exits: 0)
      try project.write(["bot": .service("sleep", with: ["env": ["X": "${NOWHERE_SET}"]])])
      let start = try project.run("start", exits: 2)
      #expect(start.stderr.contains("NOWHERE_SET"))
      try project.write(["bot": .service("print", "${NOWHERE_SET:-default} it is")])
      try project.run("start", exits: 0)
      try waitForFile(project.path("logs/dev_bot.log")) { $0 == "default it is\n" }
      try project.run("stop", exits: 0)
    }
  }

  @Test(arguments: ["start", "check"])
  func `a variable that services would get otherwise is named, and not its value`(
    word: String
  ) throws {
    try withProject(["bot": .service("sleep")]) { project in
      let script = "ODD=\"$(printf 'secret\\377')\" exec '\(Build.devstart)' \(word)"
      let command = try project.start("/bin/sh", ["sh", "-c", script]).wait()
      #expect(command.status == 0 && command.stderr.contains("'ODD' is not UTF-8"), "\(command)")
      #expect(!command.output.contains("secret"))
      try project.run("stop", exits: 0)
    }
  }

  @Test func `folder, umask, limits, session and signals`() throws {
    let services: JSON = [
      "bot": .service(
        "print-identity", "print-limits", "print-signals", "print", "printed",
        with: ["cwd": "sub folder"])
    ]
    try withProject(services) { project in
      let folder = project.path("sub folder")
      try Files.makeFolder(folder)
      // nohup(1) ignores HUP; a service must not inherit that.
      let command = try project.start(
        "/bin/sh", ["sh", "-c", "trap '' HUP INT; exec '\(Build.devstart)' start"]
      ) {
        $0.umask = "027"
        $0.files = 345
      }
      #expect(try command.wait().status == 0)
      try waitForFile(project.path("logs/dev_bot.log")) { $0.contains("printed") }
      let main = try project.main(of: "bot").pid
      let lines = project.log("bot").split(separator: "\n").map(String.init)
      #expect(lines.contains("cwd \(folder)"))
      #expect(lines.contains("pid \(main) group \(main) session \(main)"))
      #expect(lines.contains("umask 027"))
      #expect(lines.contains("limit nofile 345 345"))
      #expect(lines.contains("SigBlk:\t0000000000000000"), "\(lines)")
      let ignored = lines.first { $0.hasPrefix("SigIgn:") }?.dropFirst(8)
      // glibc's posix_spawn(3) ignores 32 and 33, its own, and nobody may set them anew.
      let others = ignored.flatMap { UInt64($0, radix: 16) }.map { $0 & ~(3 << 31) }
      #expect(others == 0, "\(lines)")
      #expect(try project.run("status").status == 0)
      try project.run("stop", exits: 0)
    }
  }

  @Test func `stdin is null, or a pipe that never ends`() throws {
    let services: JSON = [
      "null": .service("print-stdin-state", "print", "printed", "exit-on-eof"),
      "open": .service(
        "print-stdin-state", "print", "printed", "exit-on-eof", with: ["stdin": "open"]),
    ]
    try withProject(services) { project in
      try project.run("start", "open", exits: 0)
      try waitForFile(project.path("logs/dev_open.log")) { $0 == "stdin pipe\nprinted\n" }
      let open = try project.main(of: "open")
      try #require(project.supervisor).kill()
      #expect(!open.hasEnded(within: .milliseconds(200)), "its keeper holds the pipe")
      _ = try project.run("start", "null")
      try waitForFile(project.path("logs/dev_null.log")) { $0 == "stdin null\nprinted\n" }
      try eventually("null has ended") { try project.state(of: "null") == "completed" }
      #expect(open.isAlive)
      try project.run("stop", exits: 0)
    }
  }

  @Test func `a service has three descriptors, and a keeper nobody else's`() throws {
    let services: JSON = [
      "one": .service("sleep"), "two": .service("print-descriptors", "print", "printed"),
      "open": .service("sleep", with: ["stdin": "open"]),
    ]
    try withProject(services) { project in
      try Files.write("", to: "\(project.base)/secret")
      let script = """
        exec 7<'\(project.base)/secret' 9<'\(project.base)/secret'
        exec '\(Build.devstart)' start one two open
        """
      let command = try project.start("/bin/sh", ["sh", "-c", script])
      #expect(try command.wait().status == 0)
      try waitForFile(project.path("logs/dev_two.log")) { $0.contains("printed") }
      let log = project.path("logs/dev_two.log")
      #expect(
        project.log("two") == "fd 0 /dev/null\nfd 1 \(log)\nfd 2 \(log)\nprinted\n")
      let supervisor = try #require(project.supervisor)
      for process in project.processes() {
        let targets = process.descriptors.values
        #expect(!targets.contains { $0.hasSuffix("/secret") }, "\(process.summary)")
        guard process.pid != supervisor.pid else { continue }
        #expect(!targets.contains { $0.hasSuffix("supervisor.lock") }, "\(process.summary)")
        #expect(!targets.contains { $0.hasPrefix("socket:") }, "\(process.summary)")
      }
      for service in ["one", "open"] {
        let main = try project.main(of: service)
        #expect(main.process.descriptors.keys.sorted() == [0, 1, 2])
        // /dev/null, the specification, the record, both ends of its pipe, an input that is held.
        let keeper = try project.keeper(of: main)
        let count = service == "open" ? 8 : 7
        eventually("the keeper of \(service) has its own descriptors alone") {
          keeper.process.descriptors.keys.sorted() == Array(0..<Int32(count)).map { .init($0) }
        }
      }
      try project.run("stop", exits: 0)
    }
  }

  /// One that is not would be in every program that anybody executes by mistake.
  @Test func `what a supervisor and a keeper have open is closed on exec`() throws {
    try withProject(["open": .service("sleep", with: ["stdin": "open"])]) { project in
      try project.run("start", exits: 0)
      let supervisor = try #require(project.supervisor).process
      let keeper = try project.keeper(of: project.main(of: "open")).process
      for process in [supervisor, keeper] {
        let own = process.descriptors.keys.filter { $0 > 2 }
        #expect(!own.isEmpty && own.allSatisfy { process.isClosedOnExec($0) }, "\(process.summary)")
      }
      try project.run("stop", exits: 0)
    }
  }

  @Test func `the supervisor is detached and in the root folder, without a marker`() throws {
    try withProject(["bot": .service("sleep")]) { project in
      try project.run("start", exits: 0, environment: ["DEVSTART_ID": "a/b/c"])
      let supervisor = try #require(project.supervisor).process
      #expect(supervisor.session == supervisor.pid)
      #expect(supervisor.workingDirectory == "/")
      #expect(!supervisor.environment.contains { $0.hasPrefix("DEVSTART_ID=") })
      #expect(supervisor.descriptors[0] == "/dev/null")
      let keeper = try project.keeper(of: project.main(of: "bot")).process
      #expect(keeper.parent == supervisor.pid)
      #expect(keeper.session == keeper.pid && keeper.workingDirectory == "/")
      #expect(keeper.arguments.first?.hasPrefix("devstart: keeper of bot") == true)
      try project.run("stop", exits: 0)
    }
  }

  @Test func `no secret of the environment is on disk`() throws {
    let services: JSON = ["bot": .service("sleep", with: ["env": ["TOKEN": "s3cr3t-${X}"]])]
    try withProject(services) { project in
      project.environment["X"] = "caller"
      try project.run("start", exits: 0, environment: ["KEY": "s3cr3t-key"])
      try #require(project.supervisor).kill()
      try project.run("start", "--if-running", "keep", exits: 0, environment: ["X": "other"])
      for folder in [project.path("logs"), project.path("logs/.devstart")] {
        for name in Files.names(in: folder) {
          let text = Files.text("\(folder)/\(name)") ?? ""
          #expect(!text.contains("s3cr3t"), "\(name)")
        }
      }
      try project.run("stop", exits: 0)
    }
  }
}
