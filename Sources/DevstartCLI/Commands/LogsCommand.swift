import DevstartControl
import DevstartCore
import DevstartPlatform

/// `logs`.
struct LogsCommand {
  let invocation: Invocation
  let output: Output

  /// How many lines are shown where nobody says it.
  private static let usual = 20

  func run() throws(CommandFailure) -> ExitCode {
    let project = try Project.required(invocation.manifest)
    let selection = try Selection.ofAll(invocation, in: project.manifest)
    let logs = ServiceLog.all(
      of: selection.names, in: project.manifest, style: output.style,
      isPrefixed: selection.services.count > 1, suffix: invocation.previous ? ".1" : "")
    // Before the logs are read: what is written in between is not lost.
    let follower =
      invocation.follows ? try LogFollower(logs, in: project.manifest, output: output) : nil
    try showEnds(of: logs, project)
    if let follower { try follow(follower) }
    return .done
  }

  private func showEnds(of logs: [ServiceLog], _ project: Project) throws(CommandFailure) {
    var missing: [ServiceLog] = []
    for log in logs {
      do {
        let wanted = invocation.lines ?? Self.usual
        try log.readEnd(wanted, follows: invocation.follows)
        if !output.isJSON { log.show(output) }
      } catch {
        guard error.isMissing else {
          throw CommandFailure(
            .failed, "cannot read the log of '\(log.name)': \(error.description)")
        }
        missing.append(log)
      }
    }
    if output.isJSON {
      output.json(["services": JSON(logs.map { $0.json(of: project.manifest) })])
    } else if missing.count == logs.count, !invocation.follows {
      throw CommandFailure(.failed, missing.map { none($0, project.manifest) })
    }
    output.flush()
  }

  private func none(_ log: ServiceLog, _ manifest: Manifest) -> String {
    let path = manifest.relative(log.path)
    return invocation.previous
      ? "'\(log.name)' has no log of an earlier start: there is no \(path)"
      : "'\(log.name)' has no log yet: there is no \(path); 'devstart start \(log.name)' makes it"
  }

  /// Until Ctrl-C, which ends the command as it does `tail -f`: a shell calls that 130.
  private func follow(_ follower: LogFollower) throws(CommandFailure) {
    follower.show()
    while output.loss == nil {
      do {
        let moment = follower.hasMore ? Clock.now() : nil
        _ = try Waiting.wait(for: [follower.watch, output.reader], until: moment)
      } catch {
        throw CommandFailure(.failed, error.description)
      }
      follower.attend()
      output.lookForReader()
    }
  }
}
