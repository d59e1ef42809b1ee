/// The manifest that `init` writes: what a folder seems to start, as far as it can be seen.
package struct FirstManifest: Equatable, Sendable {
  package private(set) var services: [ServiceGuess] = []
  package private(set) var notes: [InitNote] = []
  /// Whether the variables of `.env` belong to the services.
  private(set) var usesEnvFile = false

  package init(for folder: FolderFacts) {
    if let file = ["Procfile.dev", "Procfile"].first(where: { folder.texts[$0] != nil }) {
      // It lists the processes of the whole project: what else is there is started by it.
      services = ProcfileGuess.services(of: folder.texts[file] ?? [], file: file)
      usesEnvFile = !services.isEmpty && Self.isEnvFile(folder.texts[".env"])
    }
    if services.isEmpty {
      services = [Self.django(in: folder)].compactMap(\.self)
      do {
        services += [try PackageJSONGuess.service(in: folder)].compactMap(\.self)
      } catch {
        notes.append(.unreadable(file: "package.json", reason: error.problem))
      }
      services += PackageSwiftGuess.services(of: folder.texts["Package.swift"] ?? [])
    }
    if services.isEmpty { notes.append(.template) }
    nameServices()
    if let file = FolderFacts.composeFiles.first(where: folder.present.contains) {
      notes.append(.composeFile(file))
    }
    if !Self.ignoresLogs(folder) { notes.append(.logsNotIgnored) }
  }

  /// Django's own server for development listens on 8000 unless it is told otherwise.
  private static func django(in folder: FolderFacts) -> ServiceGuess? {
    guard folder.present.contains("manage.py") else { return nil }
    let python = FolderFacts.pythons.first(where: folder.present.contains) ?? "python3"
    return ServiceGuess(
      name: "django", command: .arguments([python, "manage.py", "runserver"]),
      origin: "manage.py", port: 8000)
  }

  /// foreman and its kin read `.env` as well; one with lines that only they understand is left.
  private static func isEnvFile(_ bytes: [UInt8]?) -> Bool {
    bytes.map { EnvFile($0).problems.isEmpty } ?? false
  }

  /// True also where there is nothing to ignore files for.
  private static func ignoresLogs(_ folder: FolderFacts) -> Bool {
    guard let bytes = folder.texts[".gitignore"] else { return !folder.present.contains(".git") }
    let names: Set<Substring> = [
      "logs", "logs/", "/logs", "/logs/", "logs/*", "/logs/*", "**/logs",
    ]
    return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
      .contains { names.contains($0.trimmingBlanks) }
  }

  /// Gives each service a name that a manifest takes, and that no other has.
  private mutating func nameServices() {
    var taken: Set<String> = []
    for index in services.indices {
      let name = Self.possible(services[index].name)
      var candidate = name
      var number = 2
      while !taken.insert(candidate).inserted {
        candidate = "\(name)_\(number)"
        number += 1
      }
      services[index].name = candidate
    }
  }

  private static func possible(_ name: String) -> String {
    let scalars = name.unicodeScalars.prefix(60).map { scalar -> Unicode.Scalar in
      let isKnown = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9") ~= scalar)
      return isKnown || "_-.".unicodeScalars.contains(scalar) ? scalar : "_"
    }.drop { $0 == "-" || $0 == "." }
    let plain = String(String.UnicodeScalarView(scalars))
    if plain.isEmpty { return "service" }
    return ReservedNames.contains(plain) ? "\(plain)_service" : plain
  }
}
