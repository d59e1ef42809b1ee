extension ExitStatus: Message {
  package var json: JSON {
    switch self {
    case .code(let code): ["code": JSON(Int(code))]
    case .signal(let name): ["signal": JSON(name)]
    case .unknown: ["code": nil]
    }
  }

  package init(json: JSON) throws(MessageError) {
    if let code = json["code"]?.integer {
      self = .code(Int32(truncatingIfNeeded: code))
    } else if let signal = json["signal"]?.string {
      self = .signal(signal)
    } else {
      self = .unknown
    }
  }
}

/// A process as reports name it.
package struct ReportedProcess: Message, Equatable {
  package var pid: Int32
  package var service: String
  package var user: String
  package var command: String
  /// Why it counts as the service's, or why it was left.
  package var reason: String
  /// Milliseconds since 1970.
  package var startedAt: Int
  package var memoryBytes: Int

  package init(
    pid: Int32, service: String, user: String, command: String, reason: String, startedAt: Int,
    memoryBytes: Int
  ) {
    self.pid = pid
    self.service = service
    self.user = user
    self.command = command
    self.reason = reason
    self.startedAt = startedAt
    self.memoryBytes = memoryBytes
  }

  package var json: JSON {
    [
      "pid": JSON(Int(pid)), "service": JSON(service), "user": JSON(user),
      "command": JSON(command), "reason": JSON(reason),
      "startedAt": JSON(Timestamp.text(startedAt)), "memoryBytes": JSON(memoryBytes),
    ]
  }

  package init(json: JSON) throws(MessageError) {
    guard let startedAt = Timestamp.milliseconds(try json.text("startedAt")) else {
      throw MessageError(key: "startedAt")
    }
    self.init(
      pid: Int32(truncatingIfNeeded: try json.whole("pid")), service: try json.text("service"),
      user: try json.text("user"), command: try json.text("command"),
      reason: try json.text("reason"), startedAt: startedAt,
      memoryBytes: try json.whole("memoryBytes"))
  }
}

/// What a sweep of strays did: the body of `clean --json`.
package struct SweepReport: Message, Equatable {
  package struct Ended: Message, Equatable {
    package var pid: Int32
    /// The signal after which it was gone.
    package var signal: Signal

    package init(pid: Int32, signal: Signal) {
      self.pid = pid
      self.signal = signal
    }

    package var json: JSON { ["pid": JSON(Int(pid)), "signal": JSON(signal.rawValue)] }

    package init(json: JSON) throws(MessageError) {
      self.init(
        pid: Int32(truncatingIfNeeded: try json.whole("pid")), signal: try json.choice("signal"))
    }
  }

  package struct Failed: Message, Equatable {
    package var pid: Int32
    package var reason: String

    package init(pid: Int32, reason: String) {
      self.pid = pid
      self.reason = reason
    }

    package var json: JSON { ["pid": JSON(Int(pid)), "reason": JSON(reason)] }

    package init(json: JSON) throws(MessageError) {
      self.init(
        pid: Int32(truncatingIfNeeded: try json.whole("pid")), reason: try json.text("reason"))
    }
  }

  package var found: [ReportedProcess] = []
  package var ended: [Ended] = []
  /// Strays that outlived KILL.
  package var failed: [Failed] = []
  /// Left alone on purpose: what `spare` names.
  package var spared: [ReportedProcess] = []
  /// Left alone because they are another user's.
  package var foreign: [ReportedProcess] = []
  /// The resident memory of what was ended.
  package var freedBytes = 0

  package init() {}

  package var json: JSON {
    [
      "found": JSON(found), "ended": JSON(ended), "failed": JSON(failed), "spared": JSON(spared),
      "foreign": JSON(foreign), "freedBytes": JSON(freedBytes),
    ]
  }

  package init(json: JSON) throws(MessageError) {
    found = try json.messages("found")
    ended = try json.messages("ended")
    failed = try json.messages("failed")
    spared = try json.messages("spared")
    foreign = try json.messages("foreign")
    freedBytes = try json.whole("freedBytes")
  }
}

