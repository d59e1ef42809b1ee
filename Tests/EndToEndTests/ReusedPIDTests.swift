import DevstartCore
import Glibc
import TestSupport
import Testing

/// Promise 2 with numbers that are given again for real (clone3(2), `set_tid`): whatever number is
/// in a PID file, a launch record or a supervisor's memory is an innocent's by now.
@Suite(.serialized, .enabled(if: Build.isRoot, "needs root, to choose PIDs"))
struct ReusedPIDTests {
  /// Who was KILLed, and so has given back its number.
  enum Dead: String, CaseIterable {
    case everything, allButDaemons, keepersAndMains

    /// How many services are up: without its keeper, each is looked for among all processes.
    var count: Int { self == .keepersAndMains ? 8 : 20 }
  }

  /// A daemon that left main's session lets main's number go, though the launch goes on: what is
  /// left of it is asked to end, and ended only after its time.
  private static func services(_ dead: Dead) -> JSON {
    let words =
      dead == .keepersAndMains
      ? ["setsid", "{", "ignore", "TERM", "}"] : ["burst", "12", "setsid"]
    let keys: JSON = ["stop": ["timeout": "2s"], "category": "bots"]
    return JSON(
      .object(
        (0..<dead.count).map { JSON.Member(key: "bot\($0)", value: .fixture(words, with: keys)) }))
  }

  /// Innocents that have every number given back; `as-pids` is in groups and sessions of its own.
  private func takeNumbers(_ numbers: [Int32], in project: Project) throws -> [FixtureRecord] {
    eventually("the numbers are free") { numbers.allSatisfy { kill($0, 0) != 0 } }
    let before = project.records("as-pid").count
    _ = try project.startFixture(["as-pids", "{"] + numbers.map(String.init) + ["}"])
    let innocents = Array(project.records("as-pid").dropFirst(before))
    #expect(innocents.map(\.pid) == numbers, "the numbers could not be had")
    return innocents
  }

  /// KILLs them, and returns the numbers that are free by it.
  private func end(_ dead: Dead, in project: Project) throws -> [Int32] {
    let status = try #require(try project.status()["services"]?.array)
    let mains = status.compactMap { $0["pid"]?.integer }.compactMap {
      ProcessHandle(pid: Int32($0))
    }
    let keepers = mains.compactMap { $0.process.parent }.compactMap { ProcessHandle(pid: $0) }
    try #require(mains.count == dead.count && keepers.allSatisfy(\.process.isKeeper))
    let supervisor = try #require(project.supervisor)
    func held(_ kind: String) -> [ProcessHandle] {
      project.records(kind).compactMap { ProcessHandle(pid: $0.pid, startTicks: $0.startTicks) }
    }
    let daemons = held("setsid")
    try #require(daemons.count == dead.count)
    var all = keepers + mains + held("burst")
    switch dead {
    case .everything: all = [supervisor] + all + daemons
    case .allButDaemons: all.insert(supervisor, at: 0)
    case .keepersAndMains: break
    }
    for process in all { process.kill() }
    return all.map(\.pid)
  }

  @Test func `1,000 numbers given again, and no innocent is signalled`() throws {
    var events = 0
    var round = 0
    while events < (Build.isLong ? 10_000 : 1000) {
      let dead = Dead.allCases[round % Dead.allCases.count]
      try withProject(Self.services(dead)) { project in
        try project.run("start", exits: 0)
        let numbers = try end(dead, in: project)
        let innocents = try takeNumbers(numbers, in: project)
        events += innocents.count
        if dead == .keepersAndMains {
          try #require(!project.living("setsid").isEmpty, "too late to show anything")
        }
        let commands = [
          [["status"], ["clean", "--force"], ["start", "bot0"], ["stop", "--force"]],
          [["stop"], ["restart", "bot1"], ["clean"], ["stop"]],
          [["start", "bots"], ["stop", "--force"]],
        ]
        for words in commands[(round + round / commands.count) % commands.count] {
          let result = try project.spawn(words).wait()
          #expect([0, 3].contains(result.status), "\(dead), \(words): \(result.output)")
          let hit = innocents.filter { !$0.isAlive }
          #expect(hit.isEmpty, "\(dead), \(words): \(hit)")
        }
        #expect(project.living("setsid").isEmpty, "\(dead): what is the services' own is ended")
        project.killRecorded()
      }
      round += 1
    }
    #expect(round >= Dead.allCases.count)
  }
}
