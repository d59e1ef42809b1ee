package import DevstartCore
package import DevstartPlatform

/// What happens while a command waits for its answer, told to whoever shows it.
package protocol CallDelegate: AnyObject {
  /// When it wants to be woken although nothing happened: only while something is shown that
  /// grows with time. nil is never.
  var wakesAt: Instant? { get }
  /// That moment has come.
  func woke()
  /// A service of the request got further.
  func received(_ progress: Progress)
  /// The answer of `watch`: the first, and one after each change.
  func received(_ status: StatusReply)
  /// A signal came; what to do with the request.
  func received(_ signal: Signal) -> CallDirective
  /// The supervisor is being started and takes long, or ended in the middle and is started anew.
  func noted(_ event: CallEvent)
  /// What else is waited for (nothing).
  var others: [any Waitable] { get }
  /// One of the others has something.
  func othersAreReady()
  /// Whether the answer is not waited for any more (it is).
  var leaves: Bool { get }
  /// Whether an answer is waited for, and signals are received, though the supervisor hears nothing:
  /// else what only looks takes it for lost, and a signal ends the call untold (that).
  var staysWithTheDeaf: Bool { get }
}

extension CallDelegate {
  package var others: [any Waitable] { [] }
  package func othersAreReady() {}
  package var leaves: Bool { false }
  package var staysWithTheDeaf: Bool { false }
}

/// What happens between the command and the supervisor, beside the request itself.
package enum CallEvent: Equatable, Sendable {
  /// A supervisor was started and has not reported for this long.
  case supervisorStartsSlowly(seconds: Int)
  /// It ended before it had answered; the request is sent once more.
  case supervisorEnded
  /// It has not answered for a while, as somebody stopped its process.
  case supervisorIsStopped(pid: Int32)
  /// It has taken nothing of what was sent for so long: something holds it up.
  case supervisorDoesNotHear(pid: Int32, seconds: Int)
}

/// What a signal does to a call.
package enum CallDirective: Equatable, Sendable {
  case carryOn
  /// Tell the supervisor something, and wait on.
  case send(Request)
  /// Leave without an answer: nothing that runs is touched.
  case leave
}

/// Why a call has no answer.
package enum CallError: Error, Equatable {
  /// The supervisor says no, before or after trying.
  case refused(RequestError)
  /// It answers what this version does not understand.
  case notUnderstood(ProtocolError)
  /// A signal, and `CallDirective.leave`; or `CallDelegate.leaves`.
  case left
  /// There is none, and this command starts none.
  case noSupervisor
  /// It ended before it had answered, and so did those that followed it.
  case lost
  /// It ended after a `cancel`, before it had said what became of the request.
  case lostAfterCancel
  case folder(ControlFolder.Refusal)
  case connection(ControlConnection.Failure)
  case start(SupervisorStartError)
  case system(SystemError)
}

/// Why no supervisor could be started.
package enum SupervisorStartError: Error, Equatable {
  /// Another command has been starting one for this long.
  case othersAreStarting(folder: String, seconds: Int)
  /// It has not said that it listens for this long; its log.
  case silent(seconds: Int, log: String)
  /// Its own words, perhaps none, and its log.
  case failed(String, log: String)
  /// It said that it listens, and does not.
  case doesNotListen(log: String)
}
