import DevstartControl
import DevstartCore
import DevstartPlatform

/// `smoke`: start, run a command, stop what was started.
struct SmokeCommand {
  let invocation: Invocation
  let output: Output

  /// The exit code: the command's, or ours where it did not run or something outlived it.
  func run() throws(CommandFailure) -> Int32 {
    let project = try Project.required(invocation.manifest, settings: invocation.settings)
    var request = try StartCommand.request(invocation, project)
    request.conflict = .replace
    request.isLease = true
    if let problem = LaunchCheck(project: project).problem(ofProgram: invocation.tail[0]) {
      throw CommandFailure(.failed, problem)
    }
    let call = Call(project: project, output: output)
    let client = call.client()
    defer { client.leave() }
    let screen = call.startScreen(request)
    let reply = try call.perform(
      .start(request), services: request.services, goal: .up, interruption: .cancels,
      client: client, screen: screen)
    var report: [JSON.Member] = [JSON.Member(key: "start", value: call.json(reply))]
    var code = (screen.wasInterrupted ? .interrupted : ExitCode(reply.verdict)).rawValue
    var failure: CommandFailure?
    if code == ExitCode.done.rawValue {
      do throws(CommandFailure) {
        code = try runCommand(reply, client)
        report.append(JSON.Member(key: "command", value: ["exitCode": JSON(Int(code))]))
      } catch {
        failure = error
      }
    } else if !output.isJSON {
      call.showFailures(reply.services)
    }
    if let stopped = try stop(reply, request, call, client) {
      report.append(JSON.Member(key: "stop", value: stopped.json))
      if code == 0 { code = ExitCode(stopped.verdict).rawValue }
    }
    if let failure { throw failure }
    if output.isJSON { output.json(JSON(.object(report))) }
    return code
  }

  private func runCommand(
    _ reply: OperationReply, _ client: ControlClient
  ) throws(CommandFailure) -> Int32 {
    let child: ChildProcess
    do {
      child = try ChildProcess(arguments: invocation.tail, mergesOutput: output.isJSON)
    } catch {
      throw CommandFailure(.failed, "cannot run '\(invocation.tail[0])': \(error.reason)")
    }
    let screen = SmokeScreen(child: child, output: output)
    do {
      let launches = reply.launched.compactMap(\.launch)
      try client.hold([.lease(launches: launches)], delegate: screen) { screen.isOver }
    } catch {
      // The command is what counts: it is waited for, whatever becomes of the supervisor.
      for problem in CallWording.failure(of: error).problems { output.problem(problem) }
    }
    do {
      return try screen.waitForEnd()
    } catch {
      throw CommandFailure(.failed, "cannot tell how the command ended: \(error.description)")
    }
  }

  private func stop(
    _ reply: OperationReply, _ request: StartRequest, _ call: Call, _ client: ControlClient
  ) throws(CommandFailure) -> OperationReply? {
    let names = Set(reply.launched.map(\.service))
    guard !names.isEmpty else { return nil }
    let services = request.services.filter { names.contains($0.name) }
    return try call.perform(
      .stop(StopRequest(services: services, targets: services.map(\.name))), services: services,
      goal: .stopped, interruption: .leaves, client: client)
  }
}

/// While the command runs, signals are its own: what the terminal sends it has got already. Where
/// there is none, as in a container, all of them are passed on.
private final class SmokeScreen: CallDelegate {
  private let child: ChildProcess
  private let output: Output
  private let hasTerminal = OwnProcess.hasTerminal
  private var interruptions = 0
  /// Whether the command has ended.
  private(set) var isOver = false

  init(child: ChildProcess, output: Output) {
    self.child = child
    self.output = output
  }

  /// Waits for the command's end with nobody else to hear; returns its status.
  func waitForEnd() throws(SystemError) -> Int32 {
    let signals = try SignalQueue()
    while true {
      if child.hasEnded(), let status = child.shellStatus { return status }
      _ = try Waiting.wait(for: [child, signals], until: nil)
      while let signal = signals.next() { _ = received(signal) }
    }
  }

  var leaves: Bool { isOver }
  var staysWithTheDeaf: Bool { true }
  var others: [any Waitable] { isOver ? [] : [child] }
  func othersAreReady() { isOver = child.hasEnded() }
  var wakesAt: Instant? { nil }
  func woke() {}
  func received(_ progress: Progress) {}
  func received(_ status: StatusReply) {}

  func received(_ signal: Signal) -> CallDirective {
    switch signal {
    case .terminate, .hangUp: child.send(signal)
    case .interrupt:
      interruptions += 1
      if !hasTerminal { child.send(.interrupt) }
      if interruptions == 2 { child.send(.terminate) }
      if interruptions > 2 { child.send(.kill) }
    case .quit, .kill, .user1, .user2, .continue, .windowChange: break
    }
    return .carryOn
  }

  func noted(_ event: CallEvent) { output.problem(CallWording.text(of: event), .yellow) }
}
