import DevstartCore
import TestSupport
import Testing

@Suite(.waitsForProcesses) struct ExportTests {
  private let services: JSON = [
    "bot": ["command": ["/bin/sleep", "1"], "env": ["TOKEN": "t0ken"]],
    "api": ["command": ["/bin/sleep", "2"], "image": "api:1", "watch": ["paths": ["x"]]],
  ]

  @Test(arguments: ExportTarget.allCases)
  func `an export is on standard output, what it cannot say on standard error`(
    target: ExportTarget
  ) throws {
    try withProject(services) { project in
      let result = try project.run(
        "export", target.rawValue, exits: 0, environment: ["SECRET": "of-the-caller"])
      #expect(result.stdout.contains(target.signature) && result.stdout.contains("t0ken"))
      #expect(result.stderr.contains("devstart: api: changed files restart nothing (watch)\n"))
      #expect(!result.output.contains("of-the-caller"))
      #expect(project.supervisor == nil)
    }
  }

  @Test func `files are written as a whole, and again, with the manifest's values for nobody else`()
    throws
  {
    try withProject(services) { project in
      let folder = project.path("deploy/units")
      for _ in 1...2 {
        let result = try project.run("export", "systemd", "--output", folder, exits: 0)
        #expect(result.stdout.contains("\(folder)/project-bot.service\n"))
        #expect(
          Set(Files.names(in: folder)) == [
            "project.target", "project-bot.service", "project-api.service",
          ])
        #expect(Files.mode("\(folder)/project-bot.service") == 0o600)
        #expect(Files.mode("\(folder)/project-api.service") == 0o644)
      }
      let printed = try project.run("export", "systemd", exits: 0).stdout
      #expect(printed.contains(Files.text("\(folder)/project-bot.service") ?? "none"))
      Files.remove(project.path("deploy"))
    }
  }

  @Test func `a file that somebody else wrote is left alone, and nothing is written`() throws {
    try withProject(services) { project in
      let folder = project.path("units")
      try Files.makeFolder(folder)
      try Files.write("[Unit]\n", to: "\(folder)/project-api.service")
      let result = try project.run("export", "systemd", "--output", folder, exits: 1)
      #expect(result.stderr.contains("project-api.service is there"))
      #expect(Files.names(in: folder) == ["project-api.service"])
      #expect(Files.text("\(folder)/project-api.service") == "[Unit]\n")
      Files.remove(folder)
    }
  }

  @Test func `with --json there is one object`() throws {
    try withProject(services) { project in
      let json = try project.json("export", "compose", "api")
      #expect(json["target"] == "compose")
      let file = try #require(json["files"]?.array?.first)
      #expect(file["name"] == "compose.yaml")
      #expect(file["text"]?.string?.contains("api:1") == true)
      #expect(file["text"]?.string?.contains("t0ken") == false)
      let notes = try #require(json["notes"]?.array)
      #expect(notes.contains { $0["service"] == "api" && $0["text"] != nil })
      let folder = project.path("out")
      let written = try project.json("export", "procfile", "--output", folder)
      #expect(written["files"]?.array?.first?["path"]?.string == "\(folder)/Procfile")
      Files.remove(folder)
    }
  }

  @Test(arguments: [
    (["export"], "systemd, supervisord"), (["export", "compos"], "did you mean 'compose'?"),
    (["export", "compose", "--user"], "--user"), (["export", "compose", "nobody"], "nobody"),
    (["export", "compose", "--output"], "--output"), (["start", "--output", "x"], "'export'"),
  ])
  func `a wrong word is answered with the right one`(words: [String], hint: String) throws {
    try withProject(services) { project in
      let result = try project.spawn(words).wait()
      #expect(result.status == 2 && result.stdout == "", "\(result.output)")
      #expect(result.stderr.contains(hint), "\(result.stderr)")
    }
  }

  @Test func `a folder that cannot be made is named`() throws {
    try withProject(services) { project in
      let result = try project.run(
        "export", "compose", "--output", "\(project.manifestPath)/x", exits: 1)
      #expect(result.stderr.contains("cannot write \(project.manifestPath)/x: Not a directory"))
    }
  }
}
