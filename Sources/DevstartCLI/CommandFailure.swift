/// A command that could not do what it should: its exit code, and what to tell, a line each.
package struct CommandFailure: Error, Equatable, Sendable {
  package var code: ExitCode
  package var problems: [String]
  /// Each problem begins with `FILE:LINE:COLUMN:`, as editors want it, instead of `devstart:`.
  package var isLocated = false

  package init(_ code: ExitCode, _ problems: [String]) {
    self.code = code
    self.problems = problems
  }

  package init(_ code: ExitCode, _ problem: String) { self.init(code, [problem]) }

  /// Nothing to say: the user knows.
  package static let interrupted = CommandFailure(.interrupted, [])
}
