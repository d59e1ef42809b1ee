import DevstartCore
import Glibc
import TestSupport
import Testing

/// A way in which processes get away from who started them.
struct Escape: CustomTestStringConvertible, Sendable {
  /// How it gets away from what is simpler than a supervisor, as `EscapeControlTests` shows: a
  /// kind that does not any more would prove nothing.
  enum Teeth: Sendable {
    /// TERM to main's process group, which is what a shell or a simple runner does, leaves some.
    case outlivesGroup
    /// KILL to main, which is what a PID file is good for, leaves some.
    case outlivesMain
    /// The process table shows those of this kind as zombies, and they run.
    case looksDead(String)
    /// Those of this kind are dead, and kill(2) still finds them.
    case looksAlive(String)
    /// KILL does not end those of this kind.
    case outlivesKill(String)
  }

  /// The most lasting that ties it to its launch, once supervisor and keepers have been KILLed.
  enum Trace: Sendable {
    /// `DEVSTART_ID` in its environment.
    case marker
    /// Main's session or group, or a living ancestor: of use for as long as main lives.
    case mainLives
    /// Its marker, which nobody lives long enough to be asked for.
    case fleeting
    /// Nothing that this user's devstart could act upon.
    case nothing
  }

  /// What is done to it once it runs.
  enum Trigger: Sendable {
    case none
    /// Main gets a signal that ends it.
    case endMain(Int32)
    /// Somebody else's debugger holds those of this kind.
    case trace(String)
  }

  /// What the machine has to offer.
  enum Need: Sendable {
    case nothing, root, namespaces, fuse
  }

  var testDescription: String
  /// The fixture's words; `@` is the project's temporary folder.
  var words: [String]
  var teeth: Teeth
  var trace = Trace.marker
  var trigger = Trigger.none
  var need = Need.nothing
  var isOneshot = false

  init(
    _ description: String, _ words: String, _ teeth: Teeth = .outlivesGroup,
    trace: Trace = .marker, trigger: Trigger = .none, need: Need = .nothing,
    isOneshot: Bool = false
  ) {
    testDescription = description
    self.words = words.split(separator: " ").map(String.init)
    self.teeth = teeth
    self.trace = trace
    self.trigger = trigger
    self.need = need
    self.isOneshot = isOneshot
  }

  /// Every kind that this machine can make.
  static let all = (processes + daemons + threads + swarms + apart + stuck).filter(\.isPossible)

  private var isPossible: Bool {
    switch need {
    case .nothing: true
    case .root: Build.isRoot
    case .namespaces:
      Build.isRoot || Files.text("/proc/sys/kernel/unprivileged_userns_clone") == "1\n"
    case .fuse: Build.isRoot && Files.exists("/dev/fuse")
    }
  }
}

extension Escape {
  private static let processes = [
    Escape("a child", "child", .outlivesMain),
    Escape("a main that ignores TERM", "ignore TERM,INT,HUP"),
    Escape("a child that ignores TERM", "child { ignore TERM,INT,HUP }"),
    Escape("a child in its own group", "group"),
    Escape("a child in its own session", "setsid"),
    Escape("an orphan", "orphan", .outlivesMain),
    Escape("a stopped child", "stopped"),
    Escape("a stopped child in its own session", "stopped { become-session }"),
    Escape("a stopped main", "stop-self"),
    Escape("a child that is traced from outside", "child", trigger: .trace("child")),
    Escape("zombies that nobody waits for", "zombies", .looksAlive("zombie")),
    Escape(
      "a child without environment, name, folder", "child { bare }", .outlivesMain,
      trace: .mainLives),
    Escape("such a one in its own session", "setsid { bare }", trace: .mainLives),
    Escape("such an orphan", "orphan { bare }", .outlivesMain, trace: .mainLives),
    Escape("such an orphan in its own group", "orphan { become-group bare }", trace: .mainLives),
  ]

