import DevstartControl
import DevstartCore
import DevstartPlatform
import DevstartRuntime

/// The control socket is how this program's supervisor hears its clients.
extension ControlServer: Reception {}

/// The endpoint server is how it is seen from outside.
extension EndpointServer: EndpointServing {}

/// `supervise`: what other commands start. It puts the supervisor together.
struct SuperviseCommand {
  /// How long a supervisor that is just ending may keep the lock, in seconds.
  private static let patience = 5

  private let project: Project

  init(invocation: Invocation) throws(CommandFailure) {
    guard let manifest = invocation.manifest else {
      throw CommandFailure(.wrong, "'supervise' needs --manifest FILE; other commands start it")
    }
    project = try Project.required(manifest)
  }

  /// Runs until nothing is left to supervise; returns the exit code.
  func run() -> Int32 {
    let starter = SupervisorStarter()
    var report = ReadyReport(to: starter)
    do {
      var configuration = project.supervisor
      let files = try LaunchFiles.make(logs: configuration.logs)
      let handover = try inheritedState()
      configuration.handover = handover
      guard let lock = try takeLock(files, handover) else {
        report.say("another supervisor has the lock \(files.control.path)/supervisor.lock")
        return ExitCode.failed.rawValue
      }
      let server = try receive(files, handover)
      try lock.write(try ProcessTable.current, socketElsewhere: server.socketElsewhere)
      let supervisor = try Supervisor(
        configuration, files: files, lock: lock, starter: starter, reception: server,
        endpoints: EndpointServer())
      report.say("ready")
      try supervisor.run()
      return ExitCode.done.rawValue
    } catch {
      report.say(Self.text(of: error))
      return ExitCode.failed.rawValue
    }
  }

  private func takeLock(
    _ files: LaunchFiles, _ handover: JSON?
  ) throws(SystemError) -> SupervisorLock? {
    if let number = handover?["lock"]?.integer {
      OwnProcess.setClosedOnExec(Int32(number), true)
      return SupervisorLock(inherited: Int32(number))
    }
    return try SupervisorLock.take(in: files.control, withinSeconds: Self.patience)
  }

  private func receive(
    _ files: LaunchFiles, _ handover: JSON?
  ) throws(ControlFolder.Refusal) -> ControlServer {
    let folder = project.variable("XDG_RUNTIME_DIR")
    let name = project.manifest.project
    if let handover {
      return ControlServer(project: name, files: files, runtimeFolder: folder, handover: handover)
    }
    return try ControlServer(project: name, files: files, runtimeFolder: folder)
  }

  /// What the program that this process was before hands over; nil for a new process.
  private func inheritedState() throws -> JSON? {
    try HandedOver.take().map { try JSON.parse($0) }
  }

  private static func text(of error: any Error) -> String {
    switch error {
    case let error as ControlFolder.Refusal: CallWording.text(of: error)
    case let error as SystemError: "the supervisor cannot run: \(error)"
    default: "the supervisor cannot run: \(error)"
    }
  }
}

/// What a supervisor says, once, to the command that started it, and else to its log.
private struct ReadyReport {
  private var starter: SupervisorStarter?

  init(to starter: SupervisorStarter?) { self.starter = starter }

  mutating func say(_ text: String) {
    let isHeard = starter?.say(text) ?? false
    starter = nil
    if !isHeard { SupervisorLog().write(text) }
  }
}
