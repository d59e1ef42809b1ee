import DevstartControl
import DevstartCore
import DevstartPlatform

/// `status --watch`: drawn again after each change, until Ctrl-C, whether a supervisor runs or not.
final class WatchScreen: CallDelegate {
  private let project: Project
  private let selection: Selection
  private let output: Output
  private var region = LiveRegion()
  private var latest: StatusReply?
  /// While there is a supervisor that does not hear: tells when what is seen without it changes.
  private var deafWatch: FolderWatch?
  private var isDeaf = false

  /// How often one that cannot even be reached is tried again.
  private static let rarely = Duration.seconds(10)

  init(_ project: Project, _ selection: Selection, _ output: Output) {
    self.project = project
    self.selection = selection
    self.output = output
  }

  func run() throws(CommandFailure) -> ExitCode {
    while output.loss == nil {
      let client = ControlClient(
        address: project.address, startsSupervisor: false, takesSignals: true)
      let askedAt = Clock.now()
      do {
        _ = try client.call(.watch, delegate: self)
      } catch {
        switch error {
        case .left: return leaves ? .done : .interrupted
        case .lost, .noSupervisor: break
        case .connection(let failure) where failure.isDeafness: break
        case .refused, .notUnderstood, .lostAfterCancel, .folder, .connection, .start, .system:
          throw CallWording.failure(of: error)
        }
      }
      (deafWatch, isDeaf) = (nil, false)
      // One that ends at once each time is not asked as fast as it can end.
      let isHasty = Clock.now() - askedAt < .seconds(1)
      guard try waitForSupervisor(pause: isHasty ? .milliseconds(200) : .zero) else {
        return .interrupted
      }
    }
    return .done
  }

  /// Shows what can be seen without one, until a supervisor listens; false where a signal ended
  /// that.
  private func waitForSupervisor(pause: Duration) throws(CommandFailure) -> Bool {
    do {
      // From the first request on they end nothing by themselves.
      let signals = try SignalQueue()
      var askAgainAt = Clock.now() + pause
      while output.loss == nil {
        // Before anything is looked at: what happens in between is not missed.
        let watch = try FolderWatch.of(project.manifest.logs + "/.devstart")
        if Clock.now() >= askAgainAt {
          if try isSupervisorThere() { return true }
          if isDeaf { askAgainAt = Clock.now() + Self.rarely }
        }
        let mayAsk = Clock.now() >= askAgainAt
        showOffline(try StatusSource(project: project).offline().reply)
        var isQuiet = true
        while isQuiet {
          let moment = [wakesAt, mayAsk ? nil : askAgainAt].compactMap(\.self).min()
          let ready = try Waiting.wait(for: [watch, signals, output.reader], until: moment)
          output.lookForReader()
          while let signal = signals.next() {
            if case .leave = received(signal) { return false }
          }
          isQuiet = !ready[0] && mayAsk && !leaves
          if isQuiet { draw() }
        }
      }
      return false
    } catch let failure as CommandFailure {
      throw failure
    } catch let error as SystemError {
      throw CommandFailure(.failed, "cannot wait for a supervisor: \(error.description)")
    } catch {
      throw CommandFailure(.failed, "cannot wait for a supervisor: \(error)")
    }
  }

  private func isSupervisorThere() throws(CommandFailure) -> Bool {
    do {
      isDeaf = false
      return try ControlClient(
        address: project.address, startsSupervisor: false, takesSignals: false
      ).isReachable()
    } catch .connection(let failure) where failure.isDeafness {
      say(CallWording.text(of: failure))
      isDeaf = true
      return false
    } catch {
      throw CallWording.failure(of: error)
    }
  }

  /// Shows it unless the same is shown already.
  private func showOffline(_ reply: StatusReply) {
    let isNews = latest.map { Self.lasting($0) != Self.lasting(reply) } ?? true
    latest = reply
    heardAt = Clock.now()
    if isNews || output.isLive { draw() }
  }

  /// Without what changes all the time.
  private static func lasting(_ reply: StatusReply) -> StatusReply {
    var reply = reply
    for index in reply.services.indices {
      reply.services[index].uptimeSeconds = nil
      reply.services[index].memoryBytes = nil
      reply.services[index].cpuPercent = nil
      reply.services[index].processes = nil
    }
    return reply
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

  /// A terminal that is lost, or a pipe that nobody reads, holds no supervisor.
  var others: [any Waitable] { [output.reader] + [deafWatch].compactMap(\.self) }

  func othersAreReady() {
    output.lookForReader()
    if let deafWatch {
      deafWatch.clear()
      showWithoutSupervisor()
    }
  }

  var leaves: Bool { output.loss != nil }

  /// When it hears again it answers: nobody has to ask once more.
  var staysWithTheDeaf: Bool { true }

  func received(_ progress: Progress) {}

  func received(_ status: StatusReply) {
    (deafWatch, isDeaf) = (nil, false)
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
    say(CallWording.text(of: event))
    switch event {
    case .supervisorStartsSlowly, .supervisorEnded: break
    case .supervisorIsStopped, .supervisorDoesNotHear:
      isDeaf = true
      do {
        // Before anything is looked at: what happens in between is not missed.
        deafWatch = try FolderWatch.of(project.manifest.logs + "/.devstart")
      } catch {
        say("changes are not seen meanwhile: \(error.description)")
      }
      showWithoutSupervisor()
    }
  }

  private func say(_ problem: String) {
    region.leave()
    output.problem(problem, .yellow)
  }

  private func showWithoutSupervisor() {
    do {
      showOffline(try StatusSource(project: project).offline().reply)
    } catch {
      for problem in error.problems { say(problem) }
    }
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
    var lines = StatusCommand.lines(
      of: report, style: output.style, width: output.width.map { $0 - 1 }, isLive: output.isLive)
    if reply.supervisor == nil {
      let text =
        isDeaf
        ? "the supervisor does not hear: waiting for it" : "no supervisor runs: waiting for one"
      lines.append(output.style.paint(text, .dim))
    }
    guard output.isLive else {
      for line in lines + [""] { output.line(line) }
      return output.flush()
    }
    let shown = lines.count < size.rows ? lines : Array(lines.prefix(size.rows - 2)) + ["…"]
    output.bytes(region.redraw(live: shown, columns: size.columns).utf8)
    output.flush()
  }
}
