extension ManifestProblem: CustomStringConvertible {
  /// `devstart.json:4:7: services.bot.stopp: unknown key; did you mean "stop"?`
  package var description: String {
    let place = "\(file):\(line):\(column): "
    return place + (keyPath.isEmpty ? "" : "\(keyPath.printable): ") + kind.words.printable
  }

  /// `"a"`, `"a" or "b"`, `"a", "b" or "c"`.
  static func alternatives(_ names: [String]) -> String {
    let quoted = names.map { "\"\($0)\"" }
    guard let last = quoted.last, quoted.count > 1 else { return quoted.first ?? "" }
    return quoted.dropLast().joined(separator: ", ") + " or " + last
  }
}

extension ManifestProblem.Kind {
  /// What is wrong and, where it is not plain, what to do, without the place.
  package var words: String {
    switch self {
    case .text(let problem): problem.words
    case .key(let problem): problem.words
    case .value(let problem): problem.words
    case .variable(let problem): problem.words
    case .name(let problem): problem.words
    }
  }
}

extension TextProblem {
  fileprivate var words: String {
    switch self {
    case .syntax(let problem), .envFileSyntax(let problem): problem
    case .envFile(let path, .missing): "there is no file '\(path)'"
    case .envFile(let path, .unreadable(let reason)): "cannot read '\(path)': \(reason)"
    case .more(let count): "\(count) more problems are not listed"
    }
  }
}

extension KeyProblem {
  fileprivate var words: String {
    switch self {
    case .unknownKey(nil, let known) where !known.isEmpty:
      "unknown key; those that there are: \(known.joined(separator: ", "))"
    case .unknownKey(let nearest, _): "unknown key" + suggestion(nearest)
    case .duplicateKey: "this key is there twice in one object"
    case .missingKey(let key): "\"\(key)\" is missing"
    case .noneOf(let keys): "one of \(ManifestProblem.alternatives(keys)) is missing"
    case .severalOf(let keys): "only one of \(ManifestProblem.alternatives(keys)) can be there"
    case .onlyWith(let key): "means something only with \"\(key)\""
    case .notInDefaults: "each service has its own; not possible in \"defaults\""
    }
  }
}

extension ValueProblem {
  fileprivate var words: String {
    switch self {
    case .wrongType(let expected, let found): "should be \(expected), not \(found)"
    case .notOneOf(let names, let found, let nearest):
      "\"\(found)\" is not one of \(ManifestProblem.alternatives(names))" + suggestion(nearest)
    case .empty: "is empty"
    case .zeroByte: "a zero byte cannot be part of a string"
    case .outOfRange(let number, let range):
      "\(number) is not between \(range.lowerBound) and \(range.upperBound)"
    case .noDuration(let text):
      "\"\(text)\" is no duration; write \"1.5s\", \"200ms\", \"5m\" or \"24h\""
    case .noSize(let text): "\"\(text)\" is no size; write \"512MB\" or \"2GB\""
    case .mustBePositive: "should be more than nothing"
    case .noSignal(let text, let nearest):
      "\"\(text)\" is none of the signals \(Signal.allCases.map(\.rawValue).joined(separator: ", "))"
        + suggestion(nearest)
    case .noHTTPAddress(_, .https):
      "https is not supported by probes: name the plain http port"
    case .noHTTPAddress(let text, .malformed):
      "\"\(text)\" cannot be asked; write \"http://127.0.0.1:8000/health\": "
        + "the host is an address or localhost"
    case .noHost(let text): "\"\(text)\" is neither an address nor localhost"
    case .noProgramName(let text): "\"\(text)\" is a path; an executable's name has no '/'"
    case .badPattern(let text): "\"\(text)\" is no regular expression"
    case .endlessPattern(let text):
      "\"\(text)\" repeats a repetition, and would take for ever where it does not fit: "
        + "write '(a+)+' as 'a+', or put something between"
    case .badGlob(let text, let problem): "\"\(text)\" is no pattern of paths: \(problem)"
    case .fitsEverything: "could fit every process; make it longer"
    }
  }
}

extension VariableProblem {
  fileprivate var words: String {
    switch self {
    case .noVariableName(let name): "\"\(name)\" cannot be a variable's name"
    case .reservedVariable(let name): "\(name) is devstart's own; remove it"
    case .unsetVariable(let name):
      "the variable \(name) is not set; set it, or write ${\(name):-default}"
    case .strangeVariable(let inside):
      "${\(inside)} is neither ${NAME} nor ${NAME:-default}; "
        + "write $${\(inside)} to leave it to the shell"
    case .unclosedVariable: "'${' is never closed; write '$${' for the two characters"
    }
  }
}

extension NameProblem {
  fileprivate var words: String {
    switch self {
    case .badName(let name):
      "\"\(name)\" cannot be a name: up to 128 letters, digits, '_', '-' and '.', "
        + "first a letter, a digit or '_'"
    case .reservedName(let name):
      "\"\(name)\" is a word of the command line; choose another name"
    case .categoryIsService(let name):
      "a service is called \"\(name)\" too, so the target would be ambiguous; "
        + "rename one of the two"
    case .unknownService(let name, let nearest):
      "there is no service \"\(name)\"" + suggestion(nearest)
    case .dependsOnItself: "a service cannot depend on itself"
    case .cycle(let names):
      "these depend on each other in a circle: " + names.joined(separator: " → ")
    }
  }
}

private func suggestion(_ nearest: String?) -> String {
  nearest.map { "; did you mean \"\($0)\"?" } ?? ""
}

extension TargetProblem: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unknown(let name, let nearest):
      "'\(name.printable)' is neither a service nor a category"
        + (nearest.map { "; did you mean '\($0)'?" } ?? "")
    case .nothingStartsByItself(let name, let services):
      "'\(name)' stands for nothing: \(services.joined(separator: ", ")) "
        + (services.count == 1 ? "has" : "have")
        + " \"autostart\": false; name the service itself"
    }
  }
}

extension String {
  /// Without control characters, which a terminal would obey, on one line for every reader, and
  /// not endless.
  var printable: String {
    var text = ""
    for scalar in unicodeScalars.prefix(400) {
      let breaks =
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029: true
        default: false
        }
      text.unicodeScalars.append(breaks ? "\u{FFFD}" : scalar)
    }
    return unicodeScalars.dropFirst(400).isEmpty ? text : text + "…"
  }
}
