extension GlobProblem: CustomStringConvertible {
  package var description: String {
    switch self {
    case .empty: "it names nothing"
    case .tooLong: "it is longer than \(Glob.longest) characters"
    case .tooDeep: "its braces are nested too deeply"
    case .unclosed(let text): "\"\(text)\" is opened and not closed"
    case .climbs: "\"..\" may stand only at its beginning"
    case .misplacedGlobstar: "\"**\" may not stand in braces with more behind them"
    }
  }
}
