import DevstartControl
import DevstartCore
import DevstartPlatform

/// `status`, and `devstart` alone.
struct StatusCommand {
  let invocation: Invocation
  let output: Output

  func run() throws(CommandFailure) -> ExitCode {
    if invocation.watches {
      let project = try Project.required(invocation.manifest)
      let selection = try Selection.ofAll(invocation, in: project.manifest)
      return try WatchScreen(project, selection, output).run()
    }
    let early = EarlyQuestion()
    let project = try Project.required(invocation.manifest, meanwhile: early.ask)
    let selection = try Selection.ofAll(invocation, in: project.manifest)
    return try show(project, selection, early).isUp ? .done : .notUp
  }

  /// `devstart` alone: the status and the next useful commands, or help without a manifest.
  func overview() throws(CommandFailure) -> ExitCode {
    let early = EarlyQuestion()
    guard let project = try Project.find(invocation.manifest, meanwhile: early.ask) else {
      return try HelpCommand(invocation: invocation, output: output).run()
    }
    let selection = try Selection.ofAll(invocation, in: project.manifest)
    let report = try show(project, selection, early)
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
    _ project: Project, _ selection: Selection, _ early: EarlyQuestion
  ) throws(CommandFailure) -> StatusReport {
    let reading = try StatusSource(project: project, early: early).read()
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
  static func lines(
    of report: StatusReport, style: Style, width: Int?, isLive: Bool = false
  ) -> [String] {
    var lines = StatusTable(style: style, width: width, isLive: isLive).lines(
      of: ownReasons(of: report.listed, report), unlisted: ownReasons(of: report.unlisted, report))
    if !report.unlisted.isEmpty {
      lines.append(style.paint("* not in the manifest any more; 'devstart stop' ends it", .dim))
    }
    if report.isUnsupervised {
      lines += TextWidth.wrapped(Words.unsupervised, to: width).map { style.paint($0, .yellow) }
    }
    return lines
  }

  /// Without what the last line says of all of them.
  private static func ownReasons(
    of services: [ServiceStatus], _ report: StatusReport
  ) -> [ServiceStatus] {
    guard report.isUnsupervised else { return services }
    return services.map { status in
      var status = status
      if status.reason == Words.unsupervised { status.reason = nil }
      return status
    }
  }
}
