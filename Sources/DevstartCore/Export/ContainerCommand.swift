/// What compose and Kubernetes have in common: the service in a container.
struct ContainerCommand {
  let service: Service
  let request: ExportRequest

  /// The image that the manifest names, or one that nobody can have (RFC 2606).
  var image: String {
    service.image ?? "example.invalid/\(Self.dnsName(service.name)):placeholder"
  }

  /// The argument vector, in the folder that it has in the project: the image's working folder
  /// stands for the manifest's. `variables` are those that the target cannot set.
  func arguments(variables: [(name: String, value: String)] = []) -> [String] {
    var command = ExportedCommand(service.command)
    guard let folder = subfolder else {
      if !variables.isEmpty { command.setVariables(variables) }
      return command.arguments
    }
    // Shells take variables away whose names they cannot say.
    let lost = service.exportedVariables.filter { variable in
      !VariableName.isShellName(variable.name) && !variables.contains { $0.name == variable.name }
    }
    if !(variables + lost).isEmpty { command.setVariables(variables + lost) }
    command.changeFolder(to: folder)
    return command.arguments
  }

  /// The working folder below the manifest's.
  private var subfolder: String? {
    let folder = request.manifest.folder
    let prefix = folder == "/" ? "/" : folder + "/"
    guard service.workingDirectory.hasPrefix(prefix), service.workingDirectory != folder else {
      return nil
    }
    return String(service.workingDirectory.dropFirst(prefix.utf8.count))
  }

  /// The working folder where it is outside of the manifest's.
  var foreignFolder: String? {
    subfolder == nil && service.workingDirectory != request.manifest.folder
      ? service.workingDirectory : nil
  }

  /// Facts that both have.
  var facts: [ServiceFact] {
    var facts: [ServiceFact] = []
    if service.image == nil { facts.append(.placeholderImage(image)) }
    let texts = service.command.argumentVector + service.environment.values.sorted()
    let folder = request.manifest.folder
    let ownPath = folder != "/" && texts.contains { $0.contains(folder) } ? folder : nil
    if let path = foreignFolder ?? ownPath { facts.append(.machinePath(path)) }
    return facts
  }

  static func general(_ request: ExportRequest) -> [GeneralFact] {
    var facts: [GeneralFact] = []
    if !request.manifest.borrowedVariables.isEmpty {
      facts.append(.borrowedVariables(request.manifest.borrowedVariables))
    }
    facts += [.imageHoldsProject, .signalsMainAlone]
    if request.services.count > 1 || request.services.contains(where: \.listens) {
      facts.append(.ownLocalhost)
    }
    if request.manifest.health != nil { facts.append(.projectHealth) }
    return facts
  }

  /// A label as DNS takes it (RFC 1035, section 2.3.1): small letters, digits and `-`, a letter
  /// first, at most 63.
  static func dnsName(_ text: String) -> String {
    let characters = text.lowercased().unicodeScalars.map { scalar -> Character in
      switch scalar {
      case "a"..."z", "0"..."9": Character(scalar)
      case _: "-"
      }
    }
    var name = String(characters.drop { $0 == "-" })
    if name.first?.isLetter != true { name = "s" + (name.isEmpty ? "" : "-" + name) }
    name = String(name.prefix(63))
    while name.last == "-" { name.removeLast() }
    return name
  }
}

extension Service {
  /// Whether somebody connects to it, as far as the manifest tells.
  fileprivate var listens: Bool {
    var probes: [Probe] = []
    if case .probe(let probe) = readiness.check { probes.append(probe) }
    if case .probe(let probe) = liveness?.check { probes.append(probe) }
    return !ports.isEmpty
      || probes.contains { probe in
        switch probe {
        case .listening, .http: true
        case .command: false
        }
      }
  }
}
