import Glibc
import TestSupport
import Testing

/// Without these the matrix would prove nothing.
@Suite(.waitsForProcesses) struct EscapeControlTests {
  /// Long enough for whatever was signalled to be dead, if it is to die.
  static let dyingTime = Duration.milliseconds(100)

  @Test(arguments: Escape.all)
  func `the kind gets away from what is simpler`(escape: Escape) throws {
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
        expectLife(held, project)
      case .outlivesMain:
        main.handle.kill()
        expectLife(held, project)
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
  }

  /// Somebody lives who was there, or who was made meanwhile.
  private func expectLife(
    _ held: [ProcessHandle], _ project: Project,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let ended = held.allSatisfy { $0.hasEnded(within: Self.dyingTime) }
    #expect(
      !ended || !project.isLifeOver, "nothing outlives it", sourceLocation: sourceLocation)
  }
}
