import Glibc
import TestSupport
import Testing

/// Without these the matrix would prove nothing.
@Suite(.waitsForProcesses) struct EscapeControlTests {
  /// Long enough for whatever was signalled to be dead, if it is to die.
  static let dyingTime = Duration.milliseconds(100)

  /// How often a kind may fall by chance: all of a chain may be met in one moment.
  private static let mostTries = 5

  @Test(arguments: Escape.all)
  func `the kind gets away from what is simpler`(escape: Escape) throws {
    var isAway = false
    for _ in 0..<Self.mostTries where !isAway { isAway = try getsAway(escape) }
    #expect(isAway, "nothing outlives it")
  }

  private func getsAway(_ escape: Escape) throws -> Bool {
    var isAway = true
    try withProject { project in
      let main = try project.startFixture(project.words(of: escape))
      let held = project.heldSurvivors()
      _ = try project.pull(escape.trigger, main: main.handle)
      // It cannot record that any more.
      if escape.words.contains("stop-self") {
        eventually("it is stopped") { main.handle.process.state == "T" }
      }
      switch escape.teeth {
      case .outlivesGroup:
        kill(-main.pid, SIGTERM)
        isAway = isLife(held, project)
      case .outlivesMain:
        main.handle.kill()
        isAway = isLife(held, project)
      case .looksDead(let kind):
        let record = try #require(project.records(kind).last)
        #expect(LinuxProcess(pid: record.pid).state == "Z" && record.isAlive)
      case .looksAlive(let kind):
        let dead = project.records(kind)
        #expect(!dead.isEmpty && dead.allSatisfy { kill($0.pid, 0) == 0 && !$0.isAlive })
      case .outlivesKill(let kind):
        let record = try #require(project.records(kind).last)
        let handle = try #require(ProcessHandle(pid: record.pid, startTicks: record.startTicks))
        handle.signal(SIGKILL)
        #expect(!handle.hasEnded(within: Self.dyingTime))
      }
      project.endEscape()
    }
    return isAway
  }

  /// Somebody lives who was there, or who was made meanwhile.
  private func isLife(_ held: [ProcessHandle], _ project: Project) -> Bool {
    let ended = held.allSatisfy { $0.hasEnded(within: Self.dyingTime) }
    return !ended || !project.isLifeOver
  }
}
