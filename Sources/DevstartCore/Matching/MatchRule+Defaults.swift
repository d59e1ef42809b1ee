extension MatchRule {
  package static let sparedByDefault: [MatchRule] = []
}
