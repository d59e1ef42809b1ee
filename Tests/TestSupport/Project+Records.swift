import Foundation
package import Testing

/// One process that a fixture made.
package struct FixtureRecord: Hashable, Sendable {
  package var kind: String
  package var pid: Int32
  package var startTicks: UInt64

  package init?(line: String) {
    let words = line.split(separator: " ")
    guard words.count == 3, let pid = Int32(words[1]), let ticks = UInt64(words[2]) else {
      return nil
    }
    (kind, self.pid, startTicks) = (String(words[0]), pid, ticks)
  }

  package var isAlive: Bool { ProcessHandle(pid: pid, startTicks: startTicks)?.isAlive ?? false }
}

extension Project {
  /// Every process that a fixture of this project ever made.
  package var records: [FixtureRecord] {
    Files.lines(recordsPath).compactMap(FixtureRecord.init)
  }

  /// Those of a kind, each once; a service's name is the kind of its main process.
  package func records(_ kind: String) -> [FixtureRecord] { records.filter { $0.kind == kind } }

  /// Those that live, each once, by the last that was recorded of them.
  package var survivors: [FixtureRecord] {
    var last: [Int32: FixtureRecord] = [:]
    for record in records where record.kind != "settled" { last[record.pid] = record }
    return last.values.filter(\.isAlive).sorted { $0.pid < $1.pid }
  }

  /// Those of a kind that live: a service's name is the kind of its main process.
  package func living(_ kind: String) -> [FixtureRecord] {
    waitUntilSettled()
    return records(kind).filter(\.isAlive)
  }

  /// Waits until a fixture has recorded this, `count` times.
  package func waitForRecord(
    _ kind: String, of pid: Int32? = nil, count: Int = 1, within time: Duration = .seconds(20)
  ) throws {
    try waitForFile(recordsPath, within: time) { text in
      text.split(separator: "\n").compactMap { FixtureRecord(line: String($0)) }
        .filter { $0.kind == kind && (pid == nil || $0.pid == pid) }.count >= count
    }
  }

  /// Waits until a fixture has recorded this, and then whatever it was to make.
  package func waitForSettled(_ kind: String) throws {
    try waitForRecord(kind)
    try waitForRecord("settled", of: records(kind).first?.pid)
  }

  /// Records an issue for each of a service's launches but one that lives, or for none.
  package func expectExactlyOne(
    _ service: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let living = living(service)
    #expect(
      living.count == 1,
      "\(living.count) of \(service) live: \(living.map { LinuxProcess(pid: $0.pid).summary })",
      sourceLocation: sourceLocation)
  }
}

extension Project {
  /// KILLs all that fixtures recorded, until none is left: a chain forks meanwhile.
  package func killRecorded() {
    for _ in 0..<1000 {
      let left = survivors
      if left.isEmpty { return }
      for record in left { ProcessHandle(pid: record.pid, startTicks: record.startTicks)?.kill() }
    }
  }

  /// Waits until every fixture that a PID file names has performed its words, or waits at a gate:
  /// a service that is ready at once may have just begun.
  package func waitUntilSettled() {
    for name in Files.names(in: path("logs")) where name.hasSuffix(".pid") {
      guard let pid = Files.lines(path("logs/\(name)")).first.flatMap({ Int32($0) }),
        let handle = ProcessHandle(pid: pid)
      else { continue }
      // Asked again each time: what is about to be executed is not known before.
      _ = hasHappened {
        !handle.isAlive || !handle.process.recordsItself(in: self) || hasSettled(pid)
      }
    }
  }

  private func hasSettled(_ pid: Int32) -> Bool {
    Files.lines(recordsPath).contains {
      $0.hasPrefix("settled \(pid) ") || $0.hasPrefix("at-gate \(pid) ")
    }
  }
}

extension LinuxProcess {
  /// True for the fixture under any name, though its exec may be just ahead: ours, or a shell's
  /// that has its path among its words.
  fileprivate func recordsItself(in project: Project) -> Bool {
    guard let executable, environment.contains("FIXTURE_PIDS=\(project.recordsPath)") else {
      return false
    }
    let isFixture: (String) -> Bool = {
      $0.contains(Build.fixture) || $0.contains("\(project.base)/bin/")
    }
    return executable == Build.devstart || isFixture(executable)
      || ["/usr/bin/dash", "/usr/bin/bash"].contains(executable)
        && arguments.contains(where: isFixture)
  }
}
