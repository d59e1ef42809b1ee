/// One thing that is wrong with a manifest or an environment file, and where.
package struct ManifestProblem: Error, Equatable, Sendable {
  /// The file as people know it, from where they stand.
  package var file: String
  /// From 1.
  package var line: Int
  /// From 1, in characters.
  package var column: Int
  /// `services.bot.ports[1]`; empty where the problem is the file's as a whole.
  package var keyPath: String
  package var kind: Kind

  package init(file: String, line: Int, column: Int, keyPath: String, kind: Kind) {
    self.file = file
    self.line = line
    self.column = column
    self.keyPath = keyPath
    self.kind = kind
  }

  /// What is wrong, as facts; `ManifestProblem+Wording.swift` words them.
  package enum Kind: Equatable, Sendable {
    case text(TextProblem)
    case key(KeyProblem)
    case value(ValueProblem)
    case variable(VariableProblem)
    case name(NameProblem)
  }
}

/// What is wrong with a file's text as a whole.
package enum TextProblem: Equatable, Sendable {
  case syntax(String)
  case envFileSyntax(String)
  case envFile(path: String, EnvFileProblem)
  /// So many more problems than are listed.
  case more(Int)
}

/// What is wrong with which keys there are.
package enum KeyProblem: Equatable, Sendable {
  /// `known` is what could stand there, for who knows none of it.
  case unknownKey(nearest: String?, known: [String])
  case duplicateKey
  case missingKey(String)
  /// One of these has to be there.
  case noneOf([String])
  /// Of these, only one may be there.
  case severalOf([String])
  /// It means something only beside this other key.
  case onlyWith(String)
  case notInDefaults
}

/// What is wrong with a value by itself.
package enum ValueProblem: Equatable, Sendable {
  case wrongType(expected: String, found: String)
  case notOneOf([String], found: String, nearest: String?)
  case empty
  case zeroByte
  case outOfRange(Int, ClosedRange<Int>)
  case noDuration(String)
  case noSize(String)
  case mustBePositive
  case noSignal(String, nearest: String?)
  case noHTTPAddress(String, HTTPAddress.Problem)
  case noHost(String)
  case noProgramName(String)
  case badPattern(String)
  case endlessPattern(String)
  case badGlob(String, GlobProblem)
  case fitsEverything
}

/// What is wrong with an environment variable or a reference to one.
package enum VariableProblem: Equatable, Sendable {
  case noVariableName(String)
  case reservedVariable(String)
  case unsetVariable(String)
  case strangeVariable(String)
  case unclosedVariable
}

/// What is wrong with a name or a reference to one.
package enum NameProblem: Equatable, Sendable {
  case badName(String)
  case reservedName(String)
  case categoryIsService(String)
  case unknownService(String, nearest: String?)
  case dependsOnItself
  /// The services of the cycle, the first one again at the end.
  case cycle([String])
}

/// Why an environment file cannot be used.
package enum EnvFileProblem: Error, Equatable, Sendable {
  case missing
  /// In the system's words.
  case unreadable(String)
}

/// Everything that is wrong with a manifest, in the order of the files and of the text.
package struct ManifestProblems: Error, Equatable, Sendable {
  /// Never empty.
  package var list: [ManifestProblem]

  package init(list: [ManifestProblem]) { self.list = list }
}
