/// What a folder shows of the project in it, for a first manifest.
package struct FolderFacts: Equatable, Sendable {
  /// Files whose text tells something, where they are there.
  package static let files = [
    "package.json", "Procfile.dev", "Procfile", "Package.swift", ".env", ".gitignore",
  ]
  /// What tells something by being there.
  package static let landmarks =
    ["manage.py", ".git"] + pythons + lockFiles.map(\.file) + composeFiles

  /// Virtual environments' own, the likelier first.
  static let pythons = [".venv/bin/python", "venv/bin/python"]
  /// Which package manager of JavaScript has left which file.
  static let lockFiles: [(file: String, manager: String)] = [
    ("pnpm-lock.yaml", "pnpm"), ("yarn.lock", "yarn"), ("bun.lock", "bun"),
    ("bun.lockb", "bun"),
  ]
  /// In the order in which docker compose prefers them.
  static let composeFiles = [
    "compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml",
  ]

  /// Of `files`.
  package var texts: [String: [UInt8]]
  /// Of `landmarks`.
  package var present: Set<String>

  package init(texts: [String: [UInt8]] = [:], present: Set<String> = []) {
    self.texts = texts
    self.present = present
  }
}

/// A service that a folder seems to have.
package struct ServiceGuess: Equatable, Sendable {
  package var name: String
  package var command: Command
  /// What it was seen in: `Procfile`, `the script "dev" of package.json`.
  package var origin: String
  /// On which it listens, for all that is known.
  package var port: UInt16?
  /// Whether it takes its port from the variable `PORT`.
  var readsPort = false
  var isOneshot = false
}

/// What is to be said beside a first manifest.
package enum InitNote: Equatable, Sendable {
  /// A file that another tool starts services from.
  case composeFile(String)
  /// A file that might have told something, and makes no sense.
  case unreadable(file: String, reason: String)
  /// Nothing was recognised: the service is an example.
  case template
  /// `.gitignore` does not name the folder of logs.
  case logsNotIgnored
}
