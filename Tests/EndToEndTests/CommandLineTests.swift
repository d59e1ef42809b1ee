import DevstartCore
import TestSupport
import Testing

@Suite(.waitsForProcesses) struct CommandLineTests {
  @Test(arguments: [
    (["statsu"], "status"), (["start", "bto"], "bot"), (["stop", "apii"], "api"),
    (["start", "--forse"], "--"), (["stop", "--forse"], "--force"), (["strat", "bot"], "start"),
    (["start", "bot", "--timeut", "3s"], "--timeout"),
    (["start", "bot", "--timeout", "soon"], "soon"),
    (["start", "bot", "--timeout"], "--timeout"), (["smoke", "bot"], "--"),
    (["start", "bot", "--if-running", "maybe"], "keep"),
    (["wait", "bot", "--for", "godot"], "ready"),
    (["logs", "bot", "-n", "many"], "many"), (["restart", "nobody"], "nobody"),
    (["clean", "nobody"], "nobody"), (["status", "nobody"], "nobody"),
  ])
  func `a wrong word is answered with the right one, and nothing is touched`(
    words: [String], hint: String
  ) throws {
    try withProject(["bot": .service("sleep"), "api": .service("sleep")]) { project in
      let result = try project.spawn(words).wait()
      #expect(result.status == 2, "\(result.output)")
      #expect(result.stderr.contains(hint), "\(result.stderr)")
      #expect(result.stdout == "")
      #expect(project.records.isEmpty && project.supervisor == nil)
    }
  }

  @Test func `help, version and schema need no manifest`() throws {
    try withProject { project in
      #expect(try project.run("version", exits: 0).stdout.contains(programVersion))
      let help = try project.run("help", exits: 0).stdout
      for command in [
        "start", "stop", "restart", "status", "clean", "logs", "wait", "smoke", "check", "export",
        "notify", "init", "completion", "run", "schema", "help", "version",
      ] {
        #expect(help.contains(command))
        #expect(try !project.run("help", command, exits: 0).stdout.isEmpty)
      }
      let schema = try project.run("schema", exits: 0).stdout
      let json = try JSON.parse(Array(schema.utf8))
      #expect(json["properties"]?.keys.contains("services") == true)
      for line in help.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    }
  }

  @Test func `each exit code is the design's`() throws {
    let services: JSON = [
      "bot": .service("sleep"),
      "broken": .service("exit", "3", with: ["ready": ["delay": "5s"], "autostart": false]),
      "slow": .service("sleep", with: ["ready": ["delay": "60s"], "autostart": false]),
    ]
    try withProject(services) { project in
      try project.run("status", exits: 3)
      try project.run("wait", "bot", "--for", "stopped", exits: 0)
      try project.run("start", "broken", exits: 1)
      try project.run("start", exits: 0)
      try project.run("status", exits: 0)
      try project.run("wait", "bot", "--for", "ready", exits: 0)
      try project.run("status", "broken", exits: 3)
      try project.run("start", "bot", "--if-running", "fail", exits: 4)
      try project.run("start", "slow", "--timeout", "200ms", exits: 5)
      try project.run("wait", "bot", "--for", "stopped", "--timeout", "100ms", exits: 5)
      try project.run("stop", exits: 0)
      try project.run("stop", "slow", exits: 0)
    }
  }

  @Test func `output in a pipe has neither colours nor redrawn lines`() throws {
    try withProject(["bot": .service("sleep")]) { project in
      for words in [["start"], ["status"], ["restart"], ["logs"], ["stop"], ["clean"], ["help"]] {
        let output = try project.spawn(words).wait().output
        #expect(!output.contains("\u{1B}") && !output.contains("\r"), "\(words)")
      }
    }
  }

  @Test func `a target may be named after a command`() throws {
    try withProject(["statue": .service("sleep")]) { project in
      try project.run("start", "statue", exits: 0)
      project.expectExactlyOne("statue")
      try project.run("stop", "statue", exits: 0)
    }
  }
}
