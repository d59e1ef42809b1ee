import DevstartCore
import Glibc
import TestSupport
import Testing

/// What is to live on lives on, in every situation, and the report names it.
@Suite(.waitsForProcesses) struct SpareMatrixTests {
  @Test(arguments: Situation.allCases)
  func `what spare names is left alone, and the report says so`(situation: Situation) throws {
    try withProject { project in
      let browser = try project.program(named: "my-browser")
      try project.write([
        "bot": .command(
          [
            "/bin/sh", "-c",
            "setsid my-browser --do child { bare } & exec \(Build.fixture) record bot setsid",
          ],
          with: [
            "spare": [["exe": "my-browser", "args": ["--do", "child"]]],
            "stop": ["timeout": "60ms"],
          ]),
        "other": .service("sleep"),
      ])
      let launch = try SituatedLaunch(project, situation, mains: 3)
      let spared = launch.held.filter { $0.process.executable == browser }
      let named = try #require(spared.first { $0.process.arguments.contains("my-browser") })
      #expect(spared.count == 2 && launch.held.count == 4, "the browser and its nameless child")
      let result = try launch.end {}
      #expect(result.status == 0, "\(result.output)\(project.supervisorLog)")
      for process in launch.held {
        let isSpared = spared.contains { $0.pid == process.pid }
        #expect(process.isAlive == isSpared, "\(process.process.summary)")
      }
      // Nobody asked, so nobody is told but who reads the supervisor's log.
      let report = situation == .mainEnds ? project.supervisorLog : result.output
      #expect(report.contains("pid \(named.pid)"), "\(report)")
      try project.run("stop", exits: 0)
      #expect(spared.allSatisfy { $0.isAlive })
      project.killRecorded()
    }
  }

  /// Beside somebody who is to live, that nobody else was met could end the watch: of a chain of
  /// forks, any one reading of the tree may meet only the dead.
  @Test(arguments: Situation.allCases.filter { !$0.isForgotten })
  func `a chain of forks beside what is spared is ended`(situation: Situation) throws {
    try withProject { project in
      let browser = try project.program(named: "my-browser")
      let chain = "lock '\(project.lifePath)' record bot child { clear-environment race }"
      try project.write([
        "bot": .command(
          [
            "/bin/sh", "-c",
            "setsid my-browser --do record browser & exec \(Build.fixture) \(chain)",
          ],
          with: [
            "spare": [["exe": "my-browser", "args": ["--do"]]], "stop": ["timeout": "60ms"],
            "match": "nothing-like-it",
          ]),
        "other": .service("sleep"),
      ])
      let launch = try SituatedLaunch(project, situation, mains: 3)
      try project.waitForRecord("race")
      let spared = try #require(launch.held.first { $0.process.executable == browser })
      let result = try launch.end {}
      #expect(result.status == 0, "\(result.output)\(project.supervisorLog)")
      // A restarted main has the lock of its own.
      if situation == .restart { #expect(project.records("DOUBLE").isEmpty) }
      try project.run("stop", exits: 0)
      #expect(project.isLifeOver, "\(result.output)\(project.supervisorLog)")
      #expect(spared.isAlive)
      project.killRecorded()
    }
  }

  /// A notebook's terminal, in which somebody has started another project's services.
  @Test(arguments: Situation.allCases)
  func `what a member's terminal started devstart in is left alone`(situation: Situation) throws {
    try withProject(["inner": .service("child")]) { inner in
      try withProject { project in
        let start = "'\(Build.devstart)' start --if-running keep --manifest '\(inner.manifestPath)'"
        try project.write([
          "bot": .command(
            [
              "/bin/sh", "-c",
              "FIXTURE_PIDS='\(inner.recordsPath)' \(start) && exec \(Build.fixture) record bot setsid",
            ], with: ["stop": ["timeout": "60ms"]]),
          "other": .service("sleep"),
        ])
        let launch = try SituatedLaunch(project, situation, mains: 2)
        let main = try inner.main(of: "inner")
        let kept = [main, try inner.keeper(of: main), try #require(inner.supervisor)]
        let result = try launch.end {}
        #expect(result.status == 0, "\(result.output)\(project.supervisorLog)")
        #expect(launch.held.allSatisfy { !$0.isAlive })
        for process in kept { #expect(process.isAlive, "\(process.process.summary)") }
        try project.run("stop", exits: 0)
        for process in kept { #expect(process.isAlive, "\(process.process.summary)") }
        try inner.run("stop", exits: 0)
        #expect(inner.survivors.isEmpty)
      }
    }
  }
}
