package import DevstartCore

/// How the end of a request reads for one service.
package enum OutcomeWording {
  /// Whether it is what was asked for.
  package enum Mark: Sendable {
    case good, neutral, bad

    var symbol: String {
      switch self {
      case .good: "✓"
      case .neutral: "·"
      case .bad: "✗"
      }
    }

    var colour: Style.Colour {
      switch self {
      case .good: .green
      case .neutral: .dim
      case .bad: .red
      }
    }
  }

  package static func mark(of outcome: ServiceOutcome) -> Mark {
    switch outcome.result {
    case .ready, .started, .completed, .joined, .stopped:
      outcome.survivors.isEmpty ? .good : .bad
    case .kept, .notRunning, .wouldStart, .wouldReplace: .neutral
    case .failed, .skipped, .timedOut, .cancelled: .bad
    }
  }

  /// `ready in 0.21 s  pid 4720`; of a request that only waited, `is ready  pid 4720`: it may
  /// have been for long.
  package static func text(of outcome: ServiceOutcome, onlyWaited: Bool = false) -> String {
    let time = Figures.duration(outcome.seconds)
    let reason = outcome.reason.map(TextWidth.harmless)
    let colon = reason.map { ": " + $0 } ?? ""
    let brackets = reason.map { "  (\($0))" } ?? ""
    let pid = outcome.pid.map { "  pid \($0)" } ?? ""
    let replaced = outcome.replaced.map { " (replaced pid \($0))" } ?? ""
    switch outcome.result {
    case .ready where onlyWaited: return "is ready\(pid)\(brackets)"
    case .stopped where onlyWaited: return "is stopped\(brackets)"
    case .completed where onlyWaited: return "is completed\(brackets)"
    case .failed where onlyWaited: return "failed\(colon)"
    case .ready: return "ready in \(time)\(pid)\(replaced)\(brackets)"
    case .started: return "launched in \(time)\(pid)\(replaced)  (\(reason ?? "not waited for"))"
    case .completed: return "completed in \(time)\(replaced)\(brackets)"
    case .kept where outcome.launch == nil && reason != nil: return reason ?? ""
    case .kept: return "runs already\(pid)  (left as it is)"
    case .joined: return "ready in \(time)\(pid)  (another start launched it)"
    case .stopped:
      let signal = outcome.signal.map { $0 == .kill ? ", it took KILL" : "" } ?? ""
      return "stopped in \(time)\(signal)\(brackets)"
    case .notRunning: return "was not running\(brackets)"
    case .wouldStart: return "would be started\(brackets)"
    case .wouldReplace: return "would be replaced\(pid)\(brackets)"
    case .failed: return "failed after \(time)\(colon)"
    case .skipped: return "not started\(colon)"
    case .timedOut: return "timed out after \(time)\(colon)"
    case .cancelled: return "cancelled after \(time)\(colon)"
    }
  }

  /// Lines below the service's own: what outlived it, and what was left on purpose.
  package static func details(of outcome: ServiceOutcome) -> [String] {
    outcome.survivors.map { "still alive: \(process($0))" }
      + outcome.spared.map { "left running on purpose: \(process($0))" }
  }

  /// `pid 4121 of anna (node server.js): reason`.
  package static func process(_ process: ReportedProcess) -> String {
    let command = TextWidth.cut(TextWidth.harmless(process.command), to: 60)
    return "pid \(process.pid) of \(process.user) (\(command)): "
      + TextWidth.harmless(process.reason)
  }
}

/// What a sweep of strays did.
package enum SweepWording {
  /// `ended 33 strays: 31 by TERM, 2 by KILL; 2.4 GB freed`; nil where there was none.
  package static func summary(of sweep: SweepReport, isDryRun: Bool) -> String? {
    guard !sweep.found.isEmpty else { return nil }
    let strays = Figures.count(sweep.found.count, "stray", "strays")
    if isDryRun { return "would end \(strays)" }
    var signals: [(name: String, count: Int)] = []
    for ended in sweep.ended {
      if let index = signals.firstIndex(where: { $0.name == ended.signal.rawValue }) {
        signals[index].count += 1
      } else {
        signals.append((ended.signal.rawValue, 1))
      }
    }
    var parts = signals.map { "\($0.count) by \($0.name)" }
    if !sweep.failed.isEmpty { parts.append("\(sweep.failed.count) not ended") }
    let how = parts.isEmpty ? "" : ", " + parts.joined(separator: ", ")
    return "found \(strays)\(how); \(Figures.bytes(sweep.freedBytes)) freed"
  }

  /// A line for each stray: `63946  mtproto  TERM  1.0 MB  match …  python -m …`.
  package static func lines(of sweep: SweepReport, most: Int = .max) -> [String] {
    let shown = sweep.found.prefix(most)
    let pidWidth = shown.map { String($0.pid).count }.max() ?? 0
    let nameWidth = shown.map { TextWidth.columns(of: $0.service) }.max() ?? 0
    var ended: [Int32: Signal] = [:]
    for entry in sweep.ended { ended[entry.pid] = entry.signal }
    var lines = shown.map { stray in
      let failure = sweep.failed.first { $0.pid == stray.pid }
      let end = ended[stray.pid]?.rawValue ?? (failure == nil ? "-" : "alive")
      let failed = failure.map { "; not ended: \($0.reason)" } ?? ""
      return [
        TextWidth.aligned(String(stray.pid), to: pidWidth),
        TextWidth.padded(stray.service, to: nameWidth), TextWidth.padded(end, to: 5),
        TextWidth.aligned(Figures.bytes(stray.memoryBytes), to: 7),
        TextWidth.harmless(stray.reason) + failed, TextWidth.harmless(stray.command),
      ].joined(separator: "  ")
    }
    if sweep.found.count > shown.count {
      lines.append("… and \(sweep.found.count - shown.count) more")
    }
    return lines
  }

  /// What was left alone, and why.
  package static func leftAlone(in sweep: SweepReport) -> [String] {
    sweep.spared.map { "left running on purpose: \(OutcomeWording.process($0))" }
      + sweep.foreign.map { "left alone: \(OutcomeWording.process($0))" }
  }
}
