/// After the glob itself: `"src/[a" has a "[" without its end`.
extension GlobProblem: CustomStringConvertible {
  package var description: String {
    switch self {
    case .empty: "names no file"
    case .tooLong: "is longer than \(Glob.longest) characters"
    case .tooDeep: "has braces nested deeper than \(Glob.deepest)"
    case .unclosed(let bracket): "has a \"\(bracket)\" without its end"
    case .climbs: "has \"..\" after a wildcard; write the folder that it means"
    case .misplacedGlobstar: "has \"**\" at the end of braces that are followed by more"
    }
  }
}
