import DevstartCore
import Glibc
import Testing

@testable import DevstartPlatform

/// Promise 2 against a process table in which numbers are given again between any two system
/// calls: from the search for strays to the last signal.
@Suite struct ReusedNumbersTests {
  /// Before Linux 5.3 the start time is compared and the number signalled right after that: in
  /// between the table stands still, which no kernel promises. With pidfds it never does.
  @Test(arguments: [true, false])
  func `100,000 numbers given again, and no innocent is signalled`(hasPidfd: Bool) throws {
    let table = FakeTable(seed: hasPidfd ? 1 : 2, hasPidfd: hasPidfd)
    let rule = MatchRule.command(["bot"])
    var target = StrayFinder.Target(
      service: "bot", rules: try CompiledRules([rule]),
      spare: try CompiledRules([]), scope: .project)
    while table.reuses < 100_000 {
      target.pidFile = table.writePIDFile()
      table.churn()
      let processes = table.facts()
      table.churn()
      let finder = StrayFinder(
        project: FakeTable.project, manifest: FakeTable.manifest, targets: [target],
        user: FakeTable.me)
      let found = finder.find(in: processes, startedAt: FakeTable.milliseconds) { folder in
        folder == FakeTable.folder ? FakeTable.manifest : nil
      }
      for stray in found.strays { end(stray, in: table) }
    }
    #expect(table.innocentsHit.isEmpty, "\(table.innocentsHit.prefix(5))")
    #expect(table.strangersHit == 0 && table.oursHit > 1000, "\(table.oursHit)")
  }

  private func end(_ stray: Stray, in table: FakeTable) {
    switch ProcessHandle.open(stray.facts.identity, table.calls) {
    case .opened(let handle):
      for signal in [Signal.terminate, .continue, .kill] {
        _ = handle.send(signal)
        table.churn()
      }
    case .gone: break
    case .notPermitted: Issue.record("nothing is hidden here")
    case .failed(let error): Issue.record("\(error)")
    }
  }
}
