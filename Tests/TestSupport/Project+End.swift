package import DevstartCore
import Foundation
package import Testing

/// Runs a test in a project of these services, then records an issue for every process that is
/// still alive and every file outside the manifest's folder, and ends and removes everything.
package func withProject(
  _ services: JSON = [:], top: JSON = [:], name: String = "project", user: UInt32? = nil,
  sourceLocation: SourceLocation = #_sourceLocation, _ body: (Project) throws -> Void
) throws {
  let project = try Project(name: name)
  defer { project.remove() }
  let shared = Project.sharedFiles()
  if let members = services.members, !members.isEmpty { try project.write(services, top: top) }
  if let user { project.hand(to: user) }
  do {
    try body(project)
  } catch {
    Issue.record("\(project.scene)", sourceLocation: sourceLocation)
    throw error
  }
  project.expectNothingLeft(sourceLocation: sourceLocation)
  let strangers = Project.sharedFiles().subtracting(shared)
  #expect(strangers.isEmpty, "left in /tmp", sourceLocation: sourceLocation)
}

extension Project {
  /// Every living process of the project but the test's own commands: what its environment,
  /// arguments, folder, descriptors or a fixture's record tie to the temporary folder.
  package func processes() -> [LinuxProcess] { holdProcesses().map(\.process) }

  /// The same, each held: opened first, identified second.
  private func holdProcesses() -> [ProcessHandle] {
    let own = Set(commands.filter(\.isAlive).map(\.pid) + [getpid()])
    let recorded = Set(records.filter(\.isAlive).map(\.pid))
    return LinuxProcess.all().compactMap { process in
      guard !own.contains(process.pid), let handle = ProcessHandle(pid: process.pid),
        recorded.contains(process.pid) || isTied(process), handle.isAlive
      else { return nil }
      return handle
    }
  }

  /// What is there when a test breaks off: who lives and what each waits for, what was logged.
  fileprivate var scene: String {
    let alive = processes().map { "\n    \($0.summary), in \($0.waitChannel)" }.joined()
    let logs = Files.names(in: path("logs")).filter { $0.hasSuffix(".log") }.map { name in
      "\n  \(name):" + Files.lines(path("logs/\(name)")).suffix(5).map { "\n    \($0)" }.joined()
    }
    return "alive:\(alive)\n  supervisor.log:\(supervisorLog)\(logs.joined())"
  }

  private func isTied(_ process: LinuxProcess) -> Bool {
    if process.workingDirectory?.hasPrefix(base) == true { return true }
    let arguments = process.arguments
    if arguments.contains(where: { $0.contains(base) }) { return true }
    if process.environment.contains(where: { $0.contains(base) }) { return true }
    // A keeper is in the root folder and names none; it has the launch record open.
    guard process.isKeeper || process.executable?.hasPrefix(Build.devstart) == true else {
      return false
    }
    return process.descriptors.values.contains { $0.hasPrefix(base) }
  }

  /// Records an issue for what lives on; a supervisor has some seconds to end by itself.
  package func expectNothingLeft(sourceLocation: SourceLocation = #_sourceLocation) {
    for held in holdProcesses() where held.process.isSupervisor {
      _ = held.hasEnded(within: .seconds(20))
    }
    // One that was seen in its last moment is not one that is left.
    let left = holdProcesses().filter { !$0.hasEnded(within: .seconds(1)) }
    #expect(left.map(\.process.summary) == [], "left alive", sourceLocation: sourceLocation)
    for folder in ["home", "tmp"] {
      let names = Files.names(in: "\(base)/\(folder)")
      #expect(names.isEmpty, "left in \(folder)", sourceLocation: sourceLocation)
    }
  }

  /// KILLs everything of the project and removes its folder.
  fileprivate func remove() {
    for command in commands {
      command.handle.kill()
      _ = try? command.wait()
    }
    for _ in 0..<200 {
      let left = holdProcesses()
      if left.isEmpty { break }
      // Supervisors and keepers first: they might start something else.
      for held in left.sorted(by: { $0.process.rank < $1.process.rank }) { held.kill() }
    }
    Self.makeWritable(base)
    Files.remove(base)
  }

  private static func makeWritable(_ base: String) {
    let names = FileManager.default.enumerator(atPath: base)?.compactMap { $0 as? String } ?? []
    for name in names
    where Files.status("\(base)/\(name)").map({ $0.st_mode & S_IFMT == S_IFDIR })
      ?? false
    {
      chmod("\(base)/\(name)", 0o700)
    }
  }

  /// What of devstart's lies in the folders that all tests share.
  fileprivate static func sharedFiles() -> Set<String> {
    let folders = [getuid(), Build.ordinaryUser].map { "devstart-\($0)" }
    return Set(
      folders.flatMap { folder in Files.names(in: "/tmp/\(folder)").map { "\(folder)/\($0)" } })
  }
}

extension LinuxProcess {
  /// Supervisors, keepers, the rest.
  fileprivate var rank: Int { isSupervisor ? 0 : isKeeper ? 1 : 2 }
}
