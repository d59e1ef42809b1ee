import DevstartCore
import DevstartPlatform
import Glibc
import TestSupport
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
    let code = Files.exclusively {
      posix_spawn(&pid, arguments[0], nil, &attributes, &argv, &envp)
    }
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
