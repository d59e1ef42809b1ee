import DevstartCore
import Testing

@Suite struct StrayFinderTests {
  private let bot = MatchRule.command(["python3", "bot.py"])
  private let run = ["python3", "bot.py"]

  @Test func `an older launch's marker makes a stray, whatever runs`() throws {
    let found = Fake.find(
      [try Fake.target("bot", [bot])],
      in: [Fake.process(10, ["sleep", "9"], folder: "/", marker: Fake.marker("bot"))])
    #expect(found.pids == [10])
    #expect(found.strays.first?.reason == .marker(launch: "old"))
  }

  @Test func `a rule's hit within the project is a stray`() throws {
    let found = Fake.find(
      [try Fake.target("bot", [bot])],
      in: [Fake.process(10, run), Fake.process(11, run, folder: Fake.folder + "/apps")])
    #expect(found.pids == [10, 11])
    #expect(found.strays.first?.reason == .rule("python3 bot.py"))
  }

  @Test func `innocents are left alone`() throws {
    let current = Fake.marker("api", "now")
    let innocents = [
      Fake.process(10, run, folder: "/home/me/other"),
      Fake.process(11, run, folder: Fake.folder + "/nested"),
      Fake.process(12, run, folder: nil),
      Fake.process(13, run, state: UInt8(ascii: "Z")),
      Fake.process(14, run, marker: Fake.marker("bot", project: "00000000000000bb")),
      Fake.process(15, run, marker: current),
      Fake.process(16, run, parent: 15),
      Fake.process(17, run),
      Fake.process(18, ["devstart: keeper of bot"]),
      Fake.process(19, run, parent: 18),
      Fake.process(20, ["vim", "bot.py"]),
      Fake.process(21, run, marker: Fake.marker("removed")),
      Fake.process(22, ["/usr/bin/devstart", "supervise", "python3", "bot.py"]),
      Fake.process(1, run),
    ]
    let found = Fake.find(
      [try Fake.target("bot", [bot])], in: innocents, current: [current], untouchable: [17])
    #expect(found == StrayFindings())
  }

  @Test func `a command of devstart is no hit of a rule on its arguments`() throws {
    let target = try Fake.target("bot", [.pattern("bot")], scope: .user)
    let found = Fake.find(
      [target],
      in: [Fake.process(10, ["devstart", "logs", "bot"]), Fake.process(11, ["node", "bot"])])
    #expect(found.pids == [11])
  }

  @Test func `scope user reaches beyond the project`() throws {
    let target = try Fake.target("bot", [bot], scope: .user)
    #expect(Fake.find([target], in: [Fake.process(10, run, folder: nil)]).pids == [10])
  }

  @Test func `another user's process is reported only`() throws {
    let found = Fake.find(
      [try Fake.target("bot", [bot])],
      in: [Fake.process(10, run, user: 0), Fake.process(11, ["sleep"], parent: 10)])
    #expect(found.pids.isEmpty)
    #expect(found.foreignPIDs == [10])
  }

  @Test func `a PID file's process is a stray where its identity fits`() throws {
    let entry = StrayFinder.PIDFileEntry(pid: 10, writtenAt: 5000)
    let targets = [try Fake.target("bot", [bot], pidFile: entry)]
    func find(_ process: ProcessFacts) -> StrayFindings { Fake.find(targets, in: [process]) }
    let fitting = find(Fake.process(10, run, folder: "/elsewhere", startTicks: 700))
    #expect(fitting.strays.first?.reason == .pidFile)
    #expect(find(Fake.process(10, run, folder: "/elsewhere", startTicks: 701)).pids.isEmpty)
    #expect(find(Fake.process(10, ["vim", "bot.py"], startTicks: 100)).pids.isEmpty)
    #expect(find(Fake.process(11, run, folder: "/elsewhere", startTicks: 100)).pids.isEmpty)
    #expect(find(Fake.process(10, run, user: 0, startTicks: 100)).foreignPIDs == [10])
  }

