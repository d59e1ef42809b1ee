extension MatchRule {
  /// The rule in the words of the manifest, on one line.
  package var text: String {
    switch self {
    case .argument(let text, _): text
    case .pattern(let pattern): "/\(pattern)/"
    case .program(let program, let arguments):
      ([program] + arguments).joined(separator: " ")
    case .command(let arguments): arguments.joined(separator: " ")
    }
  }
}

extension Stray {
  /// Why the process is a stray, for a report: `match apps.mtproto.worker`. `pidFile` is the path
  /// of the service's PID file as people know it.
  package func reasonText(pidFile: String) -> String {
    switch reason {
    case .marker: "marker of an earlier launch"
    case .pidFile: "named by \(pidFile)"
    case .rule(let rule): "match \(rule)"
    case .descendant(let parent): "child of \(parent)"
    }
  }
}
