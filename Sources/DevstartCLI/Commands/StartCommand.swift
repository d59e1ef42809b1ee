import DevstartControl
import DevstartCore
import DevstartPlatform

/// `start`, `restart` and the shorthand `devstart TARGET…`.
struct StartCommand {
  let invocation: Invocation
  let output: Output

  func run() throws(CommandFailure) -> ExitCode {
    let project = try Project.required(invocation.manifest, settings: invocation.settings)
    let request = try Self.request(invocation, project)
    let call = Call(project: project, output: output)
    let (client, screen) = (call.client(), call.startScreen(request))
    defer { client.leave() }
    let reply = try call.perform(
      .start(request), services: request.services, goal: .up, interruption: .cancels,
      client: client, screen: screen)
    // Ctrl-C that came with the answer was no cancel any more.
    let isLate = screen.wasInterrupted && reply.verdict != .interrupted
    let stopped = isLate ? try stop(reply, request, call, client) : nil
    if output.isJSON {
      output.json(call.json(stopped ?? reply))
    } else {
      call.showFailures(reply.services)
    }
    return isLate ? .interrupted : ExitCode(reply.verdict)
  }

  /// Stops what the start has launched.
  private func stop(
    _ reply: OperationReply, _ request: StartRequest, _ call: Call, _ client: ControlClient
  ) throws(CommandFailure) -> OperationReply {
    let names = Set(reply.launched.map(\.service))
    let services = request.services.filter { names.contains($0.name) }
    let stop = StopRequest(services: services, targets: services.map(\.name))
    return try call.perform(
      .stop(stop), services: services, goal: .stopped, interruption: .kills(stop), client: client)
  }

  /// The request, once everything that it needs is there.
  static func request(
    _ invocation: Invocation, _ project: Project
  ) throws(CommandFailure) -> StartRequest {
    let selection = try Selection.toStart(invocation, in: project.manifest)
    guard !selection.services.isEmpty else {
      throw CommandFailure(
        .wrong, "\(project.displayPath) has no services; add one to \"services\"")
    }
    let ordered = project.manifest.launchOrder(of: selection.services)
    let targets = Set(selection.names)
    let services = ordered.filter { !invocation.noDependencies || targets.contains($0.name) }
    let problems = LaunchCheck(project: project).problems(of: services)
    guard problems.isEmpty else { throw CommandFailure(.failed, problems) }
    let caller: Caller
    do {
      caller = try OwnProcess.caller(environment: project.environment)
    } catch {
      throw CommandFailure(.failed, "cannot tell what services inherit: \(error.description)")
    }
    var request = StartRequest(services: services, targets: selection.names, caller: caller)
    request.conflict = invocation.command == .restart ? .replace : invocation.conflict
    request.waits = !invocation.noWait
    request.timeout = invocation.timeout
    request.isDryRun = invocation.isDryRun
    request.health = project.manifest.health
    return request
  }
}
