/// A string of `match` that a person took from a command line: `worker.py 1`. It is looked for
/// within one argument, and there it never stands.
package enum SplitRule {
  /// The first one of a service; nil where there is none. That it stands across the arguments of
  /// the service's own command shows what was meant.
  package static func text(of service: Service) -> String? {
    let words = words(of: service.command)
    let line = words.joined(separator: " ")
    return service.match.lazy.compactMap { rule in
      guard case .argument(let text, _) = rule, line.contains(bytes: Array(text.utf8)),
        !words.contains(where: { $0.contains(bytes: Array(text.utf8)) })
      else { return nil }
      return text
    }.first
  }

  /// Empty where it is left to a shell what the arguments are.
  private static func words(of command: Command) -> [String] {
    switch command {
    case .arguments(let arguments): arguments
    case .shell(let text): SimpleCommand.words(text) ?? []
    }
  }
}
