import DevstartCore
import DevstartPlatform

/// `stop`.
struct StopCommand {
  let invocation: Invocation
  let output: Output

  func run() throws(CommandFailure) -> ExitCode {
    let project = try Project.required(invocation.manifest)
    let (listed, unlisted) = separated(project.manifest)
    var chosen = invocation
    chosen.operands = listed
    let selection: Selection? =
      listed.isEmpty && !unlisted.isEmpty ? nil : try Selection.ofAll(chosen, in: project.manifest)
    let services = selection?.services ?? []
    var request = StopRequest(
      services: services, targets: services.map(\.name) + unlisted)
    request.includesUnlisted = selection?.isEverything ?? false
    request.timeout = invocation.timeout
    request.isForced = invocation.isForced
    let call = Call(project: project, output: output)
    let reply = try call.perform(
      .stop(request), services: services, goal: .stopped, interruption: .leaves, shown: isShown)
    if output.isJSON {
      output.json(call.json(reply))
    } else if reply.verdict != .done {
      call.showProblems(reply.services)
    } else if !reply.services.contains(where: isShown) {
      output.line(reply.sweep.found.isEmpty ? "nothing was running" : "nothing else was running")
    }
    return ExitCode(reply.verdict)
  }

  /// Of what did not run, only those that were named themselves are worth a line.
  private func isShown(_ outcome: ServiceOutcome) -> Bool {
    outcome.result != .notRunning || OutcomeWording.mark(of: outcome) == .bad
      || invocation.operands.contains(outcome.service)
  }

  /// The words of the manifest, and the services that it had once: their launches are on record.
  private func separated(_ manifest: Manifest) -> (listed: [String], unlisted: [String]) {
    let known = Set(manifest.targets)
    guard invocation.operands.contains(where: { !known.contains($0) }) else {
      return (invocation.operands, [])
    }
    let records = FileInspection.names(inFolder: manifest.logs + "/.devstart")
      .filter { $0.hasSuffix(".launch") }.map { String($0.dropLast(7)) }
    let unlisted = invocation.operands.filter { !known.contains($0) && records.contains($0) }
    return (invocation.operands.filter { !unlisted.contains($0) }, unlisted)
  }
}
