import DevstartControl
import DevstartCore
import DevstartPlatform

/// `run`: start, stay in the foreground, and end with the services.
struct RunCommand {
  /// How long the last of the logs may take to be shown, and a log's head to be moved.
  private static let patience = Duration.seconds(5)

  let invocation: Invocation
  let output: Output

  /// The exit code: the services', 130 for Ctrl-C, 0 for TERM, as service managers expect it.
  func run() throws(CommandFailure) -> Int32 {
    let project = try Project.required(invocation.manifest, settings: invocation.settings)
    var request = try StartCommand.request(invocation, project)
    request.isLease = true
    // As PID 1 it inherits every orphan; else the supervisor may end before it does.
    OwnProcess.reapsByItself()
    let output = self.output.onlyAdding()
    let logs = ServiceLog.all(
      of: request.services.map(\.name), in: project.manifest, style: output.style)
    let follower = try LogFollower(logs, in: project.manifest, output: output)
    try follower.beginAtEnd()
    let run = ForegroundRun(
      call: Call(project: project, output: output), request: request, output: output,
      follower: follower,
      manager: ServiceManager(output: output, pid: request.caller.identity.pid))
    let code = try run.perform()
    do {
      try follower.finish(within: Self.patience)
    } catch {
      throw CommandFailure(.failed, "cannot wait for the last of the logs: \(error.description)")
    }
    return code
  }
}

/// One run, once all that it needs is there.
private struct ForegroundRun {
  let call: Call
  let request: StartRequest
  let output: Output
  let follower: LogFollower
  let manager: ServiceManager

  func perform() throws(CommandFailure) -> Int32 {
    let client = call.client()
    defer { client.leave() }
    let screen = CallScreen(
      output: output, services: request.services, goal: .up, interruption: .cancelsAlways,
      follower: follower)
    let reply = try call.perform(
      .start(request), services: request.services, goal: .up, interruption: .cancelsAlways,
      client: client, screen: screen)
    var signal = screen.signal
    var code = ExitCode(reply.verdict)
    var isAsked = false
    // A signal that came as the last of them got ready was no cancel any more.
    if reply.verdict == .done, signal == nil {
      let stay = RunScreen(
        request: request, reply: reply, client: client, output: output, follower: follower,
        manager: manager)
      try stay.hold()
      signal = stay.signal
      isAsked = signal != nil
      code = stay.hasFailed || output.loss != nil ? .failed : .done
    }
    manager.say([.stopping, .status("stopping")])
    let stopped = try stop(reply, client, isAsked: isAsked)
    if let signal { code = signal == .interrupt ? .interrupted : .done }
    if let stopped, stopped.verdict != .done, code == .done { code = ExitCode(stopped.verdict) }
    return code.rawValue
  }

  /// Stops what this run launched; nil where that is nothing.
  private func stop(
    _ reply: OperationReply, _ client: ControlClient, isAsked: Bool
  ) throws(CommandFailure) -> OperationReply? {
    let names = Set(reply.launched.map(\.service))
    guard !names.isEmpty else { return nil }
    let services = request.services.filter { names.contains($0.name) }
    let request = StopRequest(services: services, targets: services.map(\.name))
    if isAsked { output.problem("stopping; Ctrl-C again kills", .yellow) }
    let screen = CallScreen(
      output: output, services: services, goal: .stopped, interruption: .kills(request),
      follower: follower)
    return try call.perform(
      .stop(request), services: services, goal: .stopped, interruption: .kills(request),
      client: client, screen: screen, shown: { $0.result != .notRunning })
  }
}
