/// A rule that cannot be used: its regular expression is none.
package struct InvalidPattern: Error, Equatable, Sendable {
  package var pattern: String
  /// In the words of the parser.
  package var reason: String
}

/// The rules of one service, made ready once for a whole scan.
package struct CompiledRules {
  /// How much a rule says: of two services whose rules fit one process, it belongs to that of the
  /// more specific.
  package enum Specificity: Int, Comparable, Sendable {
    case pattern, argument, program, command

    package static func < (left: Specificity, right: Specificity) -> Bool {
      left.rawValue < right.rawValue
    }
  }

  /// A rule that fits.
  package struct Hit: Equatable, Sendable {
    package var rule: MatchRule
    package var specificity: Specificity
  }

  let rules: [CompiledRule]

  /// Throws where a regular expression is none.
  package init(_ rules: [MatchRule]) throws(InvalidPattern) {
    var compiled: [CompiledRule] = []
    for rule in rules { compiled.append(try CompiledRule(rule)) }
    // A stable order: of those that fit, the most specific is told as the reason.
    self.rules = compiled.enumerated().sorted {
      ($1.element.specificity, $0.offset) < ($0.element.specificity, $1.offset)
    }.map(\.element)
  }

  /// A service's `spare`, compiled: the published list, which most services keep, only once.
  package static func spare(_ rules: [MatchRule]) throws(InvalidPattern) -> CompiledRules {
    if rules == MatchRule.sparedByDefault, let published { return published }
    return try CompiledRules(rules)
  }

  // Never changed; a Regex is not Sendable for what its own closures may capture, and has none.
  nonisolated(unsafe) private static let published: CompiledRules? = {
    do { return try CompiledRules(MatchRule.sparedByDefault) } catch { return nil }
  }()

  /// The most specific rule that fits the process; nil where none does.
  package func hit(_ facts: ProcessFacts) -> Hit? { hit(ProcessProfile(facts)) }

  func hit(_ profile: ProcessProfile) -> Hit? {
    // Zombies and kernel threads have no arguments, login shells are somebody at work.
    guard !rules.isEmpty, !profile.facts.arguments.isEmpty, !profile.isLoginShell else {
      return nil
    }
    guard let rule = rules.first(where: { $0.fits(profile) }) else { return nil }
    return Hit(rule: rule.rule, specificity: rule.specificity)
  }
}

extension MatchRule {
  /// Whether the rule fits a process. For more than one process, `CompiledRules` does the rule's
  /// part of the work once. A rule whose regular expression is none fits nothing.
  package func fits(_ facts: ProcessFacts) -> Bool {
    do {
      return try CompiledRules([self]).hit(facts) != nil
    } catch {
      return false
    }
  }
}
