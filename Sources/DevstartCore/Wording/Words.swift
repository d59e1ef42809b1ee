/// The facts of a service's life in words, for `status`, reports and errors.
package enum Words {
  /// `exited 1 after 0.3 s, before it was ready`.
  package static func ending(_ ending: Ending) -> String {
    let words = reason(ending.reason, ending.kind)
    return ending.lastLine.map { "\(words): \($0)" } ?? words
  }

  private static func reason(_ reason: Ending.Reason, _ kind: Ending.Kind) -> String {
    switch reason {
    case .neverStarted: "not started"
    case .asked: "stopped"
    case .ended(let exit, let after, let wasReady): ended(exit, after, wasReady, kind)
    case .notReady(let check, let after, let found):
      "not ready after \(seconds(after)): waited for \(self.check(check))"
        + (found.map { ", last found: \($0)" } ?? "")
    case .notLaunched(let why): why
    case .dependency(let name, let why): dependencyFailed(name, why: why)
    case .unhealthy(let why): "unhealthy: \(why)"
    case .exceeded(let excess): self.excess(excess)
    case .filesChanged(let path): filesChanged(path)
    case .gaveUp(let restarts, let within, let last):
      "gave up after \(restarts) \(restarts == 1 ? "restart" : "restarts") within "
        + "\(seconds(within)); at last it \(self.reason(last, kind))"
    case .told(let text): text
    }
  }

  private static func ended(
    _ exit: ExitStatus, _ after: Duration, _ wasReady: Bool, _ kind: Ending.Kind
  ) -> String {
    let span = after > .zero ? " after \(seconds(after))" : ""
    let tooEarly = wasReady ? "" : ", before it was ready"
    switch kind {
    case .completed:
      let hint =
        wasReady
        ? ""
        : " (if it put itself into the background, keep it in the foreground; "
          + "if it is a task, set \"oneshot\": true)"
      return "ended by itself with 0\(span)\(tooEarly)\(hint)"
    case .stopped: return "ended by \(self.exit(exit)) from outside\(span)\(tooEarly)"
    // Who was called ready because it had lived for a moment, had not: the start has failed.
    case .failed where wasReady && after > .zero && after < .seconds(1):
      return "\(self.exit(exit))\(span), a failed start"
    case .failed: return "\(self.exit(exit))\(span)\(tooEarly)"
    }
  }

  /// `exited 1`, `killed by KILL`.
  package static func exit(_ exit: ExitStatus) -> String {
    switch exit {
    case .code(let code): "exited \(code)"
    case .signal(let name): "killed by \(name)"
    case .unknown: "ended unseen, as its keeper had been killed"
    }
  }

  package static func check(_ check: Readiness.Check) -> String {
    switch check {
    case .probe(.listening(let ports)): "\(self.ports(ports)) to listen"
    case .probe(.http(let address, let status)):
      "\(address) to answer \(status.map { String($0) } ?? "2xx")"
    case .probe(.command(let command)): "'\(commandLine(command))' to exit with 0"
    case .log(let pattern): "its log to match '\(pattern)'"
    case .notify: "its READY=1"
    case .delay(let delay, _): "\(seconds(delay)) to pass"
    }
  }

  private static func ports(_ ports: [UInt16]) -> String {
    "\(ports.count == 1 ? "port" : "ports") \(ports.map { String($0) }.joined(separator: ", "))"
  }

  /// A command as a person would type it, shortened.
  package static func commandLine(_ command: Command) -> String {
    let text =
      switch command {
      case .arguments(let arguments): arguments.joined(separator: " ")
      case .shell(let text): text
      }
    return text.count > 60 ? "\(text.prefix(59))…" : text
  }

  /// `port 8000 does not listen`, `http://…: connection refused`.
  package static func livenessFailed(_ check: Liveness.Check, _ why: String?) -> String {
    switch check {
    case .notify: why ?? "no WATCHDOG=1"
    case .probe(.listening(let ports)):
      why ?? "\(self.ports(ports)) \(ports.count == 1 ? "does" : "do") not listen"
    case .probe(.http(let address, _)): "\(address): \(why ?? "no answer")"
    case .probe(.command(let command)): "'\(commandLine(command))': \(why ?? "failed")"
    }
  }

  package static func excess(_ excess: Excess) -> String {
    switch excess {
    case .runtime(let limit): "it has run for its maxRuntime of \(seconds(limit))"
    case .memory(let bytes, let limit, let largest):
      "memory \(Figures.bytes(bytes)) over limit \(Figures.bytes(limit))"
        + (largest.map { ", most of it in pid \($0)" } ?? "")
    case .cpu(let percent, let limit, let over):
      "cpu \(Figures.percent(percent)) over limit \(Figures.percent(limit)), averaged over \(seconds(over))"
    }
  }

  package static func filesChanged(_ path: String) -> String { "\(path) changed" }

  /// `waiting for port 8000 to listen`, `0.20 s to pass`.
  package static func awaited(_ check: Readiness.Check) -> String {
    switch check {
    case .probe, .log, .notify: "waiting for \(self.check(check))"
    case .delay: self.check(check)
    }
  }

  /// What `ready` is worth where nothing was checked.
  package static func uncheckedReadiness(of service: Service) -> String? {
    if case .delay(_, chosen: false) = service.readiness.check { "alive, not checked" } else { nil }
  }

  package static func dependencyFailed(_ name: String, why: String) -> String {
    "needs \(name): \(why)"
  }

  package static func survived(_ processes: [ReportedProcess]) -> String {
    guard !processes.isEmpty else { return "could not be ended" }
    let names = processes.map { "pid \($0.pid) (\($0.command), \($0.reason))" }
    return "could not be ended: \(names.joined(separator: "; "))"
  }

  /// What nobody can know any more once a keeper is gone.
  package static func keeperKilled(_ name: String, _ when: String = "") -> String {
    "the keeper of \(name) was killed\(when): what has left its session, group and environment "
      + "since, or forks on and on, can be missed"
  }

  package static func unclaimed(_ name: String, _ pids: [Int32]) -> String {
    "whether \(name) or another service that lost its keeper has left "
      + "\(pids.map { "pid \($0)" }.joined(separator: ", ")) cannot be known: they end with the last"
  }

  package static func oldLaunchSurvived(_ processes: [ReportedProcess]) -> String {
    "its earlier launch \(survived(processes)); end that by hand, then start again"
  }

  package static func runsOutside(_ strays: [Stray]) -> String {
    let pids = strays.map { String($0.facts.identity.pid) }.joined(separator: ", ")
    return "already runs outside devstart (pid \(pids))"
  }

  package static func straysSurvived(_ failed: [SweepReport.Failed]) -> String {
    let names = failed.map { "pid \($0.pid) (\($0.reason))" }
    return "an earlier process of it could not be ended: \(names.joined(separator: "; ")); "
      + "end that by hand, then start again"
  }

  /// Why something could not be ended for good; `parent` may be who starts it again.
  package static func cameBack(parent: Int32?) -> String {
    "came back as often as it was ended" + (parent.map { "; its parent is pid \($0)" } ?? "")
  }

  /// That a service's work is out of reach; nil where it is not, or has a stop command.
  package static func handedWork(of service: Service) -> String? {
    guard service.stop.command == nil, let client = HandedWork.client(in: service.command) else {
      return nil
    }
    return "'\(service.name)': what '\(client)' starts is another daemon's child, and not ended "
      + "with this service; give it a \"stop\": {\"command\": …} that does it"
  }

  /// That a rule of a service cannot fit it; nil where none is like that.
  package static func splitRule(of service: Service) -> String? {
    guard let text = SplitRule.text(of: service) else { return nil }
    let regex = JSON(Pattern.literal(text) + "( |$)").indentedText
    return
      "'\(service.name)': its \"match\" \"\(text)\" is looked for within one argument, and fits "
      + "nothing; leave it out where the command says it all, or write {\"regex\": \(regex)}"
  }

  package static func dependantStillUp(_ name: String) -> String {
    "\(name) depends on what was stopped, and is still up"
  }

  package static func portStillHeld(_ holder: PortHolder) -> String {
    "port \(holder.port) of \(holder.service) is held by \(self.holder(holder))"
  }

  /// Why a service cannot be started.
  package static func portHeld(_ holder: PortHolder) -> String {
    "cannot start '\(holder.service)': port \(holder.port) is held by \(self.holder(holder)), "
      + "which is not this service's; stop it, or change \"ports\""
  }

  /// `node (pid 4121, user me, for 2 h 5 min)`.
  package static func holder(_ holder: PortHolder) -> String {
    guard let pid = holder.pid else { return "a process of user \(holder.user)" }
    var facts = ["pid \(pid)", "user \(holder.user)"]
    if let age = holder.age { facts.append("for \(seconds(age))") }
    if let service = holder.memberOf { facts.append("of the service \(service)") }
    return "\(holder.command ?? "a process") (\(facts.joined(separator: ", ")))"
  }

  /// A state in words, for what a wait waited for in vain.
  package static func state(_ life: ServiceLife) -> String {
    switch life {
    case .down(let ending), .resting(_, let ending): self.ending(ending)
    case .waiting: "waiting to be launched"
    case .backoff(_, _, let ending): "\(self.ending(ending)); waiting to be launched again"
    case .starting(let launch, _):
      "starting, \(awaited(launch.service.readiness.check))"
    case .ready: "ready"
    case .finished: "completed"
    case .stopping: "stopping"
    }
  }

  /// `0.21 s`, `12.4 s`, `3 min 5 s`.
  package static func seconds(_ duration: Duration) -> String { seconds(duration.seconds) }

  package static func seconds(_ seconds: Double) -> String {
    switch seconds {
    case ..<0.0995: return "\(Int(seconds * 1000 + 0.5)) ms"
    case ..<9.995:
      let hundredths = Int(seconds * 100 + 0.5)
      let fraction = hundredths % 100
      return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction) s"
    case ..<60: return "\(Int(seconds)).\(Int(seconds * 10) % 10) s"
    case 60: return "60 s"
    default:
      let whole = Int(seconds)
      return whole < 3600
        ? "\(whole / 60) min \(whole % 60) s" : "\(whole / 3600) h \(whole / 60 % 60) min"
    }
  }
}
