extension Command {
  /// The service's own program or interpreter, without path and version: `python`. The shell,
  /// where it is the shell that has work to do.
  package var programName: String {
    switch self {
    case .arguments(let arguments): Self.program(of: arguments)
    case .shell(let text): SimpleCommand.words(text).map { Self.program(of: $0) } ?? "sh"
    }
  }

  private static func program(of arguments: [String]) -> String {
    var rest = arguments[...]
    while let first = rest.first, ProgramName.launchers.contains(FilePath.name(of: first)) {
      let inner = rest.dropFirst().drop { SimpleCommand.isAssignment($0) }
      // With options of its own it is not plain which argument is the program.
      guard let next = inner.first, !next.hasPrefix("-") else { break }
      rest = inner
    }
    return ProgramName(path: rest.first ?? "sh").withoutVersion
  }
}
