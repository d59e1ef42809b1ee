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
    let error: UsageError =
      CommandName.planned.contains(word)
      ? .plannedCommand(word)
      : .unknownCommand(TextWidth.harmless(word), nearest: Nearest.word(to: word, in: names))
    throw CommandFailure(.wrong, error.text)
  }
}

/// The help, as lines.
package enum HelpText {
  package static var overview: [String] {
    let commands = CommandName.allCases.filter { !$0.isHidden }
    let width = commands.map(\.rawValue.count).max() ?? 0
    return [
      "devstart runs the services of a project, one of each, and knows what is alive.",
      "usage: devstart [TARGET…]          the same as 'devstart start TARGET…'",
      "       devstart COMMAND [FLAGS] [TARGET…]",
      "commands:",
    ]
      + commands.map {
        "  \(TextWidth.padded($0.rawValue, to: width))  \($0.declaration.summary)"
      }
      + [
        "", "A target is a service, a category or 'all'. Every command takes --json and",
        "--manifest FILE (else $DEVSTART_MANIFEST, or the nearest devstart.json above).",
        "'devstart help COMMAND' says more. Exit codes: 0 done, 1 something failed,",
        "2 command line or manifest wrong, 3 not up, 4 refused, 5 timed out, 130 Ctrl-C.",
      ]
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
    let flags =
      declaration.flags + [
        (.manifest, "the manifest, instead of the nearest devstart.json"),
        (.json, "one JSON object on standard output"), (.help, "this help"),
      ]
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
