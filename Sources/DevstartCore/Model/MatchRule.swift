/// A rule that recognises processes by their arguments and executable.
package enum MatchRule: Equatable, Sendable {
  /// A substring of one argument, of a process that runs `program` (or that interpreter,
  /// whatever its version suffix) or, where `program` is nil, any program.
  case argument(containing: String, program: String?)
  /// A regular expression on the arguments joined by spaces, of any program.
  case pattern(String)
  /// The executable's name and a run of arguments.
  case program(String, arguments: [String])
  /// These arguments exactly, alone or after an interpreter: a service's own command.
  case command([String])
}
