package import DevstartCore

/// What a command's end says to scripts.
package enum ExitCode: Int32, Sendable {
  case done = 0
  /// A service, a survivor, a permission.
  case failed = 1
  /// The command line or the manifest is wrong; nothing was touched.
  case wrong = 2
  /// `status`, `wait`: not all of the targets are up.
  case notUp = 3
  /// It is running, and `fail` was asked.
  case refused = 4
  /// The command line's `--timeout` passed.
  case timedOut = 5
  case interrupted = 130

  package init(_ verdict: Verdict) {
    self =
      switch verdict {
      case .done: .done
      case .failed: .failed
      case .notUp: .notUp
      case .refused: .refused
      case .timedOut: .timedOut
      case .interrupted: .interrupted
      }
  }
}
