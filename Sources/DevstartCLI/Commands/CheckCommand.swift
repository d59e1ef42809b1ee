import DevstartControl
import DevstartCore
import DevstartPlatform

/// `check`: the manifest, and what it names outside of itself.
struct CheckCommand {
  let invocation: Invocation
  let output: Output

  func run() throws(CommandFailure) -> ExitCode {
    let project = try Project.required(invocation.manifest)
    let selection = try Selection.ofAll(invocation, in: project.manifest)
    let problems =
      LaunchCheck(project: project).problems(of: selection.services)
      + portProblems(selection.services, project)
    guard problems.isEmpty else { throw CommandFailure(.failed, problems) }
    let count = Figures.count(selection.services.count, "service", "services")
    output.line("\(output.style.paint("✓", .green)) \(project.displayPath): \(count), all well")
    if output.isJSON {
      output.json([
        "manifest": JSON(project.manifest.path), "services": JSON(selection.names), "problems": [],
      ])
    }
    return .done
  }

  /// Ports that something else than the service itself holds.
  private func portProblems(_ services: [Service], _ project: Project) -> [String] {
    guard services.contains(where: { !$0.ports.isEmpty }) else { return [] }
    let running = Set(
      StatusSource(project: project).read().services.filter { $0.pid != nil }.map(\.name))
    return services.filter { !running.contains($0.name) }.flatMap { service in
      service.ports.filter { !PortCheck.isFree($0) }.map { port in
        "cannot start '\(service.name)': port \(port) is taken; "
          + "'ss -ltnp sport = :\(port)' names its holder, or change \"ports\""
      }
    }
  }
}
