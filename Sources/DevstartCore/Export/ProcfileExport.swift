/// A Procfile, for foreman, honcho, overmind and their kin: a line of shell for each service, to
/// be run in the manifest's folder.
struct ProcfileExport {
  let request: ExportRequest

  private static let expressed: Set<ExportPart> = [.autostart]

  var export: Export {
    let target = ExportTarget.procfile
    let general = general
    var lines = target.header(project: request.manifest.name, notes: general)
    var notes = general.map { ExportNote(service: nil, fact: $0) }
    let starts = request.startedByThemselves
    var taken: Set<String> = []
    for service in request.services {
      let name = name(of: service, taken: &taken)
      var facts = service.lost(beyond: Self.expressed)
      if name != service.name { facts.append(.otherwise(.renamed(name))) }
      if !starts.contains(service.name) { facts.append(.otherwise(.commentedOut)) }
      notes += facts.map { ExportNote(service: service.name, fact: $0) }
      lines += target.comments(facts)
      lines.append("\(starts.contains(service.name) ? "" : "#")\(name): \(line(of: service))")
    }
    let isPrivate = request.services.contains { !$0.environment.isEmpty }
    let file = ExportFile(
      name: "Procfile", text: lines.joined(separator: "\n") + "\n", isPrivate: isPrivate)
    return Export(files: [file], notes: notes)
  }

  /// Letters, digits, `_` and `-`: what every reader takes.
  private func name(of service: Service, taken: inout Set<String>) -> String {
    let plain = service.name.replacing(".", with: "_")
    var name = plain
    var number = 2
    while !taken.insert(name).inserted {
      name = "\(plain)_\(number)"
      number += 1
    }
    return name
  }

  private func line(of service: Service) -> String {
    let folder = folder(of: service)
    // What is text for a shell already stays as it was written.
    if folder == nil, service.environment.isEmpty, case .shell(let text) = service.command,
      ShellText.fitsLine(text), !text.hasPrefix(" "), !text.hasPrefix("\t")
    {
      return text
    }
    var command = ExportedCommand(service.command)
    if !service.environment.isEmpty {
      command.setVariables(
        service.environment.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    }
    let change = folder.map { "cd -- \(ShellText.quoted($0)) && " } ?? ""
    let script = change + "exec " + ShellText.quoted(command.arguments)
    // foreman puts in its own variables wherever it sees `$NAME`, also in quotes.
    guard script.utf8.contains(UInt8(ascii: "$")) || !ShellText.fitsLine(script) else {
      return script
    }
    return #"eval "$(printf %b "# + ShellText.quoted(ShellText.printfEscaped(script)) + #")""#
  }

  /// The working folder, from the manifest's on; nil where it is that.
  private func folder(of service: Service) -> String? {
    let folder = request.manifest.folder
    guard service.workingDirectory != folder else { return nil }
    let prefix = folder == "/" ? "/" : folder + "/"
    guard service.workingDirectory.hasPrefix(prefix) else { return service.workingDirectory }
    return String(service.workingDirectory.dropFirst(prefix.utf8.count))
  }

  private var general: [ExportFact] {
    var facts: [GeneralFact] = []
    if !request.manifest.borrowedVariables.isEmpty {
      facts.append(.borrowedVariables(request.manifest.borrowedVariables))
    }
    facts += [.endsTogether, .endsGroupAlone]
    if request.manifest.health != nil { facts.append(.projectHealth) }
    return facts.map { .general($0) }
  }
}
