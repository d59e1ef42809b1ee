import DevstartControl
import DevstartCore
import DevstartPlatform

/// One request of a command, shown on its way.
struct Call {
  let project: Project
  let output: Output

  /// Sends the request; its answer is shown but for the exit code, and the lines of services
  /// that are not `shown`. The conversation ends with it where it is not the `client`'s.
  func perform(
    _ request: Request, services: [Service], goal: ServiceBoard.Goal,
    interruption: CallScreen.Interruption, client: ControlClient? = nil,
    screen: CallScreen? = nil,
    shown: (ServiceOutcome) -> Bool = { _ in true }
  ) throws(CommandFailure) -> OperationReply {
    let conversation = client ?? self.client()
    defer { if client == nil { conversation.leave() } }
    for warning in warnings(of: request, services) {
      output.problem("warning: \(warning)", .yellow)
    }
    let screen =
      screen
      ?? CallScreen(output: output, services: services, goal: goal, interruption: interruption)
    do {
      let reply = try OperationReply(json: try conversation.call(request, delegate: screen))
      screen.finish(reply.services.filter(shown))
      if let summary = SweepWording.summary(of: reply.sweep, isDryRun: request.isDryRun) {
        output.line(summary)
        for line in SweepWording.lines(of: reply.sweep, most: request.isClean ? .max : 8) {
          output.line("  " + fitted(line))
        }
      }
      report(reply)
      return reply
    } catch let error as CallError {
      screen.leave()
      if screen.wasInterrupted, error != .lostAfterCancel { throw .interrupted }
      throw CallWording.failure(of: error)
    } catch let error as MessageError {
      throw CallWording.failure(
        of: .notUnderstood(
          ProtocolError(code: .invalidParameters, text: #""\#(error.key)" is missing or wrong"#)))
    } catch {
      throw CommandFailure(.failed, "\(error)")
    }
  }

  /// What is to be known before: what may be executed, and what will not be found.
  private func warnings(of request: Request, _ services: [Service]) -> [String] {
    (request.isStart ? project.warnings + project.environmentWarnings : [])
      + (request.isStart || request.isClean ? services.compactMap(Words.splitRule) : [])
  }

  /// A conversation that starts a supervisor where none runs.
  func client() -> ControlClient {
    ControlClient(address: project.address, startsSupervisor: true, takesSignals: true)
  }

  /// What else there is to know: on standard error, but for what was left alone.
  private func report(_ reply: OperationReply) {
    for text in SweepWording.leftAlone(in: reply.sweep) {
      let lines = TextWidth.wrapped(text, to: output.width.map { $0 - 5 })
      for (index, line) in lines.enumerated() { output.line((index == 0 ? "  " : "    ") + line) }
    }
    for failed in reply.sweep.failed {
      output.problem("pid \(failed.pid) was not ended: \(TextWidth.harmless(failed.reason))")
    }
    for warning in reply.warnings { output.problem("warning: \(warning)", .yellow) }
    output.flush()
  }

  private func fitted(_ line: String) -> String {
    output.width.map { TextWidth.cut(line, to: $0 - 3) } ?? line
  }

  /// Shows a start that Ctrl-C cancels.
  func startScreen(_ request: StartRequest) -> CallScreen {
    CallScreen(output: output, services: request.services, goal: .up, interruption: .cancels)
  }

  // MARK: Logs of what failed

  /// How many lines of a failed service's log are shown.
  private static let tail = 20

  /// The last lines of the logs of what failed, on standard error; why it failed stands above.
  func showFailures(_ outcomes: [ServiceOutcome]) {
    showProblems(outcomes)
    for outcome in outcomes where [.failed, .timedOut].contains(outcome.result) {
      let path = project.manifest.logPath(of: outcome.service)
      let lines = logTail(of: outcome.service)
      let shown = project.manifest.relative(path)
      guard !lines.isEmpty else {
        output.problem("'\(outcome.service)' has written nothing to \(shown)", .yellow)
        continue
      }
      output.problem("the end of \(shown):", .yellow)
      for line in lines { output.problemDetail(line) }
    }
  }

  /// The services that did not get where they should, where their lines, drawn on the terminal,
  /// are missing on standard error: in a file.
  func showProblems(_ outcomes: [ServiceOutcome]) {
    guard output.isLive, !output.showsProblemsOnTerminal else { return }
    for outcome in outcomes where OutcomeWording.mark(of: outcome) == .bad {
      output.problem("'\(outcome.service)' \(OutcomeWording.text(of: outcome))")
      for detail in OutcomeWording.details(of: outcome) { output.problemDetail(detail) }
    }
  }

  /// Nothing where the log cannot be read: that the service failed is more important.
  func logTail(of service: String) -> [String] {
    do {
      let path = project.manifest.logPath(of: service)
      return try FileTail.lines(Self.tail, ofPath: path).lines.map {
        String(decoding: $0, as: UTF8.self)
      }
    } catch {
      return []
    }
  }

  /// The reply as JSON, with the ends of the logs of what failed.
  func json(_ reply: OperationReply) -> JSON {
    guard var members = reply.json.members,
      let index = members.firstIndex(where: { $0.key == "services" })
    else { return reply.json }
    members[index].value = JSON(
      reply.services.map { outcome in
        guard [.failed, .timedOut].contains(outcome.result), var inner = outcome.json.members else {
          return outcome.json
        }
        inner.append(JSON.Member(key: "logTail", value: JSON(logTail(of: outcome.service))))
        return JSON(.object(inner))
      })
    return JSON(.object(members))
  }
}

extension OperationReply {
  /// What the start that was asked for launched, and nobody else.
  var launched: [ServiceOutcome] {
    services.filter { outcome in
      switch outcome.result {
      case .ready, .started, .completed, .failed, .timedOut: outcome.launch != nil
      case .kept, .joined, .stopped, .notRunning, .wouldStart, .wouldReplace, .skipped, .cancelled:
        false
      }
    }
  }
}

extension Request {
  fileprivate var isDryRun: Bool {
    switch self {
    case .start(let request): request.isDryRun
    case .clean(let request): request.isDryRun
    case .status, .watch, .stop, .wait, .cancel, .lease: false
    }
  }

  fileprivate var isStart: Bool {
    if case .start = self { true } else { false }
  }

  fileprivate var isClean: Bool {
    if case .clean = self { true } else { false }
  }
}
