import DevstartCore
import DevstartPlatform

extension Supervisor {
  /// Looks for strays of these services, and for who holds their ports, in one pass each.
  func survey(_ services: [Service]) -> Survey {
    var survey = Survey()
    do {
      let findings = try findStrays(of: services)
      survey.strays = findings.strays
      survey.report.found = findings.strays.map(reported)
      survey.report.spared = findings.spared.map(reported)
      survey.report.foreign = findings.foreign.map(reported)
    } catch {
      state.warnings.append("the process table cannot be searched: \(error)")
      return survey
    }
    survey.holders = holders(of: services)
    return survey
  }

  private func findStrays(of services: [Service]) throws -> StrayFindings {
    let targets = try services.map {
      try StrayFinder.Target($0, pidFile: pidFileEntry(of: $0.name))
    }
    let current = Set(launches.values.map(\.marker))
    let glance = StrayGlance(
      targets, project: configuration.project, currentLaunches: current)
    guard
      try ProcessTable.contains(
        readsExecutable: glance.readsExecutable, where: glance.couldMatter(_:executable:marker:))
    else { return StrayFindings() }
    // Of other users' processes only those that a rule fits are worth a closer look.
    let processes = try ProcessTable.all { facts in
      targets.contains { $0.rules.hit(facts) != nil }
    }
    var finder = StrayFinder(
      project: configuration.project, manifest: configuration.manifestPath, targets: targets,
      user: OwnProcess.user)
    finder.currentLaunches = current
    finder.untouchable = untouchable
    var nearest = NearestManifest(manifest: configuration.manifestPath)
    var findings = finder.find(in: processes, startedAt: Clock.milliseconds(startTicks:)) {
      nearest(forDirectory: $0)
    }
    // Who lost its parent while the table was read may have seemed to belong to nobody.
    let keepers = Set(launches.values.compactMap { $0.keeper?.identity })
    findings.strays.removeAll {
      !keepers.isDisjoint(with: ProcessTable.ancestors(of: $0.facts.identity.pid))
    }
    return findings
  }

  private func pidFileEntry(of service: String) -> StrayFinder.PIDFileEntry? {
    switch files.pidFile(of: service) {
    case .none: return nil
    case .entry(let entry): return entry
    case .nonsense(let why):
      let path = configuration.shown(LaunchFiles.pidFile(of: service))
      state.warnings.append("\(path) \(why); it is treated as absent, and replaced")
      return nil
    }
  }

  /// This process, every client and all their ancestors, and the members of every launch.
  private var untouchable: Set<Int32> {
    var found: Set<Int32> = []
    for pid in reception.peers + [identity.pid] {
      found.insert(pid)
      found.formUnion(ProcessTable.ancestors(of: pid).map(\.pid))
    }
    for launch in launches.values {
      found.formUnion(memberPIDs(of: launch))
      found.formUnion(launch.unclaimed)
    }
    return found
  }

  private func reported(_ stray: Stray) -> ReportedProcess {
    let pidFile = configuration.shown(LaunchFiles.pidFile(of: stray.service))
    return ReportedProcess(
      stray.facts, service: stray.service, reason: stray.reasonText(pidFile: pidFile),
      users: users)
  }

  private func holders(of services: [Service]) -> [PortHolder] {
    do {
      return try PortSurvey(users: users).holders(of: services) {
        var members: [Int32: String] = [:]
        for launch in launches.values {
          for pid in memberPIDs(of: launch) { members[pid] = launch.name }
        }
        return members
      }
    } catch {
      state.warnings.append("nobody can see who holds the ports: \(error)")
      return []
    }
  }
}
