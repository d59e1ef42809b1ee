import Glibc
import TestSupport
import Testing

/// A way in which processes get away from who started them.
struct Escape: CustomTestStringConvertible, Sendable {
  var testDescription: String
  /// The fixture's words.
  var words: [String]
  /// Whether TERM to main's process group, which is what a shell or a simple runner does, leaves
  /// some of it alive. The others defeat something else: a look at states, at pipes, at main.
  var outlivesGroup: Bool

  init(_ description: String, _ words: String, outlivesGroup: Bool = true) {
    testDescription = description
    self.words = words.split(separator: " ").map(String.init)
    self.outlivesGroup = outlivesGroup
  }

  static let all = [
    Escape("a child", "child", outlivesGroup: false),
    Escape("a main that ignores TERM", "ignore TERM,INT,HUP"),
    Escape("a child that ignores TERM", "child { ignore TERM }"),
    Escape("a child in its own group", "group"),
    Escape("a child in its own session", "setsid"),
    Escape("a daemon", "double-fork"),
    Escape("a daemon that ignores TERM", "double-fork { ignore TERM }"),
    Escape("an orphan", "orphan", outlivesGroup: false),
    Escape("a daemon without environment, descriptors, name", "daemon-bare"),
    Escape("such a one that ignores TERM", "daemon-bare { ignore TERM,HUP }"),
    Escape("a stopped child", "stopped"),
    Escape("a stopped child in its own session", "stopped { become-session }"),
    Escape("a stopped main", "stop-self"),
    Escape("a nested subreaper with orphans", "subreaper"),
    Escape("zombies that nobody waits for", "zombies", outlivesGroup: false),
    Escape("a process whose first thread ended", "thread-leader", outlivesGroup: false),
    Escape("such a one that ignores TERM", "thread-leader { ignore TERM }"),
    Escape("a main whose first thread ended", "leader-exits", outlivesGroup: false),
    Escape("a parent in vfork", "vfork-parent", outlivesGroup: false),
    Escape("a parent in vfork that ignores TERM", "ignore TERM vfork-parent"),
    Escape("fifty children in groups of their own", "burst 50 { become-group }"),
    Escape("a chain of forks across sessions", "chain 5"),
    Escape("daemons under daemons", "setsid { double-fork { daemon-bare { ignore TERM } } }"),
  ]
}

@Suite(.waitsForProcesses) struct EscapeControlTests {
  /// Without these the other tests of escapes would prove nothing.
  @Test(arguments: Escape.all)
  func `TERM to the process group leaves what the kind says`(escape: Escape) throws {
    try withProject { project in
      let main = try project.startFixture(escape.words)
      #expect(project.survivors.count >= 1)
      kill(-main.pid, SIGTERM)
      if escape.outlivesGroup {
        // Signals to a group are delivered before kill(2) returns; dying takes a moment longer.
        usleep(30_000)
        #expect(!project.survivors.isEmpty)
      } else {
        eventually("all of it ends") { project.survivors.isEmpty }
      }
      project.killRecorded()
    }
  }
}
