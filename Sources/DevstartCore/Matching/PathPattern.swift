/// A glob with the folder that it is relative to: the plain names that it begins with, and the
/// glob for what is below them.
struct PathPattern: Sendable {
  /// An absolute path: everything that fits is this, or below it.
  let root: String
  /// For the rest of the path; nil where the pattern is a plain name.
  private let glob: Glob?
  /// Whether whatever is below a folder that fits, fits as well.
  private let holdsFolders: Bool
  /// The components after the root that are plain names.
  let plainNames: Set<String>

  /// An absolute pattern stays as it is; another one is relative to `base`, an absolute path.
  /// Where `alwaysHoldsFolders` is not set, a folder that a wildcard fitted does not hold what is
  /// below it: `src/*` is what is in `src` itself.
  init(
    _ pattern: String, base: String, alwaysHoldsFolders: Bool
  ) throws(GlobProblem) {
    let isAbsolute = pattern.utf8.first == UInt8(ascii: "/")
    var fixed = isAbsolute ? [] : base.split(separator: "/").map(String.init)
    var rest: [String] = []
    for component in try Self.components(of: pattern) {
      switch component {
      case "", ".": continue
      case "..":
        if !rest.isEmpty { throw .climbs }
        _ = fixed.popLast()
      case _ where rest.isEmpty && !Self.isWildcard(component):
        fixed.append(Self.unescaped(component))
      default:
        if component.contains("../") || component.contains("/..") { throw .climbs }
        rest.append(component)
      }
    }
    if pattern.isEmpty || fixed.isEmpty && rest.isEmpty { throw .empty }
    root = "/" + fixed.joined(separator: "/")
    if alwaysHoldsFolders, rest.last == "**" { rest.removeLast() }
    glob = rest.isEmpty ? nil : try Glob(rest.joined(separator: "/"))
    plainNames = Set(rest.filter { !Self.isWildcard($0) }.map(Self.unescaped))
    let last = rest.last ?? ""
    holdsFolders =
      alwaysHoldsFolders || pattern.utf8.last == UInt8(ascii: "/")
      || !last.unicodeScalars.contains { "*?[".unicodeScalars.contains($0) }
  }

  /// `path` is absolute, without dots and doubled slashes.
  func fits(_ path: String) -> Bool {
    switch Self.position(of: path, root: root) {
    case .above, .elsewhere: return false
    case .same: return glob == nil
    case .below(let rest):
      guard let glob else { return true }
      let fit = glob.fit(rest)
      return fit.isWhole || holdsFolders && fit.isBelow
    }
  }

  func mayHoldFits(folder: String) -> Bool {
    switch Self.position(of: folder, root: root) {
    case .above, .same: return true
    case .elsewhere: return false
    case .below(let rest):
      guard let glob else { return true }
      let fit = glob.fit(rest)
      return fit.mayHoldFits || holdsFolders && (fit.isWhole || fit.isBelow)
    }
  }

  /// How a path stands to a folder.
  enum Position {
    case above
    case same
    /// With the path from the folder on.
    case below(Substring.UnicodeScalarView)
    case elsewhere
  }

  static func position(of path: String, root: String) -> Position {
    if path == root { return .same }
    if isBelow(path, root) {
      let count = root == "/" ? 1 : root.utf8.count + 1
      return .below(path[path.utf8.index(path.startIndex, offsetBy: count)...].unicodeScalars)
    }
    return isBelow(root, path) ? .above : .elsewhere
  }

  /// Bytes: a file's name may begin with a combining character.
  private static func isBelow(_ path: String, _ folder: String) -> Bool {
    let (path, folder) = (path.utf8, folder.utf8)
    if folder.elementsEqual("/".utf8) { return path.count > 1 }
    return path.count > folder.count + 1 && path.starts(with: folder)
      && path[path.index(path.startIndex, offsetBy: folder.count)] == UInt8(ascii: "/")
  }

  /// The pattern cut at its slashes, but not at those in brackets and braces.
  private static func components(of pattern: String) throws(GlobProblem) -> [String] {
    guard pattern.unicodeScalars.count <= Glob.longest else { throw .tooLong }
    var components = [""]
    var depth = 0
    var isEscaped = false
    for scalar in pattern.unicodeScalars {
      if scalar == "/", depth <= 0, !isEscaped {
        components.append("")
        continue
      }
      components[components.count - 1].unicodeScalars.append(scalar)
      if !isEscaped, scalar == "{" { depth += 1 }
      if !isEscaped, scalar == "}" { depth -= 1 }
      isEscaped = !isEscaped && scalar == "\\"
    }
    return components
  }

  private static func isWildcard(_ component: String) -> Bool {
    var isEscaped = false
    for scalar in component.unicodeScalars {
      if !isEscaped, "*?[{".unicodeScalars.contains(scalar) { return true }
      isEscaped = !isEscaped && scalar == "\\"
    }
    return false
  }

  private static func unescaped(_ component: String) -> String {
    var result = String.UnicodeScalarView()
    var isEscaped = false
    for scalar in component.unicodeScalars {
      isEscaped = !isEscaped && scalar == "\\"
      if !isEscaped { result.append(scalar) }
    }
    return String(result)
  }
}
