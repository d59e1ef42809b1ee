package import DevstartCore
import Foundation
package import Testing

extension Project {
  /// `status --json`, whatever it exits with.
  package func status(sourceLocation: SourceLocation = #_sourceLocation) throws -> JSON {
    try json("status", sourceLocation: sourceLocation)
  }

  /// The one JSON object that a command with `--json` prints.
  package func json(
    _ arguments: String..., exits: Int32? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> JSON {
    let result = try spawn(arguments + ["--json"]).wait()
    if let exits, result.status != exits {
      Issue.record(
        "devstart \(arguments) exits \(result.status), not \(exits): \(result.output)",
        sourceLocation: sourceLocation)
    }
    do {
      return try JSON.parse(Array(result.stdout.utf8))
    } catch {
      Issue.record(
        "no JSON: \(error.problem) in «\(result.stdout)»; \(result.stderr)",
        sourceLocation: sourceLocation)
      throw error
    }
  }

  /// A service's entry of `status --json`.
  package func service(
    _ name: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> JSON {
    let services = try status(sourceLocation: sourceLocation)["services"]?.array ?? []
    return try #require(
      services.first { $0["name"]?.string == name }, sourceLocation: sourceLocation)
  }

  package func state(
    of name: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> String? {
    try service(name, sourceLocation: sourceLocation)["state"]?.string
  }

  /// Waits until the table of `status` says something.
  package func waitForStatus(
    _ words: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    var shown = ""
    let isSaid = try hasHappened {
      shown = try run("status", exits: nil, sourceLocation: sourceLocation).output
      return shown.contains(words)
    }
    guard !isSaid else { return }
    Issue.record("status never says «\(words)»:\n\(shown)", sourceLocation: sourceLocation)
  }

  /// A hold on a service's main process.
  package func main(
    of name: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> ProcessHandle {
    let pid = try service(name, sourceLocation: sourceLocation)["pid"]?.integer
    let number = try #require(pid.flatMap { Int32(exactly: $0) }, sourceLocation: sourceLocation)
    return try #require(ProcessHandle(pid: number), sourceLocation: sourceLocation)
  }

  /// A hold on the keeper of a main process: its parent.
  package func keeper(
    of main: ProcessHandle, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> ProcessHandle {
    let pid = try #require(main.process.parent, sourceLocation: sourceLocation)
    let keeper = try #require(ProcessHandle(pid: pid), sourceLocation: sourceLocation)
    try #require(
      keeper.process.isKeeper, "\(keeper.process.summary) is no keeper",
      sourceLocation: sourceLocation)
    return keeper
  }

  /// A hold on the process that the lock file names; nil where that one is gone.
  package var supervisor: ProcessHandle? {
    let words = Files.lines(path("logs/.devstart/supervisor.lock")).first?.split(separator: " ")
    guard let words, words.count >= 2, let pid = Int32(words[0]), let ticks = UInt64(words[1]),
      let handle = ProcessHandle(pid: pid, startTicks: ticks), handle.isAlive
    else { return nil }
    return handle
  }

  /// Records an issue where the supervisor works though nothing happens, beside a service that is
  /// up: somebody waits for that to change, for a second.
  package func expectSupervisorSleeps(
    beside service: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let supervisor = try #require(supervisor, sourceLocation: sourceLocation).process
    let before = supervisor.processorTicks
    try run(
      "wait", service, "--for", "stopped", "--timeout", "1s", exits: 5,
      sourceLocation: sourceLocation)
    // Of a hundred.
    let ticks = supervisor.processorTicks - before
    #expect(ticks < 20, "\(ticks) clock ticks\(supervisorLog)", sourceLocation: sourceLocation)
  }

  /// The end of the supervisor's own log, for the report of a failure.
  package var supervisorLog: String {
    Files.lines(path("logs/.devstart/supervisor.log")).suffix(30)
      .map { "\n    \($0)" }.joined()
  }

  package func log(_ name: String) -> String { Files.text(path("logs/dev_\(name).log")) ?? "" }

  package func pidFile(_ name: String) -> String { path("logs/dev_\(name).pid") }
}

extension LinuxProcess {
  package var isKeeper: Bool { arguments.first?.hasPrefix("devstart: keeper of") ?? false }
  package var isSupervisor: Bool { arguments.contains("supervise") }
}
