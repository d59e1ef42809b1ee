/// Why a text is no glob.
package enum GlobProblem: Error, Equatable, Sendable {
  /// It names nothing: it is empty, or the root of all files.
  case empty
  /// More than `Glob.longest` characters.
  case tooLong
  /// Braces within braces, deeper than `Glob.deepest`.
  case tooDeep
  /// A `[` or `{` without its end.
  case unclosed(String)
  /// A `..` after a component that is no plain name, or inside braces: it cannot be known where
  /// that leads.
  case climbs
  /// A `**` whose braces are followed by more, as in `{src/**,lib}/x`.
  case misplacedGlobstar
}
