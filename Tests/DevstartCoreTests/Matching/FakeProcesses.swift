import DevstartCore
import Testing

/// Facts that a test makes up.
enum Fake {
  static let project = "00000000000000aa"
  static let folder = "/home/me/shop"
  static let manifest = "/home/me/shop/devstart.json"
  static let me: UInt32 = 1000

  static func process(
    _ pid: Int32, _ arguments: [String], executable: String? = nil, parent: Int32 = 1,
    user: UInt32 = me, state: UInt8 = UInt8(ascii: "S"), folder: String? = folder,
    marker: Marker? = nil, startTicks: UInt64 = 100
  ) -> ProcessFacts {
    ProcessFacts(
      identity: ProcessIdentity(pid: pid, startTicks: startTicks), parent: parent, group: pid,
      session: pid, user: user, state: state, arguments: arguments, executable: executable,
      workingDirectory: folder, marker: marker)
  }

  static func marker(
    _ service: String, _ launch: String = "old", project: String = project
  ) -> Marker {
    Marker(project: project, service: service, launch: launch)
  }

  static func target(
    _ service: String, _ rules: [MatchRule], spare: [MatchRule] = [],
    scope: MatchScope = .project, pidFile: StrayFinder.PIDFileEntry? = nil
  ) throws -> StrayFinder.Target {
    StrayFinder.Target(
      service: service, rules: try CompiledRules(rules), spare: try CompiledRules(spare),
      scope: scope, pidFile: pidFile)
  }

  /// Ticks are 10 ms, boot was at 0; `/home/me/shop/nested` has a manifest of its own.
  static func find(
    _ targets: [StrayFinder.Target], in processes: [ProcessFacts],
    current: Set<Marker> = [], untouchable: Set<Int32> = []
  ) -> StrayFindings {
    let findings = StrayFinder(
      project: project, manifest: manifest, targets: targets, user: me,
      currentLaunches: current, untouchable: untouchable
    ).find(in: processes, startedAt: { Int($0) * 10 }) { directory in
      let nested = folder + "/nested"
      if directory == nested || directory.hasPrefix(nested + "/") {
        return nested + "/devstart.json"
      }
      return directory == folder || directory.hasPrefix(folder + "/") ? manifest : nil
    }
    // Whatever is found has to be seen at a glance, or nobody would look.
    let glance = StrayGlance(targets, project: project, currentLaunches: current)
    let isSeen = processes.contains { facts in
      glance.couldMatter(
        facts.arguments, executable: glance.readsExecutable ? facts.executable : nil,
        marker: facts.user == me ? facts.marker : nil)
    }
    #expect(isSeen || findings == StrayFindings())
    return findings
  }
}

extension StrayFindings {
  var pids: [Int32] { strays.map(\.facts.identity.pid) }
  var sparedPIDs: [Int32] { spared.map(\.facts.identity.pid) }
  var foreignPIDs: [Int32] { foreign.map(\.facts.identity.pid) }
}
