/// What a command takes, for the parser and the help.
package struct CommandDeclaration: Sendable {
  /// What stands after the command's name: `[TARGET…]`.
  var operands: String
  /// One line, for the list of commands.
  package var summary: String
  /// What it does, for its own help.
  var details: String
  /// Beside the global ones, each with what it does here.
  var flags: [(flag: Flag, help: String)] = []
  /// Whether words after the command's name are targets, or the like.
  var takesOperands = true
}

extension CommandName {
  package var declaration: CommandDeclaration {
    switch self {
    case .start: .start
    case .stop: .stop
    case .restart: .restart
    case .status: .status
    case .clean: .clean
    case .logs: .logs
    case .wait: .wait
    case .smoke: .smoke
    case .check: .check
    case .export: .export
    case .notify: .notify
    case .initialise: .initialise
    case .run: .run
    case .completion: .completion
    case .schema, .help, .version, .supervise: .about(self)
    }
  }
}

extension CommandDeclaration {
  static let start = CommandDeclaration(
    operands: "[TARGET…]",
    summary: "launch the targets afresh and wait until they are ready",
    details: """
      Resolves the targets and what they depend on, ends strays of those services,
      launches in the order of dependency and waits until each is ready by its own
      check. A target is a service, a category or 'all', which is meant where none
      is named. 'devstart TARGET…' is the same.
      """,
    flags: [
      (.ifRunning, "replace, keep or fail where it runs (onConflict)"),
      (.noDependencies, "only the targets, not what they depend on"),
      (.noWait, "launch, and do not wait until they are ready"),
      (.timeout, "give up after so long, as 30s or 5m; exit code 5"),
      (.dryRun, "say what would be done, and do nothing"),
      (.set, "one key for this start: services.bot.limits.cpu=50"),
    ])

  static let stop = CommandDeclaration(
    operands: "[TARGET…]",
    summary: "stop the targets and all that they started",
    details: """
      Asks each service to end, waits for its whole tree of processes, and kills
      what does not end in time. Without a target, everything of this project is
      stopped. Exit code 0 says that nothing is left.
      """,
    flags: [
      (.timeout, "from the stop signal to KILL (the service's stop.timeout)"),
      (.force, "KILL at once"),
    ])

  static let restart = CommandDeclaration(
    operands: "[TARGET…]",
    summary: "stop and start; what depends on the targets stays up",
    details: "Replaces what runs of the targets, whatever their onConflict says.",
    flags: [
      (.noDependencies, "do not start what they depend on"),
      (.noWait, "launch, and do not wait until they are ready"),
      (.timeout, "give up after so long; exit code 5"),
      (.dryRun, "say what would be done, and do nothing"),
      (.set, "one key for this start: services.bot.limits.cpu=50"),
    ])

  static let status = CommandDeclaration(
    operands: "[TARGET…]",
    summary: "what runs, since when, and at what cost",
    details: """
      Exit code 0 where all targets are up, 3 where they are not; services with
      autostart false are listed and do not count. Never starts anything.
      """,
    flags: [(.watch, "show it again whenever something changes")])

  static let clean = CommandDeclaration(
    operands: "[TARGET…]",
    summary: "end strays of the targets, leave what devstart runs alone",
    details: """
      Strays are processes of yours that belong to a service but not to its current
      launch: of an earlier launch, from a stale PID file, or hit by a match rule.
      Each is reported with the reason.
      """,
    flags: [
      (.dryRun, "list what would be signalled and why, and do nothing"), (.force, "KILL at once"),
    ])

  static let logs = CommandDeclaration(
    operands: "[TARGET…]",
    summary: "what the targets have written",
    details: "Several services are shown with their names before each line.",
    flags: [
      (.follow, "go on as more is written; Ctrl-C ends"),
      (.lines, "the last N lines of each service (20)"),
      (.previous, "of the start before this one"),
    ])

  static let wait = CommandDeclaration(
    operands: "[TARGET…]",
    summary: "wait until the targets are ready, or stopped",
    details: "Exit code 3 where they cannot get there, 5 where --timeout passed first.",
    flags: [
      (.goal, "what to wait for (ready)"), (.timeout, "give up after so long; exit code 5"),
    ])

