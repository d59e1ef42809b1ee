/// The signals that a manifest or a report may name (signal(7)); only Platform knows the numbers.
package enum Signal: String, CaseIterable, Sendable {
  case hangUp = "HUP"
  case interrupt = "INT"
  case quit = "QUIT"
  case kill = "KILL"
  case user1 = "USR1"
  case user2 = "USR2"
  case terminate = "TERM"
  case `continue` = "CONT"
  case windowChange = "WINCH"
}

/// How a process ended (wait(2)).
package enum ExitStatus: Hashable, Sendable {
  case code(Int32)
  /// The signal's name without `SIG`, or its number where it has no name here.
  case signal(String)
  /// It ended while nobody could read its status: its keeper had been killed.
  case unknown

  package var isSuccess: Bool { self == .code(0) }
}
