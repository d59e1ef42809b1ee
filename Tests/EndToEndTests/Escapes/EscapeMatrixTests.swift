import DevstartCore
import Glibc
import TestSupport
import Testing

/// Promise 3: when a command says that it is done, nothing that the service ever started is alive
/// at that instant, or it says of what it could not know. Every kind in every situation.
@Suite(.waitsForProcesses) struct EscapeMatrixTests {
  @Test(arguments: Situation.cells)
  func `nothing is left`(escape: Escape, situation: Situation) throws {
    try withProject { project in
      // No rule fits, as none does a descendant that has executed another program.
      var service = JSON.fixture(
        try project.words(of: escape),
        with: ["stop": ["timeout": "60ms"], "match": "nothing-like-it"])
      if escape.isOneshot { service.set("oneshot", true) }
      try project.write(["bot": service, "other": .service("sleep")])
      let launch = try SituatedLaunch(project, situation)
      var tracers: [RunningCommand] = []
      let result = try launch.end {
        if let main = launch.main { tracers = try project.pull(escape.trigger, main: main) }
      }
      // No waiting from here on: what is said is true when it is said.
      let left = launch.held.filter(\.isAlive)
      let outcome = situation.outcome(of: escape)
      switch outcome {
      case .ended:
        #expect(left.isEmpty, "\(left.map(\.process.summary)) \(result.output)")
        expectNobody(of: launch)
      case .warnedOf:
        #expect(!left.isEmpty, "it is found after all: then the table has to say so")
      case .perhapsEnded:
        #expect(result.status == 0 || result.output.contains(/not (be )?ended/))
      }
      #expect(
        result.status == 0 || outcome == .perhapsEnded, "\(result.output)\(project.supervisorLog)")
      if situation.isForgotten {
        #expect(result.stderr.contains("the keeper of bot was killed"), "\(result.output)")
      }
      #expect(launch.other.isAlive, "what is not named is not touched")
      for tracer in tracers { tracer.handle.kill() }
      try project.run("stop", exits: 0)
      if outcome != .ended { project.endEscape() }
    }
  }

  /// Nobody holds main's lock; where there is a new main, it has found the lock free.
  private func expectNobody(of launch: SituatedLaunch) {
    let project = launch.project
    guard launch.situation.launchesAgain else {
      #expect(project.isLifeOver, "somebody lives who was not recorded")
      return
    }
    #expect(project.records("DOUBLE").isEmpty, "the new main met something of the old launch")
  }
}
