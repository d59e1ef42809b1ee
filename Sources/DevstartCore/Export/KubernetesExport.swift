/// Objects for Kubernetes: a Deployment or a Job for each service, and a Service where it has
/// ports; a file each.
struct KubernetesExport {
  let request: ExportRequest

  static let expressed: Set<ExportPart> = [
    .readyProbe, .readyDelay, .live, .restart, .backoff, .memory, .cpu, .stopCommand, .stopTimeout,
    .ports, .oneshot, .autostart, .stdin, .stopScope,
  ]

  var export: Export {
    let target = ExportTarget.kubernetes
    let names = names
    let general = ContainerCommand.general(request).map { ExportFact.general($0) }
    var notes = general.map { ExportNote(service: nil, fact: $0) }
    let files = request.services.enumerated().map { index, service in
      let workload = KubernetesWorkload(
        service: service, name: names[index], request: request)
      notes += workload.facts.map { ExportNote(service: service.name, fact: $0) }
      let header = target.header(
        project: request.manifest.name, notes: (index == 0 ? general : []) + workload.facts)
      let objects = workload.objects.map { YAML.lines($0).joined(separator: "\n") + "\n" }
      return ExportFile(
        name: "\(names[index]).yaml",
        text: header.joined(separator: "\n") + "\n" + objects.joined(separator: "---\n"),
        isPrivate: !service.environment.isEmpty)
    }
    return Export(files: files, notes: notes)
  }

  /// What each service is called: DNS labels know fewer characters, so two may be alike.
  private var names: [String] {
    var taken: Set<String> = []
    return request.services.map { service in
      let plain = ContainerCommand.dnsName(service.name)
      var name = plain
      var number = 2
      while !taken.insert(name).inserted {
        name = "\(plain.prefix(59))-\(number)"
        number += 1
      }
      return name
    }
  }
}
