/// The variables of one level of the manifest, where `env` wins over `envFile`.
struct EnvironmentLayer {
  var files: [String: String]?
  var variables: [String: String]?

  var merged: [String: String] {
    (files ?? [:]).merging(variables ?? [:]) { $1 }
  }
}

extension ManifestDecoder {
  /// An object of strings; numbers, `true` and `false` become text.
  mutating func variables(_ json: JSON) -> [String: String] {
    guard case .object(let members) = json.kind else {
      wrongType(json, expected: "an object of strings")
      return [:]
    }
    var variables: [String: String] = [:]
    for member in members {
      guard VariableName.isPossible(member.key) else {
        problems.add(.noVariableName(member.key), at: member.keyPosition)
        continue
      }
      // The marker of a launch is how its processes are known.
      guard member.key != Marker.variable else {
        problems.add(.reservedVariable(member.key), at: member.keyPosition)
        continue
      }
      variables[member.key] = variable(member.value)
    }
    return variables
  }

  private mutating func variable(_ json: JSON) -> String? {
    switch json.kind {
    case .string: return text(json)
    case .bool(let value): return value ? "true" : "false"
    case .integer(let value): return String(value)
    case .number(let value): return value.description
    case .null, .array, .object:
      wrongType(json, expected: "a string, a number, true or false")
      return nil
    }
  }

  /// What one or several environment files say together, a later one over an earlier one.
  mutating func envFileVariables(_ json: JSON) -> [String: String] {
    var variables: [String: String] = [:]
    for element in oneOrMore(json) {
      guard let path = path(element), let file = envFile(path, named: element) else { continue }
      for (name, value) in file.variables { variables[name] = value }
    }
    return variables
  }

  private mutating func envFile(_ path: String, named json: JSON) -> EnvFile? {
    if let known = envFiles[path] { return known }
    switch source.envFile(path) {
    case .failure(let problem):
      problems.add(.envFile(path: json.string ?? path, problem), at: json.position)
      return nil
    case .success(let bytes):
      let file = EnvFile(bytes)
      let name = displayPath(of: path)
      for problem in file.problems {
        problems.add(
          ManifestProblem(
            file: name, line: problem.line, column: 1, keyPath: "",
            kind: .text(.envFileSyntax(problem.text))))
      }
      if file.variables.contains(where: { $0.name == Marker.variable }) {
        problems.add(.reservedVariable(Marker.variable), at: json.position)
      }
      envFiles[path] = file
      return file
    }
  }

  /// A file of the manifest's folder is shown as the manifest is: from where people stand.
  private func displayPath(of path: String) -> String {
    let prefix = folder == "/" ? "/" : folder + "/"
    guard path.hasPrefix(prefix) else { return path }
    let shown = source.manifest.displayPath
    let shownFolder = shown.lastIndex(of: "/").map { String(shown[...$0]) } ?? ""
    return shownFolder + path.dropFirst(prefix.count)
  }
}
