/// Everything that one launch is made of. Its text lies in a sealed memfd that the keeper holds,
/// so that a later supervisor knows it and no secret is ever on disk.
package struct LaunchSpecification: Message, Equatable {
  /// The manifest's hash (`Manifest.project`).
  package var project: String
  /// Unguessable, unique among all launches: 16 hexadecimal digits.
  package var launch: String
  package var service: Service
  package var caller: Caller

  package init(project: String, launch: String, service: Service, caller: Caller) {
    self.project = project
    self.launch = launch
    self.service = service
    self.caller = caller
  }

  package var marker: Marker { Marker(project: project, service: service.name, launch: launch) }

  package var json: JSON {
    [
      "project": JSON(project), "launch": JSON(launch), "service": service.json,
      "caller": caller.json,
    ]
  }

  package init(json: JSON) throws(MessageError) {
    self.init(
      project: try json.text("project"), launch: try json.text("launch"),
      service: try json.message("service"), caller: try json.message("caller"))
  }
}

extension LaunchSpecification {
  /// Whether two starts ask for the same thing. What a shell changes with every command it runs
  /// does not count.
  package func asksTheSame(as other: LaunchSpecification) -> Bool {
    service == other.service && caller.umask == other.caller.umask
      && caller.limits == other.caller.limits && lastingEnvironment == other.lastingEnvironment
  }

  private var lastingEnvironment: [String] {
    caller.environment.filter { entry in
      !["_=", "SHLVL=", "OLDPWD=", "PWD="].contains { entry.hasPrefix($0) }
    }.sorted()
  }

  /// Main's environment as execve(2) takes it: the caller's, then the manifest's, then ours.
  package var environment: [String] {
    var values: [String: String] = [:]
    for entry in caller.environment {
      let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { values[String(parts[0])] = String(parts[1]) }
    }
    // Another supervisor's words to another process.
    for name in ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "OLDPWD"] {
      values[name] = nil
    }
    values["PWD"] = service.workingDirectory
    if values["PYTHONUNBUFFERED"] == nil { values["PYTHONUNBUFFERED"] = "1" }
    values.merge(service.environment) { $1 }
    values[Marker.variable] = marker.text
    return values.map { "\($0.key)=\($0.value)" }.sorted()
  }
}
