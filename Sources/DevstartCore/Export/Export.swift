/// For which system a manifest is written anew.
package enum ExportTarget: String, CaseIterable, Sendable {
  case systemd, supervisord, compose, kubernetes, procfile
}

/// What is to be exported.
package struct ExportRequest: Sendable {
  package var manifest: Manifest
  /// Those that were asked for and all that they depend on, in the manifest's order.
  package var services: [Service]
  /// Units for a user's manager, not for the system's.
  package var isForUser: Bool

  /// `chosen` is completed by what it depends on: a unit that requires a missing one never starts.
  package init(manifest: Manifest, chosen: [Service], isForUser: Bool = false) {
    self.manifest = manifest
    self.isForUser = isForUser
    let names = Set(manifest.launchOrder(of: chosen).map(\.name))
    services = manifest.services.filter { names.contains($0.name) }
  }

  /// Dependencies first.
  var launchOrder: [Service] { manifest.launchOrder(of: services) }

  /// What is up once everything that starts by itself is: also what that depends on.
  var startedByThemselves: Set<String> {
    Set(manifest.launchOrder(of: services.filter(\.startsAutomatically)).map(\.name))
  }

  /// In the order in which the manifest names them first, each with its services.
  var categories: [(name: String, services: [Service])] {
    var names: [String] = []
    for name in services.flatMap(\.categories) where !names.contains(name) { names.append(name) }
    return names.map { name in (name, services.filter { $0.categories.contains(name) }) }
  }
}

/// One file of an export.
package struct ExportFile: Equatable, Sendable {
  /// Without a folder.
  package var name: String
  package var text: String
  /// It holds values of `env` or `envFile`, which are nobody else's business.
  package var isPrivate: Bool
}

/// What an export's reader has to know, and about which service.
package struct ExportNote: Equatable, Sendable {
  /// nil: about the export as a whole.
  package var service: String?
  package var fact: ExportFact
}

/// A manifest in another system's words.
package struct Export: Equatable, Sendable {
  package var files: [ExportFile]
  /// What the target cannot express or does otherwise, each in the files' comments, too.
  package var notes: [ExportNote]

  package init(of request: ExportRequest, for target: ExportTarget) {
    self =
      switch target {
      case .systemd: SystemdExport(request: request).export
      case .supervisord: SupervisordExport(request: request).export
      case .compose: ComposeExport(request: request).export
      case .kubernetes: KubernetesExport(request: request).export
      case .procfile: ProcfileExport(request: request).export
      }
  }

  init(files: [ExportFile], notes: [ExportNote]) {
    self.files = files
    self.notes = notes
  }

  /// One text for standard output: several files with their names before them.
  package func text(for target: ExportTarget) -> String {
    guard files.count > 1 else { return files.first?.text ?? "" }
    return files.enumerated().map { index, file in
      let separator = target == .kubernetes && index > 0 ? "---\n" : ""
      return "\(index > 0 ? "\n" : "")\(separator)# file \(file.name)\n\(file.text)"
    }.joined()
  }
}

extension ExportTarget {
  /// How every file of an export begins: what tells it from one that somebody wrote by hand.
  package var signature: String { "\(commentMark) Written by devstart export \(rawValue)" }

  var commentMark: String { self == .supervisord ? ";" : "#" }

  /// The first lines of a file: where it comes from, and what it cannot say.
  func header(project: String, notes: [ExportFact]) -> [String] {
    ["\(signature) from the devstart.json of \(project.printable)."] + comments(notes)
  }

  func comments(_ facts: [ExportFact]) -> [String] {
    facts.map { "\(commentMark) \($0.words(for: self).printable)" }
  }
}
