import DevstartCore
import Glibc
import TestSupport
import Testing

/// What a manifest says is executed: whose word it is matters, to root most of all.
@Suite(.enabled(if: Build.isRoot, "needs root, to be several users"))
struct ManifestTrustTests {
  private static let services: JSON = ["bot": .service("sleep")]
  private static let stranger = Build.ordinaryUser

  private func expectRefused(
    _ project: Project, _ hint: String, in folder: String? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    for words in [
      ["start"], ["restart", "bot"], ["run"], ["smoke", "all", "--", "true"], ["stop"],
    ] {
      let result = try project.spawn(words, in: folder).wait()
      #expect(result.status == 1, "\(words): \(result.output)", sourceLocation: sourceLocation)
      for word in [hint, "devstart.json", "--manifest"] {
        #expect(result.stderr.contains(word), "\(result.stderr)", sourceLocation: sourceLocation)
      }
    }
    #expect(project.records.isEmpty && !Files.exists(project.path("logs")))
  }

  /// Who names it has decided.
  private func expectNamedIsUsed(_ project: Project, _ hint: String) throws {
    let start = try project.run("start", "--manifest", project.manifestPath, exits: 0)
    #expect(start.stderr.contains("warning") && start.stderr.contains(hint), "\(start.stderr)")
    try project.run("stop", "--manifest", project.manifestPath, exits: 0)
  }

  enum Opening: String, CaseIterable {
    case manifest, folder, above

    func open(_ project: Project) -> String {
      let path =
        switch self {
        case .manifest: project.manifestPath
        case .folder: project.folder
        case .above: project.base
        }
      chmod(path, self == .manifest ? 0o666 : 0o777)
      return path
    }
  }

  @Test(arguments: Opening.allCases)
  func `root executes nothing that anybody may write`(opening: Opening) throws {
    try withProject(Self.services) { project in
      let path = opening.open(project)
      try expectRefused(project, "anybody may")
      try expectNamedIsUsed(project, path)
      chmod(path, 0o755)
      let start = try project.run("start", exits: 0)
      #expect(!start.stderr.contains("warning"))
      try project.run("stop", exits: 0)
    }
  }

  @Test(arguments: Opening.allCases)
  func `a user's own folder is the user's own affair`(opening: Opening) throws {
    try withProject(Self.services, user: Build.ordinaryUser) { project in
      _ = opening.open(project)
      let start = try project.run("start", exits: 0)
      #expect(!start.stderr.contains("warning"), "\(start.stderr)")
      try project.run("stop", exits: 0)
    }
  }

  /// In a folder such as `/tmp`, anybody can lay a manifest in the way of whoever works below it.
  @Test(arguments: ["devstart.json", "devstart.local.json", "link"])
  func `what a stranger laid into a folder of all is not found`(name: String) throws {
    try withProject(Self.services) { project in
      let own = project.path("own")
      try Files.makeFolder(own)
      if name == "devstart.local.json" {
        try Files.write("{}", to: project.path(name))
      } else if name == "link" {
        try Files.copy(project.manifestPath, to: "\(project.base)/home/devstart.json")
        Files.remove(project.manifestPath)
        try Files.link(project.manifestPath, to: "\(project.base)/home/devstart.json")
      }
      lchown(project.path(name == "link" ? "devstart.json" : name), Self.stranger, Self.stranger)
      chmod(project.folder, 0o1777)
      try expectRefused(project, "nobody", in: own)
      // An ordinary user is no better off.
      project.user = 54_321
      try expectRefused(project, "nobody", in: own)
      project.user = nil
      Files.remove("\(project.base)/home/devstart.json")
    }
  }

  @Test func `a stranger's manifest in the stranger's folder is named to root, who is there`()
    throws
  {
    try withProject(Self.services) { project in
      for path in [project.folder, project.manifestPath] {
        chown(path, Self.stranger, Self.stranger)
      }
      let start = try project.run("start", exits: 0)
      #expect(start.stderr.contains("warning") && start.stderr.contains("nobody"))
      let sudo = try project.run(
        "restart", exits: 0, environment: ["SUDO_UID": String(Self.stranger)])
      #expect(!sudo.stderr.contains("warning"), "who uses sudo(8) at home needs no warning")
      let other = try project.run("restart", exits: 0, environment: ["SUDO_UID": "54321"])
      #expect(other.stderr.contains("warning"))
      try project.run("stop", exits: 0)
    }
  }

  @Test func `a folder of logs that anybody may write is named to root`() throws {
    try withProject(Self.services) { project in
      try Files.makeFolder(project.path("logs"), mode: 0o777)
      let start = try project.run("start", exits: 0)
      #expect(start.stderr.contains("warning") && start.stderr.contains("logs"))
      try project.run("stop", exits: 0)
    }
  }
}
