import DevstartCore
import TestSupport
import Testing

@Suite(.waitsForProcesses) struct LogTests {
  @Test func `each start has its own log, and the earlier ones are kept`() throws {
    try withProject { project in
      for text in ["first", "second", "third"] {
        try project.write(["bot": .service("print", text)])
        try project.run("start", exits: 0)
        try project.waitForRecord("settled", count: project.records("bot").count)
      }
      #expect(project.log("bot") == "third\n")
      #expect(Files.text(project.path("logs/dev_bot.log.1")) == "second\n")
      #expect(Files.text(project.path("logs/dev_bot.log.2")) == "first\n")
      #expect(Files.mode(project.path("logs/dev_bot.log")) == 0o644)
      #expect(try project.run("logs", "bot", exits: 0).stdout.contains("third"))
      let previous = try project.run("logs", "bot", "--previous", exits: 0)
      #expect(previous.stdout.contains("second") && !previous.stdout.contains("third"))
      try project.run("stop", exits: 0)
    }
  }

  @Test func `logs -n shows the last lines, of several services with their names`() throws {
    let services: JSON = [
      "bot": .service("print-lines", "100"), "api": .service("print", "hello from api"),
    ]
    try withProject(services) { project in
      try project.run("start", exits: 0)
      try project.waitForRecord("settled", count: 2)
      let last = try project.run("logs", "bot", "-n", "3", exits: 0)
      let lines = last.stdout.split(separator: "\n")
      #expect(lines.count == 3 && lines.first?.hasSuffix("line 98") == true)
      #expect(lines.last?.hasSuffix("line 100") == true)
      let both = try project.run("logs", exits: 0)
      for line in both.stdout.split(separator: "\n") where line.contains("hello from api") {
        #expect(line.replacing("hello from api", with: "").contains("api"))
      }
      #expect(both.stdout.contains("hello from api") && both.stdout.contains("line 100"))
      try project.run("stop", exits: 0)
      #expect(try project.run("logs", "bot", exits: 0).stdout.contains("line 100"))
    }
  }

  @Test func `logs -f follows, over a restart too`() throws {
    try withProject { project in
      let gate = Gate("\(project.base)/gate")
      try project.write(["bot": .service("print", "before", "gate", gate.path, "print", "after")])
      try project.run("start", exits: 0)
      let follow = try project.spawn("logs", "-f", "bot")
      eventually("the lines so far") { follow.stdoutSoFar.contains("before") }
      gate.open()
      eventually("a line that was added") { follow.stdoutSoFar.contains("after") }
      try project.run("restart", exits: 0)
      eventually("the lines of the next start") {
        follow.stdoutSoFar.split(separator: "\n").filter { $0.contains("after") }.count == 2
      }
      follow.signal(2)
      _ = try follow.wait()
      try project.run("stop", exits: 0)
    }
  }

  @Test func `output is not lost while nobody supervises`() throws {
    try withProject { project in
      let gate = Gate("\(project.base)/gate")
      try project.write(["bot": .service("print", "before", "gate", gate.path, "print", "after")])
      try project.run("start", exits: 0)
      project.supervisor?.kill()
      gate.open()
      try waitForFile(project.path("logs/dev_bot.log")) { $0 == "before\nafter\n" }
      try project.run("stop", exits: 0)
    }
  }

  @Test func `the private folder is private and the rest is for reading`() throws {
    try withProject(["bot": .service("sleep")]) { project in
      let command = try project.spawn(["start"]) { $0.umask = "000" }
      #expect(try command.wait().status == 0)
      let folder = project.path("logs/.devstart")
      #expect(Files.mode(folder) == 0o700)
      for name in Files.names(in: folder) where name != "control.sock" {
        #expect(Files.mode("\(folder)/\(name)") == 0o600, "\(name)")
      }
      #expect(Files.mode(project.path("logs/dev_bot.log")) == 0o644)
      #expect(Files.mode(project.pidFile("bot")) == 0o644)
      #expect(Files.names(in: project.folder) == ["devstart.json", "logs"])
      try project.run("stop", exits: 0)
    }
  }

  @Test func `a link in a log's place is not followed`() throws {
    try withProject(["bot": .service("print", "poison")]) { project in
      let precious = "\(project.base)/precious"
      try Files.write("precious", to: precious)
      try Files.makeFolder(project.path("logs"))
      try Files.link(project.path("logs/dev_bot.log"), to: precious)
      _ = try project.run("start")
      try project.run("stop", exits: 0)
      #expect(Files.text(precious) == "precious")
    }
  }

  @Test func `the logs folder is the manifest's`() throws {
    try withProject(["bot": .service("print", "hello")], top: ["logs": "var/out"]) { project in
      try project.run("start", exits: 0)
      try project.waitForRecord("settled")
      #expect(Files.text(project.path("var/out/dev_bot.log")) == "hello\n")
      #expect(try project.service("bot")["log"]?.string == "var/out/dev_bot.log")
      #expect(!Files.exists(project.path("logs")))
      try project.run("stop", exits: 0)
    }
  }
}
