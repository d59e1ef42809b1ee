/// Which files a service's `watch` is about.
///
/// `paths` are globs relative to the manifest's folder, or absolute; `./` and `..` at the
/// beginning are followed. One that ends in a plain name (`src`, `apps/*/src`) or with a slash
/// names a folder's whole contents too. `ignore` is the same, but without a slash it is a name at
/// any depth (`*.tmp`), and a folder that it fits is ignored with all that is below it. Beside
/// those, what `IgnoredNames` lists and the project's logs are ignored, unless a path pattern
/// itself names it: `node_modules/mylib/**` watches that.
package struct WatchPatterns: Sendable {
  private struct Path: Sendable {
    var pattern: PathPattern
    /// Whether the pattern names a log, or a folder among the logs.
    var namesLogs: Bool
  }

  /// The manifest's folder, which relative paths begin at.
  package let base: String
  private let logs: String
  private let paths: [Path]
  private let ignored: [PathPattern]

  /// `base` and `logs` are absolute paths.
  package init(
    paths: [String], ignore: [String], base: String, logs: String
  ) throws(GlobProblem) {
    self.base = base
    self.logs = logs
    var found: [Path] = []
    for text in paths {
      let pattern = try PathPattern(text, base: base, alwaysHoldsFolders: false)
      let namesLogs = Self.isLog(pattern.root, logs: logs, base: base)
      found.append(Path(pattern: pattern, namesLogs: namesLogs))
    }
    self.paths = found
    var ignored: [PathPattern] = []
    for text in ignore {
      // As in .gitignore: a name alone is meant wherever it stands.
      let anywhere = text.contains("/") ? text : "/**/" + text
      ignored.append(try PathPattern(anywhere, base: base, alwaysHoldsFolders: true))
    }
    self.ignored = ignored
  }

  /// The folders that nothing that fits is outside of; each need not be there.
  package var roots: [String] {
    let all = Set(
      paths.map { path in
        let root = path.pattern.root
        return Self.isWithin(root, base) ? base : root
      })
    return all.filter { root in !all.contains { $0 != root && Self.isWithin(root, $0) } }.sorted()
  }

  /// Whether a change of the file counts. A relative path begins at `base`.
  package func fits(_ path: String) -> Bool {
    let path = FilePath.absolute(path, in: base)
    return paths.contains { $0.pattern.fits(path) && !isIgnored(path, by: $0) }
      && !ignored.contains { $0.fits(path) }
  }

  /// Whether there may be something in the folder, or further below it, that fits.
  package func mayHoldFits(folder: String) -> Bool {
    let folder = FilePath.absolute(folder, in: base)
    return paths.contains { $0.pattern.mayHoldFits(folder: folder) && !isIgnored(folder, by: $0) }
      && !ignored.contains { $0.fits(folder) }
  }

  /// The path from the manifest's folder on where it is in there, or else itself.
  package func shown(_ path: String) -> String {
    switch PathPattern.position(of: path, root: base) {
    case .below(let rest): String(rest)
    case .above, .same, .elsewhere: path
    }
  }

  private static func isWithin(_ path: String, _ folder: String) -> Bool {
    switch PathPattern.position(of: path, root: folder) {
    case .same, .below: true
    case .above, .elsewhere: false
    }
  }

  private func isIgnored(_ path: String, by wanted: Path) -> Bool {
    if !wanted.namesLogs, Self.isLog(path, logs: logs, base: base) { return true }
    guard case .below(let rest) = PathPattern.position(of: path, root: wanted.pattern.root) else {
      return false
    }
    return rest.split(separator: "/").contains { name in
      IgnoredNames.contains(name) && !wanted.pattern.plainNames.contains(String(name))
    }
  }

  /// Whether it is what services log to: all of a folder of its own, or else the logs alone.
  private static func isLog(_ path: String, logs: String, base: String) -> Bool {
    let isShared = isWithin(base, logs)
    switch PathPattern.position(of: path, root: logs) {
    case .same: return !isShared
    case .below(let rest): return !isShared || IgnoredNames.isLog(rest)
    case .above, .elsewhere: return false
    }
  }
}
