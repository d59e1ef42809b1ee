/// Every flag of every command; what they mean to one is said in `CommandTable`.
package enum Flag: String, CaseIterable, Sendable {
  case manifest, json, help
  case ifRunning = "if-running"
  case noDependencies = "no-deps"
  case noWait = "no-wait"
  case timeout
  case dryRun = "dry-run"
  case force
  case watch
  case follow
  case lines
  case previous
  case goal = "for"
  case ready, heartbeat, stopping
  case status
  case set
  case output, user

  /// `--if-running`.
  var text: String { "--" + rawValue }

  /// One letter, `-f`.
  var letter: Character? {
    switch self {
    case .follow: "f"
    case .lines: "n"
    case .help: "h"
    case .manifest, .json, .ifRunning, .noDependencies, .noWait, .timeout, .dryRun, .force,
      .watch, .previous, .goal, .ready, .heartbeat, .stopping, .status, .set,
      .output, .user:
      nil
    }
  }

  /// What its value is called in the help; nil for a flag without one.
  var valueName: String? {
    switch self {
    case .manifest: "FILE"
    case .ifRunning: "HOW"
    case .timeout: "TIME"
    case .lines: "N"
    case .goal: "ready|stopped"
    case .status: "TEXT"
    case .set: "KEY=VALUE"
    case .output: "FOLDER"
    case .json, .help, .noDependencies, .noWait, .dryRun, .force, .watch, .follow, .previous,
      .ready, .heartbeat, .stopping, .user:
      nil
    }
  }

  /// Whether an empty value says something too.
  var mayBeEmpty: Bool { self == .status }

  /// Those that every command takes.
  static let global: [Flag] = [.manifest, .json, .help]
}