  private static let daemons = [
    Escape("a daemon", "double-fork"),
    Escape("a daemon that ignores TERM", "double-fork { ignore TERM,INT,HUP }"),
    Escape(
      "a daemon without environment, descriptors, name, folder", "daemon-bare", trace: .nothing),
    Escape("such a one that ignores TERM", "daemon-bare { ignore TERM,HUP }", trace: .nothing),
    Escape(
      "daemons under daemons", "setsid { double-fork { daemon-bare { ignore TERM } } }",
      trace: .nothing),
    Escape("a nested subreaper with orphans", "subreaper"),
    Escape(
      "a main that ends and leaves a daemon", "double-fork { ignore TERM } trap USR1",
      trigger: .endMain(SIGUSR1)),
    Escape(
      "a main that is KILLed from outside", "setsid double-fork", trigger: .endMain(SIGKILL)),
    Escape("a oneshot that leaves a daemon", "main-exits { ignore TERM }", isOneshot: true),
    Escape(
      "a oneshot that leaves such without environment", "daemon-bare exit 0", trace: .nothing,
      isOneshot: true),
  ]

  private static let threads = [
    Escape("a process whose first thread ended", "thread-leader", .looksDead("thread-leader")),
    Escape("such a one that ignores TERM", "thread-leader { ignore TERM }"),
    Escape("a main whose first thread ended", "leader-exits", .looksDead("main")),
    Escape("a parent in vfork", "vfork-parent", .outlivesMain),
    Escape("a parent in vfork that ignores TERM", "ignore TERM vfork-parent"),
  ]

  private static let swarms = [
    Escape("two hundred children in groups of their own", "burst 200 { become-group }"),
    Escape("a chain of forks across sessions, one in 20 ms", "chain 20"),
    Escape("a chain of forks without a pause", "race", trace: .fleeting),
    Escape("364 processes that replace each other", "respawners 5"),
  ]

  private static let apart = [
    Escape("the first process of a PID namespace", "pid-namespace", need: .namespaces),
    Escape(
      "a daemon in a PID namespace", "pid-namespace { double-fork { ignore TERM } }",
      need: .namespaces),
    Escape("a daemon in a user namespace", "double-fork { user-namespace }", need: .namespaces),
    Escape(
      "a child of another user", "child { become-user 65534 }", .outlivesMain, trace: .mainLives,
      need: .root),
    Escape(
      "a daemon of another user", "double-fork { become-user 65534 }", trace: .nothing, need: .root),
  ]

  private static let stuck = [
    Escape(
      "a child that hangs in a system call", "hang open @/file", .outlivesKill("hanging"),
      need: .fuse),
    Escape(
      "a child that hangs in its exit", "hang exit @/file", .outlivesKill("hanging"), need: .fuse),
    Escape("a child that is slow to end", "child { map 1024 }", .outlivesMain),
  ]
}

extension Project {
  /// The words of a kind in this project. First of all main takes a lock that everything it makes
  /// holds, too, unless it closes its descriptors: it is free when all of those are dead.
  func words(of escape: Escape) throws -> [String] {
    try Files.write("", to: "\(base)/file")
    return ["lock", lifePath] + escape.words.map { $0.replacing("@", with: base) }
  }

  var lifePath: String { "\(base)/life" }

  /// Whether nobody holds the lock.
  var isLifeOver: Bool {
    let file = open(lifePath, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    defer { close(file) }
    return flock(file, LOCK_EX | LOCK_NB) == 0
  }

  /// A hold on all that fixtures recorded and that lives, from before whatever is to end it.
  func heldSurvivors() -> [ProcessHandle] {
    survivors.compactMap { ProcessHandle(pid: $0.pid, startTicks: $0.startTicks) }
  }

  /// Does to the kind what belongs to it; returns what the test has started for it.
  func pull(_ trigger: Escape.Trigger, main: ProcessHandle) throws -> [RunningCommand] {
    switch trigger {
    case .none: return []
    case .endMain(let signal):
      main.signal(signal)
      #expect(main.hasEnded())
      return []
    case .trace(let kind):
      return try living(kind).map { try startFixture("hold-traced", String($0.pid)) }
    }
  }

  /// Ends what a kind has made, whatever it is.
  func endEscape() {
    killRecorded()
    // What makes others without a record of them ends when there is no file to record in.
    Files.remove(recordsPath)
    eventually("it ends with its records") { processes().isEmpty }
  }
}
