import DevstartCore

/// What `status` shows: the manifest's services as they are, and those that run and are in it no
/// more.
struct StatusReport {
  /// In the manifest's order, those of the targets.
  var listed: [ServiceStatus]
  /// Not in the manifest any more.
  var unlisted: [ServiceStatus]
  var supervisor: Int32?
  /// Of the targets.
  var services: [Service]
  private var counted: Set<String>

  init(reply: StatusReply, selection: Selection, manifest: Manifest) {
    supervisor = reply.supervisor
    services = selection.services
    counted = selection.counted
    var known: [String: Int] = [:]
    known.reserveCapacity(reply.services.count)
    for (index, status) in reply.services.enumerated() { known[status.name] = index }
    listed = selection.services.map { service in
      var status =
        known.removeValue(forKey: service.name).map { reply.services[$0] }
        ?? ServiceStatus(name: service.name)
      status.categories = service.categories
      if status.ports.isEmpty { status.ports = service.ports }
      return status
    }
    unlisted =
      selection.isEverything
      ? known.values.sorted().map { index in
        var status = reply.services[index]
        status.reason = status.reason ?? "not in the manifest any more"
        return status
      } : []
  }

  /// Whether all that counts is up: ready, or completed where it is to run to its end.
  var isUp: Bool {
    services.indices.allSatisfy { index in
      let state = listed[index].state
      return state == .ready || (state == .completed && services[index].isOneshot)
        || !counted.contains(services[index].name)
    }
  }

  /// Whether something runs that nobody looks after.
  var isUnsupervised: Bool {
    supervisor == nil && (listed + unlisted).contains { $0.pid != nil }
  }

  /// As the design has it.
  func json(of manifest: Manifest) -> JSON {
    [
      "project": JSON(manifest.name), "manifest": JSON(manifest.path),
      "supervisor": supervisor.map { ["pid": JSON(Int($0))] } ?? nil,
      "services": JSON(
        (listed + unlisted).map { status in
          status.json(
            pidFile: manifest.relative(manifest.pidPath(of: status.name)),
            log: manifest.relative(manifest.logPath(of: status.name)))
        }),
    ]
  }
}