  @Test func `descendants of a stray are strays with it`() throws {
    let old = Fake.marker("bot")
    let found = Fake.find(
      [try Fake.target("bot", [bot], spare: [.program("tmux", arguments: [])])],
      in: [
        Fake.process(10, run, marker: old),
        Fake.process(11, ["sleep"], parent: 10),
        Fake.process(12, [], parent: 11, state: UInt8(ascii: "Z")),
        Fake.process(13, ["sleep"], parent: 12, folder: "/"),
        Fake.process(14, ["tmux"], parent: 10),
        Fake.process(15, ["bash"], parent: 14),
        Fake.process(16, ["x"], parent: 10, marker: Fake.marker("a", project: "bb")),
        Fake.process(17, ["y"], parent: 16),
        Fake.process(18, ["devstart: keeper of z"], parent: 10),
        Fake.process(19, ["z"], parent: 18),
        Fake.process(20, ["me"], parent: 10),
        Fake.process(21, ["sudo"], parent: 10, user: 0),
      ], untouchable: [20])
    #expect(found.pids == [10, 11, 13])
    #expect(found.strays.last?.reason == .descendant(of: 11))
    #expect(found.sparedPIDs == [14])
    #expect(found.foreignPIDs == [21])
  }

  @Test func `who is older than a stray is not its child, whatever the number says`() throws {
    let found = Fake.find(
      [try Fake.target("bot", [bot])],
      in: [
        Fake.process(10, run, startTicks: 200),
        Fake.process(11, ["sleep"], parent: 10, startTicks: 199),
        Fake.process(12, ["sleep"], parent: 10, startTicks: 200),
      ])
    #expect(found.pids == [10, 12])
  }

  @Test func `what a spared process started stays, but for what a rule names`() throws {
    let old = Fake.marker("bot")
    let found = Fake.find(
      [try Fake.target("bot", [bot], spare: [.program("tmux", arguments: [])])],
      in: [
        Fake.process(10, ["tmux", "new"], marker: old),
        Fake.process(11, ["bash"], parent: 10, marker: old),
        Fake.process(12, ["htop"], parent: 11, marker: old),
        Fake.process(13, run, parent: 11, marker: old),
      ])
    #expect(found.sparedPIDs == [10])
    #expect(found.pids == [13])
  }

  @Test func `a service's own command is not spared`() throws {
    let target = try Fake.target(
      "adb", [.command(["adb", "server"])], spare: [.program("adb", arguments: [])])
    let found = Fake.find(
      [target], in: [Fake.process(10, ["adb", "server"]), Fake.process(11, ["adb", "x"])])
    #expect(found.pids == [10])
    #expect(found.spared.isEmpty)
  }

  @Test func `a process belongs to one service alone`() throws {
    let loose = try Fake.target("loose", [.argument(containing: "bot", program: nil)])
    let twin = try Fake.target("twin", [.argument(containing: "bot", program: nil)])
    let exact = try Fake.target("exact", [bot])
    let processes = [
      Fake.process(10, run), Fake.process(11, ["python3", "robot.py"]),
      Fake.process(12, run, marker: Fake.marker("twin")),
    ]
    let found = Fake.find([loose, twin, exact], in: processes)
    #expect(found.strays.map(\.service) == ["exact", "loose", "twin"])
  }

  @Test func `a scan with a circle of parents ends`() throws {
    let found = Fake.find(
      [try Fake.target("bot", [bot])],
      in: [
        Fake.process(10, run, parent: 12), Fake.process(11, ["a"], parent: 10),
        Fake.process(12, [], parent: 11, state: UInt8(ascii: "Z")),
      ])
    #expect(found.pids == [10, 11])
  }

  @Test func `parents get their signal before their children, whatever their numbers`() {
    func order(_ parents: KeyValuePairs<Int32, Int32>) -> [Int32] {
      parents.map { pid, parent in
        Stray(
          service: "bot", facts: Fake.process(pid, run, parent: parent),
          reason: .marker(launch: "1"))
      }.parentsFirst.map(\.facts.identity.pid)
    }
    #expect(order([:]) == [])
    #expect(order([10: 1, 11: 10, 12: 1]) == [10, 12, 11])
    // As numbers begin anew.
    #expect(order([300: 999, 301: 300, 998: 1, 999: 998]) == [998, 999, 300, 301])
    #expect(order([10: 11, 11: 10, 12: 12]).sorted() == [10, 11, 12])
  }

  @Test func `reasons are worded for reports`() {
    func text(_ reason: Stray.Reason) -> String {
      Stray(service: "bot", facts: Fake.process(10, run), reason: reason)
        .reasonText(pidFile: "logs/dev_bot.pid")
    }
    #expect(text(.rule(MatchRule.argument(containing: "a.b", program: nil).text)) == "match a.b")
    #expect(text(.rule(MatchRule.pattern("x+").text)) == "match /x+/")
    #expect(text(.marker(launch: "1")) == "marker of an earlier launch")
    #expect(text(.pidFile) == "named by logs/dev_bot.pid")
    #expect(text(.descendant(of: 4711)) == "child of 4711")
  }
}
