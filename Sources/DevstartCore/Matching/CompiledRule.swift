/// One rule with what it needs at hand.
struct CompiledRule {
  enum Test {
    case argument(needle: [UInt8], program: ProgramName?)
    case pattern(Regex<AnyRegexOutput>)
    case program(path: String, ProgramName, arguments: [String])
    case command([String], ProgramName)
    /// What could fit everything fits nothing.
    case nothing
  }

  let rule: MatchRule
  let test: Test

  init(_ rule: MatchRule) throws(InvalidPattern) {
    self.rule = rule
    switch rule {
    case .argument(let text, let program):
      test =
        text.isEmpty
        ? .nothing
        : .argument(needle: Array(text.utf8), program: program.map { ProgramName(path: $0) })
    case .pattern(let pattern):
      guard !pattern.isEmpty else {
        test = .nothing
        return
      }
      do {
        test = .pattern(try Regex(pattern))
      } catch {
        throw InvalidPattern(pattern: pattern, reason: "\(error)")
      }
    case .program(let path, let arguments):
      test =
        path.isEmpty
        ? .nothing : .program(path: path, ProgramName(path: path), arguments: arguments)
    case .command(let arguments):
      // As with a process's arguments, empty ones at the end are dropped.
      let end = arguments.lastIndex { !$0.isEmpty }
      guard let end, let first = arguments.first, !first.isEmpty else {
        test = .nothing
        return
      }
      test = .command(Array(arguments[...end]), ProgramName(path: first))
    }
  }

  var specificity: CompiledRules.Specificity {
    switch rule {
    case .command: .command
    case .program: .program
    case .argument: .argument
    case .pattern: .pattern
    }
  }

  func fits(_ process: ProcessProfile) -> Bool {
    switch test {
    case .argument(let needle, let program):
      return fits(process, needle: needle, program: program)
    case .pattern(let regex):
      return process.facts.arguments.joined(separator: " ").firstMatch(of: regex) != nil
    case .program(let path, let name, let arguments):
      guard process.runs(name), path == name.name || isAt(path, process) else { return false }
      return process.facts.arguments.dropFirst().contains(run: arguments)
    case .command(let command, let program):
      return fits(process, command: command, program: program)
    case .nothing:
      return false
    }
  }

  private func fits(_ process: ProcessProfile, needle: [UInt8], program: ProgramName?) -> Bool {
    let arguments = process.facts.arguments
    guard let program else {
      // Of any program, which may be what is named; but not what reads or writes such a file.
      return !process.isViewer && arguments.contains { $0.contains(bytes: needle) }
    }
    return process.runs(program) && arguments.dropFirst().contains { $0.contains(bytes: needle) }
  }

  /// Whether the process's program, or its script, is the file at `path`.
  private func isAt(_ path: String, _ process: ProcessProfile) -> Bool {
    let wanted = process.resolved(path)
    let arguments = process.facts.arguments
    return process.facts.executable == wanted || process.resolved(arguments[0]) == wanted
      || process.scriptIndex.map { process.resolved(arguments[$0]) == wanted } ?? false
  }

  /// Exactly these arguments, alone or after an interpreter and its options.
  private func fits(
    _ process: ProcessProfile, command: [String], program: ProgramName
  ) -> Bool {
    let arguments = process.facts.arguments
    if arguments.dropFirst().elementsEqual(command.dropFirst()) {
      if isProgram(arguments[0], process, command[0], program) { return true }
    }
    guard let script = process.scriptIndex,
      arguments[script...].dropFirst().elementsEqual(command.dropFirst())
    else { return false }
    return isScript(arguments[script], process, command[0])
  }

  /// Whether the first argument, or the executable, is the command's program.
  private func isProgram(
    _ first: String, _ process: ProcessProfile, _ wanted: String, _ program: ProgramName
  ) -> Bool {
    if first == wanted { return true }
    let names = [first, process.facts.executable].compactMap { $0 }
    let isSame = names.contains { ProgramName(path: $0).isSameProgram(as: program) }
    // A name that was looked up in PATH, on either side, says no more than the name; and of one
    // interpreter there may be several copies, as in virtual environments.
    if !first.isPath || !wanted.isPath || program.isInterpreter { return isSame }
    return isAt(wanted, process)
  }

  /// Whether a script given to an interpreter is the command: the same file, or for a command
  /// that is looked up in PATH, any file of that name.
  private func isScript(_ script: String, _ process: ProcessProfile, _ wanted: String) -> Bool {
    if !wanted.isPath { return ProgramName.lastComponent(script) == wanted }
    return process.resolved(script) == process.resolved(wanted)
  }
}

extension String {
  fileprivate var isPath: Bool { utf8.contains(UInt8(ascii: "/")) }

  func contains(bytes needle: [UInt8]) -> Bool {
    let found = utf8.withContiguousStorageIfAvailable { text in
      guard text.count >= needle.count else { return false }
      var start = 0
      while start + needle.count <= text.count {
        var matched = 0
        while matched < needle.count, text[start + matched] == needle[matched] { matched += 1 }
        if matched == needle.count { return true }
        start += 1
      }
      return false
    }
    return found ?? Array(utf8).contains(run: needle)
  }
}

extension Collection where Element: Equatable {
  /// Whether the elements of `run` stand here in a row. An empty one stands anywhere.
  func contains(run: [Element]) -> Bool {
    if run.isEmpty { return true }
    return indices.contains { self[$0...].starts(with: run) }
  }
}
