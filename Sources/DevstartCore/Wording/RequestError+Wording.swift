extension RequestError {
  /// `fail` was asked, and it runs under devstart.
  static func alreadyRunning(_ running: [(service: String, pid: Int32?)]) -> RequestError {
    let names = running.map { entry in
      entry.pid.map { "'\(entry.service)' (pid \($0))" } ?? "'\(entry.service)'"
    }
    return RequestError(
      verdict: .refused,
      text: "already running: \(names.joined(separator: ", ")); stop it first, "
        + "or start with --if-running replace or keep")
  }

  /// `fail` was asked, and it was started by hand.
  static func runsOutside(_ strays: [Stray]) -> RequestError {
    let names = strays.map {
      "'\($0.service)' (pid \($0.facts.identity.pid): \($0.facts.arguments.joined(separator: " ")))"
    }
    return RequestError(
      verdict: .refused,
      text: "already running outside devstart: \(names.joined(separator: ", ")); "
        + "end it, or start with --if-running replace")
  }

  /// A declared port is somebody else's.
  static func portsHeld(_ holders: [PortHolder]) -> RequestError {
    RequestError(
      verdict: .failed, text: holders.map(Words.portHeld).joined(separator: "\n"))
  }
}
