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
        for (purpose, key, command) in service.commandsBeside {
          if let problem = commandProblem(command, of: service) {
            problems.append("cannot \(purpose) \(name): \(problem), or change \"\(key)\"")
          }
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
    let path = service.environment["PATH"] ?? project.variable("PATH") ?? Self.usualPath
    return isFound(program, inPath: path, from: service.workingDirectory)
      ? nil : "there is no program '\(program)' in PATH; install it"
  }

  /// What execvp(3) takes where there is no `PATH`.
  private static let usualPath = "/bin:/usr/bin"

  /// Why a program cannot be run from here; nil where it can.
  func problem(ofProgram program: String) -> String? {
    let isThere =
      program.contains("/")
      ? FileInspection.isExecutable(path: program)
      : isFound(program, inPath: project.variable("PATH") ?? Self.usualPath, from: ".")
    return isThere ? nil : "cannot run '\(program)': it is not there, or not executable"
  }

  private func isFound(_ program: String, inPath path: String, from folder: String) -> Bool {
    path.split(separator: ":", omittingEmptySubsequences: false).contains { entry in
      let place = entry.isEmpty ? "." : String(entry)
      let path = place.hasPrefix("/") ? place : folder + "/" + place
      return FileInspection.isExecutable(path: path + "/" + program)
    }
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
        ? "there is no \(FilePath.absolute(path, in: "/")); make it"
        : "\(path): \(error.reason); make it accessible"
    }
  }
}

extension Service {
  /// The commands that are run beside its own: what for, and the key that names each.
  fileprivate var commandsBeside: [(purpose: String, key: String, command: Command)] {
    var found: [(purpose: String, key: String, command: Command)] = []
    if let command = stop.command { found.append(("stop", "stop.command", command)) }
    if case .probe(.command(let command)) = readiness.check {
      found.append(("tell readiness of", "ready.exec", command))
    }
    if case .probe(.command(let command)) = liveness?.check {
      found.append(("tell liveness of", "live.exec", command))
    }
    for kind in HooksKey.allCases {
      if let command = hooks[kind] {
        found.append(("tell anybody of", "hooks.\(kind.rawValue)", command))
      }
    }
    return found
  }
}
