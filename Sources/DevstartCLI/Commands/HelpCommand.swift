import DevstartCore

/// `help`, `help COMMAND` and `COMMAND --help`.
struct HelpCommand {
  let invocation: Invocation
  let output: Output

  func run() throws(CommandFailure) -> ExitCode {
    let topic: CommandName?
    if invocation.command == .help, let word = invocation.operands.first {
      topic = try Self.command(named: word)
    } else if invocation.command == .help || invocation.isShorthand {
      topic = nil
    } else {
      topic = invocation.command
    }
    let text = topic.map { HelpText.of($0) } ?? HelpText.overview
    for line in text { output.line(line) }
    if output.isJSON { output.json(["help": JSON(text.joined(separator: "\n"))]) }
    return .done
  }

  private static func command(named word: String) throws(CommandFailure) -> CommandName {
    if let command = CommandName(rawValue: word) { return command }
    let names = CommandName.allCases.filter { !$0.isHidden }.map(\.rawValue)
    let error = UsageError.unknownCommand(
      TextWidth.harmless(word), nearest: Nearest.word(to: word, in: names))
    throw CommandFailure(.wrong, error.text)
  }
}

/// The help, as lines.
package enum HelpText {
  /// The commands by what they are about; `help` and `version` stand below them.
  private static let groups: [(name: String, commands: [CommandName])] = [
    ("services", [.start, .stop, .restart, .status, .wait, .logs, .clean, .run, .smoke]),
    ("manifest", [.initialise, .check, .schema, .export]),
    ("shell", [.notify, .completion]),
  ]

  /// With the prompt below it, 24 rows of 80 columns.
  package static var overview: [String] {
    [
      "devstart runs the services of a project, one of each, and knows what is alive.",
      "usage: devstart COMMAND [FLAGS] [TARGET…]      or, to start: devstart TARGET…", "",
    ]
      + groups.flatMap { lines(of: $0.commands, named: $0.name) }
      + [
        "", "A target is a service, a category or 'all'. Every command takes --json and",
        "--manifest FILE (else $DEVSTART_MANIFEST, or the nearest devstart.json above).",
        "More: 'devstart help COMMAND', 'devstart version'. Exit code: 0 done, 1 failed,",
        "2 command line or manifest wrong, 3 not up, 4 refused, 5 timed out, 130 Ctrl-C.",
      ]
  }

  private static func lines(of commands: [CommandName], named group: String) -> [String] {
    let groupWidth = groups.map(\.name.count).max() ?? 0
    let width = groups.flatMap(\.commands).map(\.rawValue.count).max() ?? 0
    return commands.enumerated().map { index, command in
      [
        TextWidth.padded(index == 0 ? group : "", to: groupWidth),
        TextWidth.padded(command.rawValue, to: width), command.declaration.summary,
      ].joined(separator: "  ")
    }
  }

  package static func of(_ command: CommandName) -> [String] {
    let declaration = command.declaration
    let operands = declaration.operands.isEmpty ? "" : " " + declaration.operands
    var lines = ["usage: devstart \(command.rawValue) [FLAGS]\(operands)", ""]
    lines += [declaration.summary.prefix(1).uppercased() + declaration.summary.dropFirst() + "."]
    if !declaration.details.isEmpty {
      lines += [""]
      lines += declaration.details.split(separator: "\n").map(String.init)
    }
    let flags = command.allFlags
    let names = flags.map { name(of: $0.flag) }
    let width = names.map(\.count).max() ?? 0
    lines += ["", "flags:"]
    lines += zip(names, flags).map { "  \(TextWidth.padded($0, to: width))  \($1.help)" }
    return lines
  }

  private static func name(of flag: Flag) -> String {
    let letter = flag.letter.map { "-\($0), " } ?? ""
    return letter + flag.text + (flag.valueName.map { " " + $0 } ?? "")
  }
}
