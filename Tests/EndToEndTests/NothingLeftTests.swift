import DevstartCore
import Glibc
import TestSupport
import Testing

/// How long a stop takes, and what it leaves on purpose. That it leaves nothing else, in whatever
/// way that got away, is `EscapeMatrixTests`.
@Suite(.waitsForProcesses) struct NothingLeftTests {
  @Test func `stop takes as long as what ends last, not as long as it may`() throws {
    let services: JSON = ["bot": .service("burst", "5", "stopped", "double-fork")]
    try withProject(services) { project in
      try project.run("start", exits: 0)
      try project.waitForRecord("settled")
      let stop = try project.run("stop", exits: 0)
      #expect(stop.duration < .seconds(5), "the timeout is 10 s")
    }
  }

  @Test func `a descendant in a polite daemon has the whole timeout`() throws {
    let services: JSON = [
      "bot": .service("double-fork", "{", "trap", "TERM", "}", with: ["stop": ["timeout": "20s"]])
    ]
    try withProject(services) { project in
      try project.run("start", exits: 0)
      try project.waitForRecord("settled")
      let stop = try project.run("stop", exits: 0)
      #expect(project.survivors.isEmpty)
      // Another session gets no TERM of main's group: the tree is waited for, then KILLed.
      #expect(stop.duration < .seconds(25))
    }
  }

  /// Once the tree has been given up nothing tells whose they are: the sweep has to come back
  /// until it is empty.
  @Test(arguments: 1...4)
  func `a chain of forks that nothing marks is swept until nobody is left`(round: Int) throws {
    try withProject { project in
      let words = ["lock", project.lifePath, "child", "{", "clear-environment", "race", "}"]
      try project.write([
        "bot": .fixture(words, with: ["stop": ["timeout": "60ms"], "match": "nothing-like-it"])
      ])
      try project.run("start", exits: 0)
      try project.waitForRecord("settled")
      let stop = try project.run("stop", exits: 0)
      #expect(project.isLifeOver, "round \(round): \(stop.output)")
      project.endEscape()
    }
  }
}
