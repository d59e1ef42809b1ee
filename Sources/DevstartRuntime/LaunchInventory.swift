package import DevstartCore
package import DevstartPlatform

/// What can be known of a project's launches without a supervisor: from their records, their
/// keepers and the specifications that these hold.
package struct LaunchInventory {
  /// A launch that somebody began and that is alive in part.
  package struct Entry {
    package var specification: LaunchSpecification
    /// nil where its keeper was killed.
    package var keeper: ProcessIdentity?
    package var main: ProcessIdentity?
    package var exit: ExitStatus?
  }

  package var entries: [Entry] = []
  /// Stop commands, probes and hooks that a dead supervisor left running.
  package var commands: [Entry] = []
  /// Services whose keeper was killed before the last launch's tree was empty.
  package var abandoned: [String] = []
  /// Launches that are gone, with how their keepers saw them end.
  package var ended: [(service: String, launch: String, exit: ExitStatus)] = []
  /// What made no sense, in words.
  package var problems: [String] = []

  /// Reads the records, and scans for keepers whose record was deleted.
  package init(project: String, files: LaunchFiles, world: ProcessWorld) {
    let named = readRecords(files, world: world)
    let records = named.map(\.record)
    var keepers: [Int32: LaunchSpecification] = [:]
    var processes: [ProcessFacts] = []
    do {
      processes = try ProcessTable.all(.arguments, reads: { $0.name == Keeper.commandName })
    } catch {
      problems.append("the process table cannot be read: \(error)")
    }
    for facts in processes {
      guard facts.user == OwnProcess.user,
        facts.arguments.first?.hasPrefix(DevstartOwn.keeperTitle) == true
      else { continue }
      if let specification = Self.specification(heldBy: facts.identity) {
        if specification.project == project { keepers[facts.identity.pid] = specification }
      } else if let (service, record) = named.first(where: { $0.record.keeper == facts.identity }) {
        // A sandbox hides what it holds, but not that it is there (landlock(7)).
        let keeper = record.keeper.pid
        problems.append("the keeper of \(service) (pid \(keeper)) may not be looked into")
        keepers[facts.identity.pid] = Self.remains(
          of: service, launch: record.launch, project: project, facts)
      }
    }
    for facts in processes {
      guard let specification = keepers[facts.identity.pid] else { continue }
      let record = records.first { $0.keeper == facts.identity }
      var entry = Entry(specification: specification, keeper: facts.identity)
      entry.main = record?.main ?? Self.main(below: facts.identity, in: processes)
      entry.exit = record?.exit.map(ExitStatus.init(recorded:))
      if specification.isCommand {
        commands.append(entry)
      } else {
        entries.append(entry)
      }
    }
    addOrphans(records, processes, project: project)
    // A keeper has one thread: once a zombie it is dead, however late its new parent reaps it.
    let alive = Set(processes.filter { $0.state != UInt8(ascii: "Z") }.map(\.identity))
    for (service, record) in named where !alive.contains(record.keeper) {
      // It may have ended since its record was read: what it wrote last counts.
      let last = self.record(of: service, files, world: world) ?? record
      guard last.keeper == record.keeper else { continue }
      if let exit = last.exit {
        ended.append((service, last.launch, ExitStatus(recorded: exit)))
      }
      if !last.isTreeEmpty { abandoned.append(service) }
    }
  }

  /// Launches whose keeper was killed while nobody supervised: main, or something that carries
  /// the marker, is alive.
  private mutating func addOrphans(
    _ records: [LaunchRecord], _ processes: [ProcessFacts], project: String
  ) {
    let kept = Set(entries.map(\.specification.launch))
    for record in records where !kept.contains(record.launch) {
      guard let facts = processes.first(where: { $0.identity == record.main }),
        let marker = Self.marker(of: facts.identity), marker.project == project,
        marker.launch == record.launch,
        let whole = ProcessTable.facts(of: facts.identity.pid, .arguments)
      else { continue }
      // Its specification died with its keeper.
      let remains = Self.remains(
        of: marker.service, launch: record.launch, project: project, whole)
      entries.append(Entry(specification: remains, keeper: nil, main: record.main))
    }
  }

  /// Of a launch whose specification cannot be had, what is enough to name and to end it.
  private static func remains(
    of service: String, launch: String, project: String, _ facts: ProcessFacts
  ) -> LaunchSpecification {
    let service = Service(
      name: service, command: .arguments(facts.arguments), workingDirectory: "/", match: [],
      readiness: .byDefault(ports: []))
    let caller = Caller(identity: facts.identity, environment: [], umask: 0o022, limits: [])
    return LaunchSpecification(project: project, launch: launch, service: service, caller: caller)
  }

  private mutating func readRecords(
    _ files: LaunchFiles, world: ProcessWorld
  ) -> [(service: String, record: LaunchRecord)] {
    var records: [(service: String, record: LaunchRecord)] = []
    for name in files.controlFileNames().sorted() where name.hasSuffix(".launch") {
      let service = String(name.dropLast(7))
      if let record = record(of: service, files, world: world) { records.append((service, record)) }
    }
    return records
  }

  private mutating func record(
    of service: String, _ files: LaunchFiles, world: ProcessWorld
  ) -> LaunchRecord? {
    let name = LaunchFiles.record(of: service)
    do {
      guard let bytes = try files.controlFile(name, limit: 4096), !bytes.isEmpty else { return nil }
      guard let record = LaunchRecord(parsing: String(decoding: bytes, as: UTF8.self)) else {
        problems.append("\(name) makes no sense; it is ignored and will be replaced")
        return nil
      }
      // A copied folder, another boot or another container: its numbers mean nothing here.
      guard record.world == world, try record.folder == files.folderIdentity() else { return nil }
      return record
    } catch {
      problems.append("\(name) cannot be read (\(error.reason)); it is ignored")
      return nil
    }
  }

  /// The specification in a keeper's sealed memory; nil where the process holds none.
  private static func specification(heldBy keeper: ProcessIdentity) -> LaunchSpecification? {
    do {
      let bytes = try Keeper.specification(heldBy: keeper)
      return try LaunchSpecification(json: try JSON.parse(bytes))
    } catch {
      return nil
    }
  }

  /// Without a record, main is the keeper's child that leads the session it made.
  private static func main(
    below keeper: ProcessIdentity, in processes: [ProcessFacts]
  ) -> ProcessIdentity? {
    processes.first {
      $0.parent == keeper.pid && $0.session == $0.identity.pid && marker(of: $0.identity) != nil
    }?.identity
  }

  /// Of the few that matter: reading it of every process takes as long as all the rest.
  private static func marker(of process: ProcessIdentity) -> Marker? {
    let facts = ProcessTable.facts(of: process.pid, .marker)
    return facts?.identity == process ? facts?.marker : nil
  }
}

extension ExitStatus {
  init(recorded exit: LaunchRecord.RecordedExit) {
    self =
      switch exit {
      case .code(let code): .code(code)
      case .signal(let number): .signal(number: number)
      }
  }
}
