/// The commands of this version.
package enum CommandName: String, CaseIterable, Sendable {
  case start, stop, restart, status, clean, logs, wait, smoke, check, export, notify, schema, help
  case version
  case initialise = "init"
  case completion, run
  /// The supervisor itself; started by other commands.
  case supervise

  var isHidden: Bool { self == .supervise }
}
