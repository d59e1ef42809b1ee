package import DevstartCore

/// A command line that makes sense.
package struct Invocation: Equatable, Sendable {
  /// nil where nothing but global flags was given.
  package var command: CommandName?
  /// No command was named, so the first word may be a misspelt one.
  package var isShorthand = false
  /// What follows the command and is no flag.
  package var operands: [String] = []
  /// What follows `--` for `smoke`.
  package var tail: [String] = []
  package var wantsHelp = false
  package var isJSON = false
  package var manifest: String?
  package var conflict: ConflictPolicy?
  package var noDependencies = false
  package var noWait = false
  package var timeout: Duration?
  package var isDryRun = false
  package var isForced = false
  package var watches = false
  package var follows = false
  package var lines: Int?
  package var previous = false
  package var goal: WaitRequest.Goal?
  package var settings: [Setting] = []
  /// What `notify` is to tell, in the order of the flags.
  package var notifications: [NotifyMessage.Assignment] = []

  /// Where `export` writes its files; nil is standard output.
  package var outputFolder: String?
  package var isForUser = false

  package init() {}
}

/// Why a command line makes no sense.
package enum UsageError: Error, Equatable, Sendable {
  case unknownFlag(String, command: CommandName?, nearest: String?)
  /// A flag of other commands.
  case flagNotHere(Flag, command: CommandName)
  case missingValue(Flag)
  case needlessValue(Flag)
  case badValue(Flag, String, expected: String)
  /// `devstart help WORD` where there is no such command, or any command without a manifest.
  case unknownCommand(String, nearest: String?)
  case needlessOperand(String, command: CommandName)
  /// What it shows is no JSON.
  case noJSON(CommandName)
  case missingCommandOfSmoke
  /// `notify` without a flag that says what.
  case nothingToNotify
  /// Flags that exclude each other.
  case together(Flag, Flag)
}