/// How a request ended for one service.
package struct ServiceOutcome: Message, Equatable {
  package enum Result: String, Sendable {
    /// Ready by its own check.
    case ready
    /// Launched; nobody waited (`--no-wait`).
    case started
    /// Ran to its end with 0.
    case completed
    /// It ran already and was left as it is.
    case kept
    /// Another start launched the same a moment before.
    case joined
    case stopped
    /// There was nothing to stop.
    case notRunning
    /// `--dry-run`: it would be launched, or replaced.
    case wouldStart, wouldReplace
    case failed
    /// Not launched, as something it depends on failed.
    case skipped
    /// The command's `--timeout` passed first.
    case timedOut
    /// Ctrl-C, or another command's stop.
    case cancelled
  }

  package var service: String
  package var result: Result
  package var pid: Int32?
  package var launch: String?
  /// The main process of the launch that had to go for this one.
  package var replaced: Int32?
  /// From the request to this result.
  package var seconds = 0.0
  /// Why, in words: of a failure, of a readiness that was not checked, of a survivor …
  package var reason: String?
  /// The signal that it took to end it.
  package var signal: Signal?
  /// What outlived a stop.
  package var survivors: [ReportedProcess] = []
  /// Descendants that `spare` names, left running.
  package var spared: [ReportedProcess] = []

  package init(service: String, result: Result) {
    self.service = service
    self.result = result
  }

  package var json: JSON {
    [
      "name": JSON(service), "result": JSON(result.rawValue), "pid": JSON(pid.map { Int($0) }),
      "launch": JSON(launch), "replaced": JSON(replaced.map { Int($0) }),
      "seconds": JSON(rounded(seconds)), "reason": JSON(reason),
      "signal": JSON(signal?.rawValue), "survivors": JSON(survivors), "spared": JSON(spared),
    ]
  }

  package init(json: JSON) throws(MessageError) {
    self.init(service: try json.text("name"), result: try json.choice("result"))
    pid = json.int32("pid")
    launch = json["launch"]?.string
    replaced = json.int32("replaced")
    seconds = json["seconds"]?.double ?? 0
    reason = json["reason"]?.string
    signal = try json.optionalChoice("signal")
    survivors = try json.messages("survivors")
    spared = try json.messages("spared")
  }
}

/// How a request ended.
package enum Verdict: String, Sendable {
  case done, failed, notUp, refused, timedOut, interrupted
}

/// The reply to `start`, `stop`, `clean` and `wait`.
package struct OperationReply: Message, Equatable {
  package var verdict: Verdict
  package var services: [ServiceOutcome] = []
  package var sweep = SweepReport()
  /// Things to know that are no failures, in words.
  package var warnings: [String] = []

  package init(verdict: Verdict) { self.verdict = verdict }

  package var json: JSON {
    [
      "verdict": JSON(verdict.rawValue), "services": JSON(services), "strays": sweep.json,
      "warnings": JSON(warnings),
    ]
  }

  package init(json: JSON) throws(MessageError) {
    self.init(verdict: try json.choice("verdict"))
    services = try json.messages("services")
    sweep = try json.message("strays")
    warnings = try json.texts("warnings")
  }
}

/// A notification while a request is under way: what happens to one service now.
package struct Progress: Message, Equatable {
  package var service: String
  package var state: ServiceState
  package var pid: Int32?
  /// What is being waited for, in words: `port 8000 to listen`, `2 processes to end, KILL in 8 s`.
  package var waitingFor: String?

  package init(service: String, state: ServiceState, pid: Int32?, waitingFor: String?) {
    self.service = service
    self.state = state
    self.pid = pid
    self.waitingFor = waitingFor
  }

  package var json: JSON {
    [
      "name": JSON(service), "state": JSON(state.rawValue), "pid": JSON(pid.map { Int($0) }),
      "waitingFor": JSON(waitingFor),
    ]
  }

  package init(json: JSON) throws(MessageError) {
    self.init(
      service: try json.text("name"), state: try json.choice("state"),
      pid: json.int32("pid"),
      waitingFor: json["waitingFor"]?.string)
  }
}

/// A request that was refused before anything was touched.
package struct RequestError: Message, Error, Equatable {
  package var verdict: Verdict
  /// What, why and what next.
  package var text: String

  package init(verdict: Verdict, text: String) {
    self.verdict = verdict
    self.text = text
  }

  package var json: JSON { ["verdict": JSON(verdict.rawValue), "text": JSON(text)] }

  package init(json: JSON) throws(MessageError) {
    self.init(verdict: try json.choice("verdict"), text: try json.text("text"))
  }
}

/// Three decimals: a thousandth of a second or of a percent.
func rounded(_ value: Double) -> Double {
  abs(value) < 1e12 ? Double(Int(value * 1000 + (value < 0 ? -0.5 : 0.5))) / 1000 : value
}
