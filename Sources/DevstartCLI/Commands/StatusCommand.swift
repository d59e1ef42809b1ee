import DevstartControl
import DevstartCore
import DevstartPlatform

/// `status`, and `devstart` alone.
struct StatusCommand {
  let invocation: Invocation
  let output: Output

  func run() throws(CommandFailure) -> ExitCode {
    let project = try Project.required(invocation.manifest)
    let selection = try Selection.ofAll(invocation, in: project.manifest)
    if invocation.watches { return try WatchScreen(project, selection, output).run() }
    return try show(project, selection).isUp ? .done : .notUp
  }

  /// `devstart` alone: the status and the next useful commands, or help without a manifest.
  func overview() throws(CommandFailure) -> ExitCode {
    guard let project = try Project.find(invocation.manifest) else {
      return try HelpCommand(invocation: invocation, output: output).run()
    }
    let selection = try Selection.ofAll(invocation, in: project.manifest)
    let report = try show(project, selection)
    let style = output.style
    output.line("")
    let next =
      report.isUp
      ? ["devstart logs -f", "devstart restart NAME", "devstart stop"]
      : ["devstart start", "devstart logs NAME", "devstart help"]
    output.line(style.paint("next: " + next.joined(separator: "   "), .dim))
    return report.isUp ? .done : .notUp
  }

  private func show(
    _ project: Project, _ selection: Selection
  ) throws(CommandFailure) -> StatusReport {
    let reading = try StatusSource(project: project).read()
    for problem in reading.problems { output.problem(problem, .yellow) }
    let report = StatusReport(
      reply: reading.reply, selection: selection, manifest: project.manifest)
    if output.isJSON {
      output.json(report.json(of: project.manifest))
    } else {
      for line in Self.lines(of: report, style: output.style, width: output.width) {
        output.line(line)
      }
    }
    return report
  }

  /// What people see of a report.
  static func lines(of report: StatusReport, style: Style, width: Int?) -> [String] {
    var lines = StatusTable(style: style, width: width).lines(
      of: report.listed, unlisted: report.unlisted)
    if !report.unlisted.isEmpty {
      lines.append(style.paint("* not in the manifest any more; 'devstart stop' ends it", .dim))
    }
    if report.isUnsupervised {
      lines.append(
        style.paint(
          "unsupervised: no restarts, limits or endpoints; 'devstart start' takes over", .yellow))
    }
    return lines
  }
}

/// `status --watch`: drawn again after each change, until Ctrl-C.
final class WatchScreen: CallDelegate {
  private let project: Project
  private let selection: Selection
  private let output: Output
  private var region = LiveRegion()
  private var latest: StatusReply?

  init(_ project: Project, _ selection: Selection, _ output: Output) {
    self.project = project
    self.selection = selection
    self.output = output
  }

  func run() throws(CommandFailure) -> ExitCode {
    let client = ControlClient(
      address: project.address, startsSupervisor: false, takesSignals: true)
    do {
      _ = try client.call(.watch, delegate: self)
      return .done
    } catch {
      switch error {
      case .left: return .interrupted
      case .lost, .noSupervisor:
        received(try StatusSource(project: project).offline().reply)
        return supervisorIsGone()
      case .refused, .notUnderstood, .folder, .connection, .start, .system:
        throw CallWording.failure(of: error)
      }
    }
  }

  /// Nobody will tell of a change.
  private func supervisorIsGone() -> ExitCode {
    output.problem("no supervisor runs, so nothing more will change here", .yellow)
    let report = latest.map {
      StatusReport(reply: $0, selection: selection, manifest: project.manifest)
    }
    return report?.isUp == true ? .done : .notUp
  }

  /// While a service runs its uptime grows.
  var wakesAt: Instant? {
    guard output.isLive, latest?.services.contains(where: { $0.pid != nil }) == true else {
      return nil
    }
    return Clock.now() + .seconds(1)
  }

  private var heardAt = Clock.now()

  func woke() { draw() }

  func received(_ progress: Progress) {}

  func received(_ status: StatusReply) {
    latest = status
    heardAt = Clock.now()
    draw()
  }

  func received(_ signal: Signal) -> CallDirective {
    guard signal == .windowChange else { return .leave }
    draw()
    return .carryOn
  }

  func noted(_ event: CallEvent) {
    region.leave()
    output.problem(CallWording.text(of: event), .yellow)
  }

  private func draw() {
    guard var reply = latest else { return }
    let since = (Clock.now() - heardAt).seconds
    for index in reply.services.indices {
      if let uptime = reply.services[index].uptimeSeconds {
        reply.services[index].uptimeSeconds = uptime + since
      }
    }
    let report = StatusReport(reply: reply, selection: selection, manifest: project.manifest)
    let size = output.size
    let lines = StatusCommand.lines(of: report, style: output.style, width: output.width)
    guard output.isLive else {
      for line in lines + [""] { output.line(line) }
      return output.flush()
    }
    let shown = lines.count < size.rows ? lines : Array(lines.prefix(size.rows - 2)) + ["…"]
    output.bytes(region.redraw(live: shown, columns: size.columns + 1).utf8)
    output.flush()
  }
}
