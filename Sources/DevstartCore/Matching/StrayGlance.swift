/// What tells, by the least of a process, whether it could be a stray: mostly none is, and then
/// nothing else has to be read. It may say yes of what is none, but never no of one that is.
package struct StrayGlance {
  /// Whether the executable's path is needed, too.
  package let readsExecutable: Bool
  private let project: String
  private let currentLaunches: Set<Marker>
  /// The arguments of commands that have any, by their last.
  private var commands: [String: [[String]]] = [:]
  private var others: [CompiledRule] = []

  /// `project` as markers have it; the current launches of all its services.
  package init(
    _ targets: [StrayFinder.Target], project: String, currentLaunches: Set<Marker>
  ) {
    self.project = project
    self.currentLaunches = currentLaunches
    for rule in targets.flatMap(\.rules.rules) {
      if let arguments = rule.commandArguments, let last = arguments.last {
        commands[last, default: []].append(arguments)
      } else {
        others.append(rule)
      }
    }
    readsExecutable = others.contains(where: \.needsExecutable)
  }

  /// Whether the process, or something below it, could be a stray. Another user's has no marker,
  /// as far as can be seen.
  package func couldMatter(
    _ arguments: [String], executable: String?, marker: Marker?
  ) -> Bool {
    if let marker, marker.project == project, !currentLaunches.contains(marker) { return true }
    guard let last = arguments.last else { return false }
    let isCommand = commands[last]?.contains { wanted in
      arguments.count > wanted.count && arguments.suffix(wanted.count).elementsEqual(wanted)
    }
    return isCommand == true
      || others.contains { $0.couldFit(arguments, executable: executable) }
  }
}

extension CompiledRule {
  /// What follows the program in a command: at the end of the arguments of whatever fits it.
  fileprivate var commandArguments: [String]? {
    if case .command(let command, _) = test { Array(command.dropFirst()) } else { nil }
  }

  /// Whether nothing but its name tells a process that fits.
  fileprivate var needsExecutable: Bool {
    switch test {
    case .command(let command, _): command.count == 1
    case .program(_, _, let arguments): arguments.isEmpty
    case .argument, .pattern, .nothing: false
    }
  }

  /// Whether the rule could fit a process of these arguments, wherever it works and, unless the
  /// executable is needed, whatever it runs.
  fileprivate func couldFit(_ arguments: [String], executable: String?) -> Bool {
    switch test {
    case .argument(let needle, _): arguments.contains { $0.contains(bytes: needle) }
    case .pattern(let regex): arguments.joined(separator: " ").firstMatch(of: regex) != nil
    case .program(_, let name, let run):
      run.isEmpty
        ? Self.names(name, arguments, executable) : arguments.dropFirst().contains(run: run)
    case .command(let command, let name):
      command.count > 1 || Self.names(name, arguments, executable)
    case .nothing: false
    }
  }

  /// Whether the program is named anywhere: as the executable, or as what an interpreter runs.
  private static func names(
    _ program: ProgramName, _ arguments: [String], _ executable: String?
  ) -> Bool {
    (arguments + [executable].compactMap(\.self)).contains {
      ProgramName(path: $0).isSameProgram(as: program)
    }
  }
}
