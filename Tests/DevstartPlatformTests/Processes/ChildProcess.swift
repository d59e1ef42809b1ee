import DevstartCore
import DevstartPlatform
import Glibc
import Testing

/// A child that a test spawned; it is killed and reaped at the end of the test.
final class ChildProcess {
  let pid: Int32
  private var isReaped = false

  init(_ arguments: [String], environment: [String] = [], ownGroup: Bool = false) throws {
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // The threads that run tests block most signals; a child would inherit that.
    var flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
    var (none, all) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    if ownGroup { flags |= POSIX_SPAWN_SETPGROUP }
    posix_spawnattr_setflags(&attributes, Int16(flags))
    var argv = arguments.map { strdup($0) } + [nil]
    var envp = environment.map { strdup($0) } + [nil]
    defer { (argv + envp).forEach { free($0) } }
    var pid: pid_t = 0
    let code = posix_spawn(&pid, arguments[0], nil, &attributes, &argv, &envp)
    guard code == 0 else { throw SystemError(call: "spawn", operand: arguments[0], code: code) }
    self.pid = pid
  }

  deinit { if !isReaped { _ = (kill(pid, SIGKILL), waitpid(pid, nil, 0)) } }

  func identity() throws -> ProcessIdentity { try #require(ProcessTable.stat(of: pid)).identity }

  /// Waits for its end and takes its status away.
  func reap() -> DevstartCore.ExitStatus {
    var status: Int32 = 0
    waitpid(pid, &status, 0)
    isReaped = true
    return DevstartCore.ExitStatus(waitStatus: status)
  }

  /// Waits for its end and leaves it a zombie.
  func awaitEnd() {
    var info = siginfo_t()
    waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT)
  }
}

/// Random numbers that are the same in every run (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}

extension [UInt8] {
  /// The same with a few bytes changed, and perhaps cut.
  func mutated(by generator: inout SeededGenerator) -> [UInt8] {
    var bytes = self
    for _ in 0..<Int.random(in: 0...6, using: &generator) where !bytes.isEmpty {
      let index = Int.random(in: 0..<bytes.count, using: &generator)
      let bait = Array(") (:\n0-Z\u{0}".utf8)
      bytes[index] = bait[Int.random(in: 0..<bait.count, using: &generator)]
    }
    return Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &generator)))
  }
}