  static let smoke = CommandDeclaration(
    operands: "[TARGET…] -- COMMAND…",
    summary: "start the targets, run a command, stop what was started",
    details: """
      Whatever happens, even if this command is killed itself, the services that it
      started are stopped. Its exit code is the command's, 128 + n where signal n
      ended it, or 1 with the end of the log where a service did not become ready.
      """,
    flags: [
      (.noDependencies, "only the targets, not what they depend on"),
      (.timeout, "give up starting after so long; exit code 5"),
      (.set, "one key for this start: services.bot.limits.cpu=50"),
    ])

  static let run = CommandDeclaration(
    operands: "[TARGET…]",
    summary: "start the targets and stay, for systemd and containers",
    details: """
      Shows the logs of the targets and of what they need, and ends when the targets
      have ended: with 0, or 1 where one failed. Ctrl-C or TERM stops the services
      in order, and a second one kills them; then it exits with 130 or 0. Even if it
      is killed itself, its services go down. Tells READY=1, STATUS=, WATCHDOG=1 and
      STOPPING=1 to a service manager that set NOTIFY_SOCKET. May be PID 1.
      """,
    flags: [
      (.noDependencies, "only the targets, not what they depend on"),
      (.timeout, "give up starting after so long; exit code 5"),
      (.set, "one key for this start: services.bot.limits.cpu=50"),
    ])

  static let check = CommandDeclaration(
    operands: "[TARGET…]",
    summary: "check the manifest, commands, folders and ports",
    details: "Exit code 2: the manifest is wrong. 1: something that it names is not there.")

  static let export = CommandDeclaration(
    operands: "SYSTEM [TARGET…]",
    summary: "write the manifest for systemd, containers and others",
    details: """
      SYSTEM is systemd, supervisord, compose, kubernetes or procfile. Prints the
      targets and what they depend on in that system's words, or writes them into
      files. What that system cannot express is said on standard error, and as a
      comment. Only the manifest's own variables are in it, not your terminal's.
      """,
    flags: [
      (.output, "write files into this folder, which is made"),
      (.user, "units for your own systemd ('systemctl --user')"),
    ])

  static let notify = CommandDeclaration(
    operands: "",
    summary: "from inside a service: say that it is ready, or alive",
    details: """
      For scripts; a program may use any library for sd_notify instead. Sends it to
      the socket that NOTIFY_SOCKET names and waits until it was read, at most 5 s.
      Several flags are sent together. Prints nothing where all is well.
      """,
    flags: [
      (.ready, "it is ready ({\"ready\": {\"notify\": true}})"),
      (.heartbeat, "it is alive (\"heartbeat\")"),
      (.status, "what it does, for 'devstart status'; '' takes it back"),
      (.stopping, "it has begun to end"),
    ],
    takesOperands: false)

  static let initialise = CommandDeclaration(
    operands: "",
    summary: "write a first devstart.json, from what is in this folder",
    details: """
      Looks for a Procfile, the scripts of a package.json, a manage.py and the
      executables of a Package.swift. Where there is none of these, it writes an
      example with comments. A file that is there already is never replaced.
      With --manifest FILE, that one is written, from what is in its folder.
      """,
    takesOperands: false)

  static let completion = CommandDeclaration(
    operands: "SHELL",
    summary: "print what makes the Tab key complete, for your shell",
    details: """
      SHELL is bash, zsh or fish. Completes commands, flags, their values, and the
      targets of the manifest. To have it in every shell, add a line:
        bash  source <(devstart completion bash)   to ~/.bashrc
        zsh   source <(devstart completion zsh)    to ~/.zshrc, after compinit
        fish  devstart completion fish | source    to ~/.config/fish/config.fish
      """)

  static func about(_ name: CommandName) -> CommandDeclaration {
    switch name {
    case .schema:
      CommandDeclaration(
        operands: "", summary: "print the manifest's JSON Schema, for editors",
        details: #"Keep it in a file and name that in the manifest as "$schema"."#,
        takesOperands: false)
    case .version:
      CommandDeclaration(
        operands: "", summary: "print the version", details: "", takesOperands: false)
    case .supervise:
      CommandDeclaration(
        operands: "", summary: "run the project's supervisor; other commands do",
        details: "", takesOperands: false)
    case .start, .stop, .restart, .status, .clean, .logs, .wait, .smoke, .check, .export, .notify,
      .initialise, .completion, .run, .help:
      CommandDeclaration(
        operands: "[COMMAND]", summary: "explain devstart, or one command", details: "")
    }
  }
}
