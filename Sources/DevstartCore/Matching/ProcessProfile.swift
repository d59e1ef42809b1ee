/// One process as the rules look at it: what they compare is worked out once, for all rules.
struct ProcessProfile {
  let facts: ProcessFacts
  /// What the process runs: its first argument's and its executable's name, and the script's
  /// where an interpreter runs one.
  let programs: [ProgramName]
  /// Where the script stands among the arguments.
  let scriptIndex: Int?
  /// A shell that a login started (its first argument begins with a dash) is somebody at work.
  let isLoginShell: Bool
  let isViewer: Bool

  init(_ facts: ProcessFacts) {
    self.facts = facts
    isLoginShell = facts.arguments.first?.utf8.first == UInt8(ascii: "-")
    var programs: [ProgramName] = []
    if let first = facts.arguments.first { programs.append(ProgramName(path: first)) }
    if let path = facts.executable {
      let executable = ProgramName(path: path)
      if !programs.contains(executable) { programs.append(executable) }
    }
    isViewer = programs.contains { ProgramName.viewers.contains($0.name) }
    scriptIndex =
      programs.contains(where: \.isInterpreter) ? Self.scriptIndex(in: facts.arguments) : nil
    if let scriptIndex {
      programs.append(ProgramName(path: facts.arguments[scriptIndex]))
    }
    self.programs = programs
  }

  /// The first argument that is no option. What follows `-c` (also at the end of several, `-lc`)
  /// or `-m` is no script.
  private static func scriptIndex(in arguments: [String]) -> Int? {
    for index in arguments.indices.dropFirst() {
      let argument = arguments[index].utf8
      guard argument.first == UInt8(ascii: "-") else { return index }
      let isShort = argument.count <= 5 && !argument.starts(with: "--".utf8)
      if isShort, argument.last == UInt8(ascii: "c") || argument.last == UInt8(ascii: "m") {
        return nil
      }
    }
    return nil
  }

  func runs(_ program: ProgramName) -> Bool {
    programs.contains { $0.isSameProgram(as: program) }
  }

  /// A path as the process sees it: relative to its working directory, without `./`.
  func resolved(_ path: String) -> String {
    var relative = Substring(path)
    while relative.hasPrefix("./") { relative = relative.dropFirst(2) }
    guard !relative.hasPrefix("/"), let folder = facts.workingDirectory else {
      return String(relative)
    }
    return folder == "/" ? "/\(relative)" : "\(folder)/\(relative)"
  }
}
