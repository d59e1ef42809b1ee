import DevstartCore

/// `wait`.
struct WaitCommand {
  let invocation: Invocation
  let output: Output

  func run() throws(CommandFailure) -> ExitCode {
    let project = try Project.required(invocation.manifest)
    let goal = invocation.goal ?? .ready
    let selection: Selection =
      switch goal {
      case .ready: try Selection.toStart(invocation, in: project.manifest)
      case .stopped: try Selection.ofAll(invocation, in: project.manifest)
      }
    let call = Call(project: project, output: output)
    let reply = try call.perform(
      .wait(
        WaitRequest(
          targets: selection.names, goal: goal, timeout: invocation.timeout,
          oneshots: selection.services.filter(\.isOneshot).map(\.name))),
      services: selection.services, goal: goal == .ready ? .isUp : .isStopped, interruption: .leaves
    )
    if output.isJSON {
      output.json(call.json(reply))
    } else {
      call.showProblems(reply.services)
    }
    return ExitCode(reply.verdict)
  }
}
