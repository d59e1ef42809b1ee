extension UsageError {
  /// What is wrong with the command line, and what to do.
  package var text: String {
    switch self {
    case .unknownFlag(let text, let command, let nearest):
      let place = command.map { " of '\($0.rawValue)'" } ?? ""
      return "\(text) is no flag\(place)" + Self.hint(nearest, else: Self.help(command))
    case .flagNotHere(let flag, let command):
      let places = CommandName.allCases.filter { candidate in
        candidate.declaration.flags.contains { $0.flag == flag }
      }
      return "'\(command.rawValue)' takes no \(flag.text); it is a flag of "
        + places.map { "'\($0.rawValue)'" }.joined(separator: ", ")
    case .missingValue(let flag):
      return "\(flag.text) needs a value: \(flag.text)=\(flag.valueName ?? "")"
    case .needlessValue(let flag): return "\(flag.text) takes no value"
    case .badValue(let flag, let value, let expected):
      return "\(flag.text)=\(value): it takes \(expected)"
    case .unknownCommand(let word, let nearest):
      return "'\(word)' is no command" + Self.hint(nearest, else: Self.help(nil))
    case .needlessOperand(let word, let command):
      return "'\(command.rawValue)' takes no '\(word)'; \(Self.help(command))"
    case .noJSON(let command):
      return
        "'\(command.rawValue)' shows logs, which are no JSON; 'devstart status --json' tells how "
        + "the services are"
    case .missingCommandOfSmoke:
      return "'smoke' needs a command after --: devstart smoke all -- swift test"
    case .nothingToNotify:
      return "'notify' needs one of --ready, --heartbeat, --status TEXT or --stopping"
    case .together(let one, let other): return "\(one.text) and \(other.text) exclude each other"
    }
  }

  static func hint(_ nearest: String?, else alternative: String) -> String {
    nearest.map { "; did you mean '\($0)'?" } ?? "; \(alternative)"
  }

  static func help(_ command: CommandName?) -> String {
    command.map { "see 'devstart help \($0.rawValue)'" } ?? "see 'devstart help'"
  }
}
