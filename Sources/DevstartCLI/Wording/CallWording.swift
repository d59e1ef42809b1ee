import DevstartControl
import DevstartCore
import DevstartPlatform

/// What is said about the way to the supervisor and back.
enum CallWording {
  static func text(of event: CallEvent) -> String {
    switch event {
    case .supervisorStartsSlowly(let seconds):
      "waiting for the supervisor to listen (\(seconds) s)"
    case .supervisorEnded:
      "the supervisor ended; services run on, asking a new one"
    case .supervisorIsStopped(let pid):
      "the supervisor (pid \(pid)) is stopped and cannot answer; 'kill -CONT \(pid)' lets it go on"
    case .supervisorDoesNotHear(let pid, let seconds):
      "the supervisor (pid \(pid)) has not heard for \(seconds) s; if it stays so, 'kill -KILL \(pid)': "
        + "services run on, and the next command takes them over"
    }
  }

  /// What to tell of a call without an answer.
  static func failure(of error: CallError) -> CommandFailure {
    switch error {
    case .refused(let error): CommandFailure(ExitCode(error.verdict), error.text)
    case .notUnderstood(let error):
      CommandFailure(
        .failed,
        "the supervisor answers what devstart \(programVersion) does not understand (\(error.text));"
          + " it is of another version: 'devstart stop' with that one, then try again")
    case .left: .interrupted
    case .noSupervisor:
      CommandFailure(.failed, "no supervisor runs for this project; 'devstart start' starts one")
    case .lost:
      CommandFailure(
        .failed,
        "the supervisor ended again and again before it had answered; services run on. "
          + "'devstart status' shows them; its log is \(ControlFolder.logName)")
    case .lostAfterCancel:
      CommandFailure(
        .interrupted,
        "the supervisor ended while it took back what was asked; what it had launched may run on. "
          + "'devstart status' shows it, 'devstart stop' ends it")
    case .folder(let refusal): CommandFailure(.failed, text(of: refusal))
    case .connection(let failure): CommandFailure(.failed, text(of: failure))
    case .start(let error): CommandFailure(.failed, text(of: error))
    case .system(let error): CommandFailure(.failed, error.description)
    }
  }

  static func text(of refusal: ControlFolder.Refusal) -> String {
    switch refusal {
    case .foreign(let path, let owner):
      "\(path) belongs to \(UserNames.load()[owner]), not to you; run devstart as that user, or give the "
        + "manifest another \"logs\""
    case .open(let path, let mode):
      "\(path) is open to others (mode \(String(mode, radix: 8))); chmod 700 it once you have "
        + "looked at what is in it"
    case .noFolder(let path):
      "\(path) is no folder, or a symbolic link; remove it, or give the manifest another \"logs\""
    case .failed(let error):
      "cannot use \(error.operand): \(error.reason); devstart keeps its files there: make it "
        + "writable, or give the manifest another \"logs\""
    case .noPlaceForSocket(let refusal):
      "the file system of \"logs\" has no sockets, and \(socketFolder(refusal)); set XDG_RUNTIME_DIR "
        + "to a folder of your own, or give the manifest \"logs\" on another file system"
    }
  }

  /// Why there can be no socket in the place that is tried next.
  private static func socketFolder(_ refusal: ControlFolder.Refusal) -> String {
    switch refusal {
    case .foreign(let path, let owner):
      "\(path) belongs to \(UserNames.load()[owner]), not to you"
    case .open(let path, let mode): "\(path) is open to others (mode \(String(mode, radix: 8)))"
    case .noFolder(let path): "\(path) is no folder, or a symbolic link"
    case .failed(let error): "\(error.operand) cannot be used: \(error.reason)"
    case .noPlaceForSocket(let refusal): socketFolder(refusal)
    }
  }

  static func text(of failure: ControlConnection.Failure) -> String {
    switch failure {
    case .nobody: "no supervisor listens; 'devstart start' starts one"
    case .foreign(let user):
      "the process behind the control socket is of \(UserNames.load()[user]), not yours; it is not "
        + "asked. End it, or give the manifest another \"logs\""
    case .notHeard(let lock):
      "the supervisor does not hear, and as many commands wait for it as may; its pid is in \(lock): "
        + "'kill -CONT' lets it go on if it is stopped, after 'kill -KILL' services run on, and the "
        + "next command takes them over"
    case .failed(let error): "cannot reach the supervisor: \(error.description)"
    }
  }

  private static func text(of error: SupervisorStartError) -> String {
    switch error {
    case .othersAreStarting(let folder, let seconds):
      "another command has been starting the supervisor for \(seconds) s and holds the lock on "
        + "\(folder); 'fuser \(folder)' names it: end it and try again"
    case .silent(let seconds, let log):
      "the supervisor was started and has not listened for \(seconds) s; \(log) says what it does"
    case .failed("", let log): "the supervisor ended at its start; \(log) says why"
    case .failed(let text, _): TextWidth.harmless(text)
    case .doesNotListen(let log):
      "the supervisor said that it is ready, but nobody listens; \(log) says more"
    }
  }
}
