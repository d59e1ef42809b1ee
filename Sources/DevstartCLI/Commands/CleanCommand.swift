import DevstartCore

/// `clean`.
struct CleanCommand {
  let invocation: Invocation
  let output: Output

  func run() throws(CommandFailure) -> ExitCode {
    let project = try Project.required(invocation.manifest)
    let selection = try Selection.ofAll(invocation, in: project.manifest)
    var request = CleanRequest(services: selection.services)
    request.isDryRun = invocation.isDryRun
    request.isForced = invocation.isForced
    let call = Call(project: project, output: output)
    let reply = try call.perform(
      .clean(request), services: selection.services, goal: .stopped, interruption: .leaves)
    if output.isJSON {
      output.json(reply.sweep.json)
    } else if reply.sweep.found.isEmpty {
      output.line("no strays")
    }
    return ExitCode(reply.verdict)
  }
}
