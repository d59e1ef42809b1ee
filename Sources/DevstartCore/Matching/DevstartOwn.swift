/// Recognises devstart's own processes.
package enum DevstartOwn {
  /// How a keeper calls itself, followed by its service's name.
  package static let keeperTitle = "devstart: keeper of "
  /// The command that a supervisor is.
  package static let superviseCommand = "supervise"
  /// The name of the executable.
  package static let program = "devstart"

  /// Whether the process is a supervisor or a keeper, of any project: never a stray, and neither
  /// is what it looks after.
  package static func isSupervisorOrKeeper(_ facts: ProcessFacts) -> Bool {
    guard let first = facts.arguments.first, runsThisProgram(facts) else { return false }
    if first.hasPrefix(keeperTitle) { return true }
    return facts.arguments.count > 1 && facts.arguments[1] == superviseCommand && isCommand(facts)
  }

  /// A title alone can be anybody's. An executable that was replaced since has a suffix (proc(5)).
  private static func runsThisProgram(_ facts: ProcessFacts) -> Bool {
    guard let path = facts.executable else { return true }
    let deleted = " (deleted)"
    let present = path.hasSuffix(deleted) ? String(path.dropLast(deleted.count)) : path
    return ProgramName.lastComponent(present) == program
  }

  /// Whether the process is any command of devstart. Its arguments name services, so a rule may
  /// fit them by accident.
  package static func isCommand(_ facts: ProcessFacts) -> Bool {
    facts.arguments.first.map { ProgramName.lastComponent($0) == program } ?? false
  }
}
