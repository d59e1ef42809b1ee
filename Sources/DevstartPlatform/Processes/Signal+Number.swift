package import DevstartCore

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

extension Signal {
  /// The signal's number on this system (signal(7)).
  package var number: Int32 {
    switch self {
    case .hangUp: SIGHUP
    case .interrupt: SIGINT
    case .quit: SIGQUIT
    case .kill: SIGKILL
    case .user1: SIGUSR1
    case .user2: SIGUSR2
    case .terminate: SIGTERM
    case .continue: SIGCONT
    case .windowChange: SIGWINCH
    }
  }

  /// The name of any signal, without `SIG`; its number where it has none, as real-time signals.
  package static func name(ofNumber number: Int32) -> String {
    names[number] ?? String(number)
  }

  /// The number of a signal by its name, with `SIG` or without; nil where there is none such.
  package static func number(named name: String) -> Int32? {
    let short = name.hasPrefix("SIG") ? String(name.dropFirst(3)) : name
    return names.first { $0.value == short }?.key
  }

  private static let names: [Int32: String] = [
    SIGHUP: "HUP", SIGINT: "INT", SIGQUIT: "QUIT", SIGILL: "ILL", SIGTRAP: "TRAP",
    SIGABRT: "ABRT", SIGBUS: "BUS", SIGFPE: "FPE", SIGKILL: "KILL", SIGUSR1: "USR1",
    SIGSEGV: "SEGV", SIGUSR2: "USR2", SIGPIPE: "PIPE", SIGALRM: "ALRM", SIGTERM: "TERM",
    SIGCHLD: "CHLD", SIGCONT: "CONT", SIGSTOP: "STOP", SIGTSTP: "TSTP", SIGTTIN: "TTIN",
    SIGTTOU: "TTOU", SIGURG: "URG", SIGXCPU: "XCPU", SIGXFSZ: "XFSZ", SIGVTALRM: "VTALRM",
    SIGPROF: "PROF", SIGWINCH: "WINCH", SIGIO: "IO", SIGSYS: "SYS",
  ].merging(systemNames) { shared, _ in shared }

  #if os(Linux)
  private static let systemNames: [Int32: String] = [SIGSTKFLT: "STKFLT", SIGPWR: "PWR"]
  #else
  private static let systemNames: [Int32: String] = [:]
  #endif
}

extension ExitStatus {
  /// What waitpid(2) reports of an ended process.
  package init(waitStatus status: Int32) {
    let signal = status & 0x7f
    self = signal == 0 ? .code(status >> 8 & 0xff) : .signal(number: signal)
  }

  /// An end by the signal of that number.
  package static func signal(number: Int32) -> ExitStatus {
    .signal(Signal.name(ofNumber: number))
  }
}
