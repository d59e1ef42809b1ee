#if os(Linux)
import CDevstart
package import DevstartCore
import Glibc

extension OwnProcess {
  /// What a supervisor is beyond other processes: the subreaper of keepers that are killed, with
  /// as many descriptors as it may have.
  package static func becomeSupervisor() throws(SystemError) {
    try systemCall("prctl") { cd_become_subreaper() }
    // It was executed as /proc/self/exe, and would be called that.
    cd_set_command_name("devstart")
    cd_keep_memory_in_heap()
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }

  /// Ends a keeper whose tree is nobody's any more: this process does not adopt it, as it would be
  /// taken for what another keeper has lost. (Before Linux 5.3 it may.)
  package static func disown(_ keeper: borrowing ProcessHandle) {
    _ = cd_stop_being_subreaper()
    _ = keeper.send(.kill)
    // A moment, unless it hangs in the kernel.
    _ = keeper.hasEnded(within: 100)
    _ = cd_become_subreaper()
  }

  /// Descriptors that are kept free for what ends services: no launch takes the last ones.
  private static let reservedDescriptors = 64
  /// What reading one process takes at once, with a handle for it.
  private static let usedAtOnce = 4

  /// Whether a few more files can be opened now.
  package static var canOpenMore: Bool {
    var opened: [Int32] = []
    defer { for number in opened { close(number) } }
    for _ in 0..<usedAtOnce {
      let number = open("/", O_RDONLY | O_CLOEXEC)
      if number < 0 { return false }
      opened.append(number)
    }
    return true
  }

  /// Throws where so many descriptors leave too few of those that this process may have: 64, or a
  /// quarter of all where those are few.
  package static func leaveReserve(with used: Int) throws(SystemError) {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    let most = UInt64(limit.rlim_cur)
    guard UInt64(used) + min(UInt64(reservedDescriptors), most / 4) >= most else { return }
    throw SystemError(
      call: "fork", operand: "(the supervisor may open \(most) files)", code: EMFILE)
  }

  /// Gives memory that is not used any more back to the system.
  package static func giveMemoryBack() { cd_give_memory_back() }

  /// Reaps one child that has ended; nil where none has.
  package static func reapChild() -> (pid: Int32, status: ExitStatus)? {
    var (value, isSignal) = (Int32(0), Int32(0))
    let pid = cd_reap_any(&value, &isSignal)
    guard pid > 0 else { return nil }
    return (pid, isSignal == 0 ? .code(value) : .signal(number: value))
  }

  /// Executes another program in this process's place; returns only where that fails.
  static func execute(
    path: String, arguments: [String], environment: [String]
  ) -> SystemError {
    withCStrings(arguments) { arguments in
      withCStrings(environment) { environment in
        execve(path, arguments, environment)
        return SystemError(call: "execve", operand: path, code: errno)
      }
    }
  }

  /// Whether a descriptor is closed by execve(2).
  package static func setClosedOnExec(_ descriptor: Int32, _ isClosed: Bool) {
    _ = fcntl(descriptor, F_SETFD, isClosed ? FD_CLOEXEC : 0)
  }
}
#endif
