import DevstartControl
import DevstartCore
import DevstartPlatform
import DevstartRuntime

/// `check`: the manifest, and what it names outside of itself.
struct CheckCommand {
  let invocation: Invocation
  let output: Output

  func run() throws(CommandFailure) -> ExitCode {
    let project = try Project.required(invocation.manifest)
    let selection = try Selection.ofAll(invocation, in: project.manifest)
    let problems =
      LaunchCheck(project: project).problems(of: selection.services)
      + project.manifest.endpointClashes(of: selection.services).map(Words.clash)
      + (try portProblems(selection.services, project))
    guard problems.isEmpty else { throw CommandFailure(.failed, problems) }
    let warnings =
      project.environmentWarnings
      + selection.services.flatMap { service in
        [Words.handedWork(of: service), Words.splitRule(of: service)].compactMap(\.self)
      }
    for warning in warnings { output.problem(warning, .yellow) }
    let count = Figures.count(selection.services.count, "service", "services")
    let verdict =
      warnings.isEmpty ? "all well" : Figures.count(warnings.count, "warning", "warnings")
    output.line("\(output.style.paint("✓", .green)) \(project.displayPath): \(count), \(verdict)")
    if output.isJSON {
      output.json([
        "manifest": JSON(project.manifest.path), "services": JSON(selection.names), "problems": [],
        "warnings": JSON(warnings),
      ])
    }
    return .done
  }

  /// Ports that something else than the service itself holds.
  private func portProblems(
    _ services: [Service], _ project: Project
  ) throws(CommandFailure) -> [String] {
    guard services.contains(where: { !$0.ports.isEmpty }) else { return [] }
    let reply = try StatusSource(project: project).read().reply
    let running = Set(reply.services.filter { $0.pid != nil }.map(\.name))
    do {
      return try PortSurvey().holders(of: services.filter { !running.contains($0.name) })
        .map(Words.portHeld)
    } catch {
      throw CommandFailure(.failed, "nobody can see who holds the ports: \(error)")
    }
  }
}
