/// Units for systemd (systemd.service(5)): one for each service, a target for each category and
/// one for all.
struct SystemdExport {
  let request: ExportRequest

  private static let expressed: Set<ExportPart> = [
    .categories, .dependsOn, .readyProbe, .readyLog, .readyNotify, .readyDelay, .heartbeat,
    .restart, .restartLimit, .backoff, .memory, .cpu, .maxRuntime, .stopCommand, .stopSignal,
    .stopTimeout, .stopScope, .oneshot, .autostart,
  ]

  var export: Export {
    let services = request.services.map { ($0, SystemdUnit(service: $0, export: self)) }
    var files = [target(of: request.services)]
    files += request.categories.map { target(of: $0.services, category: $0.name) }
    files += services.map { $1.file }
    let notes =
      general.map { ExportNote(service: nil, fact: $0) }
      + services.flatMap { service, unit in
        unit.facts.map { ExportNote(service: service.name, fact: $0) }
      }
    return Export(files: files, notes: notes)
  }

  /// The project's part of every unit's name.
  var prefix: String { SystemdText.unitName(request.manifest.name) }

  func unitName(of service: String) -> String { "\(prefix)-\(service).service" }

  /// The folders that a service is at home in.
  func folders(of service: Service) -> [String] {
    let (project, own) = (request.manifest.folder, service.workingDirectory)
    return Self.isInside(own, [project]) ? [project] : [project, own]
  }

  /// The first of all of them that is below `/tmp`: a `/tmp` of their own would hide it.
  var folderInTmp: String? {
    request.services.lazy.flatMap(folders).first { Self.isInside($0, ["/tmp", "/var/tmp"]) }
  }

  static func isInside(_ path: String, _ folders: [String]) -> Bool {
    folders.contains { path == $0 || path.hasPrefix($0 == "/" ? "/" : $0 + "/") }
  }

  func facts(of service: Service) -> [ExportFact] { service.lost(beyond: Self.expressed) }

  private var general: [ExportFact] {
    var facts: [GeneralFact] = []
    if !request.manifest.borrowedVariables.isEmpty {
      facts.append(.borrowedVariables(request.manifest.borrowedVariables))
    }
    if request.services.contains(where: { !$0.environment.isEmpty }) {
      facts.append(.readableVariables)
    }
    if !request.isForUser { facts.append(.runsAsRoot) }
    if !request.isForUser, let folder = folderInTmp { facts.append(.sharedTmp(folder)) }
    if request.services.contains(where: { !$0.dependsOn.isEmpty }) {
      facts.append(.dependantsFollow)
    }
    if request.manifest.health != nil { facts.append(.projectHealth) }
    return facts.map { .general($0) }
  }

  /// The target of a category, or of all.
  private func target(of services: [Service], category: String? = nil) -> ExportFile {
    let wanted = services.filter(\.startsAutomatically).map { unitName(of: $0.name) }
    let project = request.manifest.name
    var lines = ExportTarget.systemd.header(project: project, notes: category == nil ? general : [])
    let title = category.map { "\($0): part of \(project)" } ?? "All of \(project)"
    lines += ["", "[Unit]", "Description=" + SystemdText.line(title)]
    if !wanted.isEmpty { lines.append("Wants=" + wanted.joined(separator: " ")) }
    if category == nil {
      let target = request.isForUser ? "default.target" : "multi-user.target"
      lines += ["", "[Install]", "WantedBy=\(target)"]
    }
    return ExportFile(
      name: prefix + (category.map { "-\($0)" } ?? "") + ".target",
      text: lines.joined(separator: "\n") + "\n", isPrivate: false)
  }
}
