import DevstartCore

/// A shell for which a completion script can be had.
package enum CompletionShell: String, CaseIterable, Sendable {
  case bash, zsh, fish

  /// What the shell is to source: made of the commands and flags that there are, and of what they
  /// take; it asks `devstart completion targets` for the rest.
  package var script: String {
    switch self {
    case .bash: BashCompletion.script
    case .zsh: ZshCompletion.script
    case .fish: FishCompletion.script
    }
  }
}

/// The words that may stand in a place.
enum CompletionWords: Equatable {
  case targets
  case files
  case folders
  case these([String])
  /// Anything, which nobody can know.
  case free
}

extension CommandName {
  static var shown: [CommandName] { allCases.filter { !$0.isHidden } }

  /// What may stand after the command: the first word, and those after it.
  var operandWords: (first: CompletionWords, rest: CompletionWords) {
    switch self {
    case .start, .stop, .restart, .status, .clean, .logs, .wait, .smoke, .check, .run:
      (.targets, .targets)
    case .export: (.these(ExportTarget.allCases.map(\.rawValue)), .targets)
    case .help: (.these(Self.shown.map(\.rawValue)), .free)
    case .completion: (.these(CompletionShell.allCases.map(\.rawValue)), .free)
    case .notify, .schema, .initialise, .version, .supervise: (.free, .free)
    }
  }

  /// Its own flags and those of every command, with what each does.
  var allFlags: [(flag: Flag, help: String)] {
    let json = [(flag: Flag.json, help: "one JSON object on standard output")]
    return declaration.flags
      + [(.manifest, "the manifest, instead of the nearest devstart.json")]
      + (self == .run ? [] : json) + [(.help, "this help")]
  }
}

extension Flag {
  /// What its value may be; nil for a flag without one.
  var valueWords: CompletionWords? {
    switch self {
    case .manifest: .files
    case .output: .folders
    case .ifRunning: .these(["replace", "keep", "fail"])
    case .goal: .these(["ready", "stopped"])
    case .timeout, .lines, .status, .set: .free
    case .json, .help, .noDependencies, .noWait, .dryRun, .force, .watch, .follow, .previous,
      .ready, .heartbeat, .stopping, .user:
      nil
    }
  }

  /// `-f`, `--follow`.
  var spellings: [String] { (letter.map { ["-\($0)"] } ?? []) + [text] }

  static var withValue: [Flag] { allCases.filter { $0.valueWords != nil } }
}
