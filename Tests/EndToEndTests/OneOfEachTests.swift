import DevstartCore
import Foundation
import TestSupport
import Testing

/// Promise 1: at most one live launch of a service, whatever races.
@Suite(.serialized, .waitsForProcesses) struct OneOfEachTests {
  /// Each takes a lock that only one may have, and tells if it did not get it.
  static let services: JSON = [
    "bot": .service("lock", "bot.lock", "child"),
    "api": .service("lock", "api.lock", "setsid", with: ["dependsOn": ["bot"]]),
  ]

  func expectOneOfEach(_ project: Project) {
    project.expectExactlyOne("bot")
    project.expectExactlyOne("api")
    #expect(project.records("DOUBLE").isEmpty)
  }

  @Test(arguments: [10, 50])
  func `starts that were there before the launch all join it`(count: Int) throws {
    try withProject(Self.services) { project in
      let gate = Gate("\(project.base)/gate")
      // Each process exists, and so has its start time, before any of them asks.
      let starts = try (0..<count).map { _ in
        try project.spawn(["start", "all"]) { $0.gate = gate.path }
      }
      gate.open()
      for start in starts {
        let result = try start.wait(within: .seconds(60))
        #expect(result.status == 0, "\(result.output)")
      }
      expectOneOfEach(project)
      #expect(project.records("bot").count == 1 && project.records("api").count == 1)
      try project.run("stop", exits: 0)
    }
  }

  @Test func `starts that come one after the other end as one, all with 0`() throws {
    try withProject(Self.services) { project in
      let starts = try (0..<10).map { _ in try project.spawn("start", "all") }
      for start in starts {
        let result = try start.wait(within: .seconds(60))
        #expect(result.status == 0, "\(result.output)")
      }
      expectOneOfEach(project)
      try project.run("stop", exits: 0)
    }
  }

  @Test(arguments: 1...4)
  func `starts, stops and restarts at once leave one or none`(round: Int) throws {
    let seed = Build.seed(round)
    var random = SeededRandom(seed: seed)
    try withProject(Self.services) { project in
      let words = [
        ["start"], ["stop"], ["restart"], ["start", "bot"], ["stop", "api"], ["status"],
      ]
      let commands = try (0..<12).map { _ in
        try project.spawn(words.randomElement(using: &random) ?? [])
      }
      for command in commands {
        let result = try command.wait(within: .seconds(60))
        #expect([0, 1, 3].contains(result.status), "seed \(seed): \(result.output)")
      }
      #expect(project.living("bot").count <= 1 && project.living("api").count <= 1)
      try project.run("start", exits: 0)
      expectOneOfEach(project)
      try project.run("stop", exits: 0)
      #expect(project.survivors.isEmpty, "seed \(seed)")
    }
  }

  @Test func `only one supervisor is there, whatever comes at once`() throws {
    try withProject(Self.services) { project in
      try project.run("start", "bot", exits: 0)
      let supervisor = try #require(project.supervisor)
      let second = try project.spawn(["supervise", "--manifest", project.manifestPath])
      #expect(second.handle.hasEnded(within: .seconds(15)))
      #expect(supervisor.isAlive)
      #expect(project.processes().filter(\.isSupervisor).count == 1)
      try project.run("start", "api", exits: 0)
      expectOneOfEach(project)
      try project.run("stop", exits: 0)
    }
  }

  @Test func `a service that was started by hand is replaced, kept or refused`() throws {
    try withProject(["bot": .service("lock", "bot.lock")]) { project in
      let words = [Build.fixture, "record", "bot", "lock", "bot.lock"]
      let byHand = try project.startByHand(Build.fixture, words)
      let refused = try project.run("start", "--if-running", "fail", exits: 4)
      #expect(refused.stderr.contains(String(byHand.pid)))
      #expect(byHand.isAlive)
      try project.run("start", "--if-running", "replace", exits: 0)
      #expect(!byHand.isAlive)
      project.expectExactlyOne("bot")
      let first = try project.main(of: "bot")
      try project.run("start", "--if-running", "keep", exits: 0)
      #expect(first.isAlive)
      try project.run("start", "--if-running", "fail", exits: 4)
      #expect(first.isAlive)
      try project.run("stop", exits: 0)
      #expect(project.records("DOUBLE").isEmpty)
    }
  }

  @Test(arguments: [("keep", Int32(0)), ("fail", 4)])
  func `onConflict in the manifest holds too`(policy: String, status: Int32) throws {
    try withProject(["bot": .service("sleep", with: ["onConflict": JSON(policy)])]) { project in
      try project.run("start", exits: 0)
      let first = try project.main(of: "bot")
      try project.run("start", exits: status)
      #expect(first.isAlive)
      try project.run("start", "--if-running", "replace", exits: 0)
      #expect(!first.isAlive)
      try project.run("stop", exits: 0)
    }
  }
}
