import DevstartCore
import DevstartPlatform

/// What has to be there before a service can be launched: looked at before anything is touched.
struct LaunchCheck {
  let project: Project

  /// Everything that is missing, a line each.
  func problems(of services: [Service]) -> [String] {
    services.flatMap { service in
      var problems: [String] = []
      let name = "'\(service.name)'"
      if let problem = folderProblem(service.workingDirectory) {
        problems.append("cannot start \(name): \(problem); make it, or change \"cwd\"")
      } else {
        if let problem = commandProblem(service.command, of: service) {
          problems.append("cannot start \(name): \(problem), or change \"command\"")
        }
        if let command = service.stop.command, let problem = commandProblem(command, of: service) {
          problems.append("cannot stop \(name): \(problem), or change \"stop.command\"")
        }
      }
      return problems
    }
  }

  private func folderProblem(_ path: String) -> String? {
    do {
      return try FileInspection.kind(ofPath: path) == .folder
        ? nil : "its folder \(path) is no folder"
    } catch {
      return "its folder \(path) cannot be entered: \(error.reason)"
    }
  }

  private func commandProblem(_ command: Command, of service: Service) -> String? {
    let program = command.argumentVector[0]
    if program.contains("/") {
      let path = located(program, service)
      return FileInspection.isExecutable(path: path) ? nil : missing(program, path: path)
    }
    let path =
      service.environment["PATH"] ?? project.variable("PATH") ?? "/usr/local/bin:/usr/bin:/bin"
    let isThere = path.split(separator: ":", omittingEmptySubsequences: false).contains { folder in
      let place = folder.isEmpty ? "." : String(folder)
      return FileInspection.isExecutable(
        path: located(place + "/" + program, service))
    }
    return isThere ? nil : "there is no program '\(program)' in PATH; install it"
  }

  /// Not tidied: behind a link, `..` is another folder than the text says.
  private func located(_ path: String, _ service: Service) -> String {
    path.hasPrefix("/") ? path : service.workingDirectory + "/" + path
  }

  private func missing(_ program: String, path: String) -> String {
    do {
      return try FileInspection.kind(ofPath: path) == .file
        ? "\(path) is not executable; chmod +x it" : "\(path) is no program; name a file"
    } catch {
      return error.isMissing
        ? "there is no \(program) in \(FilePath.folder(of: path)); make it"
        : "\(path): \(error.reason); make it accessible"
    }
  }
}
