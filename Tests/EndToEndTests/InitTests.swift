import DevstartCore
import TestSupport
import Testing

@Suite(.waitsForProcesses) struct InitTests {
  @Test func `an empty folder gets an example that starts`() throws {
    try withProject { project in
      let result = try project.run("init", exits: 0)
      #expect(result.stdout.contains("wrote devstart.json: 1 service\n"))
      #expect(result.stdout.contains("is an example"))
      #expect(result.stdout.hasSuffix("next: devstart check   devstart start\n"))
      #expect(project.supervisor == nil)
      try project.run("check", exits: 0)
      try project.run("start", exits: 0)
      try project.run("stop", exits: 0)
    }
  }

  @Test func `what is there becomes services that start`() throws {
    try withProject { project in
      try Files.write("web: exec sleep 1000 # $PORTS\n", to: project.path("Procfile"))
      try Files.makeFolder(project.path(".git"))
      try Files.write("", to: project.path("compose.yaml"))
      let result = try project.run("init", exits: 0)
      #expect(result.stdout.contains("  web  exec sleep 1000 # $PORTS  (Procfile)\n"))
      #expect(result.stdout.contains("compose.yaml is left to docker compose"))
      #expect(result.stdout.contains("put 'logs/' into .gitignore"))
      #expect(!Files.exists(project.path(".gitignore")), "that is the user's")
      try project.run("check", exits: 0)
      try project.run("start", "web", exits: 0)
      try project.run("stop", exits: 0)
    }
  }

  @Test func `a manifest that is there is never replaced`() throws {
    try withProject(["bot": .service("sleep")]) { project in
      let before = Files.text(project.manifestPath)
      let result = try project.run("init", exits: 1)
      #expect(result.stdout == "" && result.stderr.contains("devstart.json is there already"))
      #expect(Files.text(project.manifestPath) == before)
      Files.remove(project.manifestPath)
      try Files.link(project.manifestPath, to: "\(project.base)/elsewhere")
      try project.run("init", exits: 1)
      #expect(!Files.exists("\(project.base)/elsewhere"), "a link is followed nowhere")
    }
  }

  @Test func `another folder's manifest is written from what is there, and --json says all`()
    throws
  {
    try withProject { project in
      try Files.write(
        #"{"scripts": {"dev": "vite"}}"#, to: project.path("my app/package.json"))
      let json = try project.json("init", "--manifest", "my app/dev.json", exits: 0)
      #expect(json["manifest"] == "my app/dev.json")
      let service = try #require(json["services"]?[named: "web"])
      #expect(service["command"]?.strings == ["npm", "run", "dev"])
      #expect(json["next"]?.strings?.last == "devstart start --manifest 'my app/dev.json'")
      #expect(Files.exists(project.path("my app/dev.json")))
    }
  }

  @Test func `what cannot be read or written is named`() throws {
    try withProject { project in
      let result = try project.run("init", "--manifest", "no/such/devstart.json", exits: 1)
      #expect(result.stderr.contains("cannot write no/such/devstart.json: No such file"))
      try Files.makeFolder(project.path("Procfile"))
      try project.run("init", "bot", exits: 2)
      try project.run("init", exits: 0)
    }
  }
}
