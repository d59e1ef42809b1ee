import DevstartCore
import Glibc
import TestSupport
import Testing

/// What becomes of a launch, and in which circumstances.
enum Situation: String, CaseIterable, CustomTestStringConvertible, Sendable {
  case stop
  case force = "stop --force"
  case restart
  case mainEnds = "main is KILLed, and nobody asks"
  case supervisorKilled = "stop after the supervisor was KILLed"
  case keeperKilled = "stop after the keeper was KILLed"
  case allKilled = "stop after supervisor and keepers were KILLed"
  case cleaned = "clean after supervisor, keepers and main were KILLed"
  case replaced = "start after supervisor, keepers and main were KILLed"

  var testDescription: String { rawValue }

  /// Every kind in every situation. What a oneshot leaves is wanted until somebody stops it.
  static let cells = Escape.all.flatMap { escape in
    allCases.filter { $0 != .mainEnds || !escape.isOneshot }.map { (escape, $0) }
  }

  /// What is promised of a kind.
  enum Outcome: Sendable {
    /// Nothing of it is left.
    case ended
    /// It is left, which a warning says could be.
    case warnedOf
    /// One of the two, or it is named as what could not be ended.
    case perhapsEnded
  }

  func outcome(of escape: Escape) -> Outcome {
    switch (self, escape.trace) {
    case (.stop, _), (.force, _), (.restart, _), (.mainEnds, _): .ended
    case (.supervisorKilled, _), (.keeperKilled, _): .ended
    case (.allKilled, .marker), (.allKilled, .mainLives): .ended
    case (.cleaned, .marker), (.replaced, .marker): .ended
    case (.cleaned, .mainLives), (.replaced, .mainLives): .warnedOf
    case (.allKilled, .nothing), (.cleaned, .nothing), (.replaced, .nothing): .warnedOf
    case (.allKilled, .fleeting), (.cleaned, .fleeting), (.replaced, .fleeting): .perhapsEnded
    }
  }

  /// Whether devstart's own processes are gone that would have known.
  var isForgotten: Bool { self == .allKilled || isMainKilledToo }

  /// Whether main is gone with them.
  var isMainKilledToo: Bool { self == .cleaned || self == .replaced }

  /// Whether there is a new launch then.
  var launchesAgain: Bool { self == .restart || self == .replaced }
}

/// A launch of the service `bot` in one of the situations, beside `other`, which nobody names.
struct SituatedLaunch {
  let project: Project
  let situation: Situation
  /// Everything of `bot` that lived before.
  let held: [ProcessHandle]
  let other: ProcessHandle
  /// nil where a oneshot's main has ended.
  let main: ProcessHandle?
  private let supervisor: ProcessHandle
  private let keepers: [ProcessHandle]

  /// Starts both services, and waits until so many programs of theirs have settled.
  init(_ project: Project, _ situation: Situation, mains: Int = 2) throws {
    (self.project, self.situation) = (project, situation)
    try project.run("start", exits: 0)
    try project.waitForRecord("settled", count: mains)
    other = try project.main(of: "other")
    held = project.survivors.filter { [other] in $0.pid != other.pid }.compactMap {
      ProcessHandle(pid: $0.pid, startTicks: $0.startTicks)
    }
    let record = try #require(project.records("bot").first)
    main = held.first { $0.pid == record.pid }
    supervisor = try #require(project.supervisor)
    keepers = try ["bot", "other"].map { try project.recordedKeeper(of: $0) }
  }

  /// Brings the situation about, and returns what the command said that ended it.
  func end(_ trigger: () throws -> Void) throws -> CommandResult {
    switch situation {
    case .stop, .force, .restart, .mainEnds, .keeperKilled: break
    case .supervisorKilled, .allKilled, .cleaned, .replaced: supervisor.kill()
    }
    try trigger()
    if situation.isForgotten { for keeper in keepers { keeper.kill() } }
    if situation == .keeperKilled { keepers[0].kill() }
    if situation == .mainEnds || situation.isMainKilledToo { main?.kill() }
    return switch situation {
    case .stop, .supervisorKilled, .keeperKilled, .allKilled: try project.run("stop", "bot")
    case .force: try project.run("stop", "bot", "--force")
    case .restart: try project.run("restart", "bot")
    case .mainEnds: try project.run("wait", "bot", "--for", "stopped")
    case .cleaned: try project.run("clean", "bot")
    case .replaced: try project.run("start", "bot")
    }
  }
}

extension Project {
  /// A hold on the keeper that a launch record names.
  fileprivate func recordedKeeper(of name: String) throws -> ProcessHandle {
    let line = Files.lines(path("logs/.devstart/\(name).launch")).first { $0.hasPrefix("keeper ") }
    let words = try #require(line).split(separator: " ")
    let pid = try #require(Int32(words[1]))
    return try #require(ProcessHandle(pid: pid, startTicks: UInt64(words[2])))
  }
}
