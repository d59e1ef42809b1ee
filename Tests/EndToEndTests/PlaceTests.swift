import DevstartCore
import Glibc
import TestSupport
import Testing

@Suite(.waitsForProcesses) struct PlaceTests {
  static let services: JSON = ["bot": .service("print", "hello", "setsid")]

  /// The whole life of a service.
  func cycle(_ project: Project, in folder: String? = nil) throws {
    try project.run("start", exits: 0, in: folder)
    project.expectExactlyOne("bot")
    try project.run("status", exits: 0, in: folder)
    try project.waitForRecord("settled", count: project.records("bot").count)
    #expect(project.log("bot") == "hello\n")
    try project.run("restart", exits: 0, in: folder)
    try #require(project.supervisor).kill()
    try project.run("stop", exits: 0, in: folder)
    #expect(project.survivors.isEmpty)
  }

  @Test(arguments: [
    "with blanks and a ' quote", "größe-プロジェクト-🚀", "$(reboot)`x`;&|", "-n", "new\nline",
    "\"double\" \\back", "devstart.json.d",
  ])
  func `a folder of any name`(name: String) throws {
    try withProject(Self.services, name: name) { try cycle($0) }
  }

  @Test func `from a subfolder, by a link, and with the manifest named`() throws {
    try withProject(Self.services) { project in
      let below = project.path("src/deep")
      try Files.makeFolder(below)
      try cycle(project, in: below)
      try Files.link("\(project.base)/link", to: project.folder)
      try project.run("start", exits: 0, in: "\(project.base)/link")
      try project.run("start", "--if-running", "keep", exits: 0, in: below)
      #expect(project.living("bot").count == 1, "one project, whichever way it is reached")
      try project.run("stop", "--manifest", "../devstart.json", exits: 0, in: project.path("src"))
      #expect(project.survivors.isEmpty)
      let named = ["DEVSTART_MANIFEST": project.manifestPath]
      try project.run("start", exits: 0, environment: named, in: "/")
      project.expectExactlyOne("bot")
      try project.run("stop", "--manifest", project.manifestPath, exits: 0, in: "/")
    }
  }

  @Test func `a path that is too long for a socket`() throws {
    let name = String(repeating: "very-long-folder-name/", count: 12) + "project"
    try withProject(Self.services, name: name) { project in
      #expect(project.path("logs/.devstart/control.sock").utf8.count > 250)
      try cycle(project)
    }
  }

  @Test func `two checkouts at once`() throws {
    try withProject(Self.services) { one in
      try withProject(Self.services) { other in
        try one.run("start", exits: 0)
        try other.run("start", exits: 0)
        let (first, second) = (try one.main(of: "bot"), try other.main(of: "bot"))
        try one.run("restart", exits: 0)
        #expect(!first.isAlive && second.isAlive)
        try one.run("stop", exits: 0)
        try one.run("clean", "--force", exits: 0)
        #expect(second.isAlive)
        try other.run("stop", exits: 0)
      }
    }
  }

  @Test(.enabled(if: Build.isRoot))
  func `an ordinary user`() throws {
    try withProject(Self.services, user: Build.ordinaryUser) { project in
      try project.run("start", exits: 0)
      #expect(try project.main(of: "bot").process.user == Build.ordinaryUser)
      try project.run("stop", exits: 0)
      try cycle(project)
    }
  }

  @Test(.enabled(if: Build.isRoot))
  func `another user's project is refused, its services untouched`() throws {
    try withProject(Self.services) { project in
      try project.run("start", exits: 0)
      let main = try project.main(of: "bot")
      project.user = Build.ordinaryUser
      for words in [["start"], ["stop"], ["clean"]] {
        let result = try project.spawn(words).wait()
        #expect(result.status == 1 && !result.stderr.isEmpty, "\(words) \(result.output)")
      }
      #expect(main.isAlive)
      project.user = nil
      try project.run("stop", exits: 0)
    }
  }

  @Test func `local settings are merged over the manifest`() throws {
    try withProject(Self.services) { project in
      let local: JSON = ["services": ["bot": ["env": ["X": "1"]], "extra": .service("sleep")]]
      try Files.write(local.indentedText, to: project.path("devstart.local.json"))
      try project.run("start", exits: 0)
      #expect(try project.main(of: "bot").process.environment.contains("X=1"))
      #expect(try project.state(of: "extra") == "ready")
      try project.run("stop", exits: 0)
    }
  }

  @Test func `comments and trailing commas are allowed`() throws {
    try withProject { project in
      try Files.write(
        """
        // The bot.
        {"services": {"bot": {"command": ["\(Build.fixture)", "record", "bot"], /* now */
          "ready": {"delay": "0s"},},},}
        """, to: project.manifestPath)
      try project.run("start", exits: 0)
      project.expectExactlyOne("bot")
      try project.run("stop", exits: 0)
    }
  }

  @Test func `a service that left the manifest is stopped all the same`() throws {
    try withProject(["bot": .service("sleep"), "old": .service("setsid")]) { project in
      try project.run("start", exits: 0)
      try project.write(["bot": .service("sleep")])
      try project.run("stop", exits: 0)
      #expect(project.survivors.isEmpty)
    }
  }
}
