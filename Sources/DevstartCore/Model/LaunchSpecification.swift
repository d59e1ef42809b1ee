/// Everything that one launch is made of. Its text lies in a sealed memfd that the keeper holds,
/// so that a later supervisor knows it and no secret is ever on disk.
package struct LaunchSpecification: Message {
  /// States and events carry specifications about: what a copy costs must not grow with them.
  private final class Storage: Sendable {
    let project: String
    let launch: String
    let service: Service
    let caller: Caller
    let means: Means

    init(project: String, launch: String, service: Service, caller: Caller, means: Means) {
      self.project = project
      self.launch = launch
      self.service = service
      self.caller = caller
      self.means = means
    }
  }

  /// What a launch was given by its supervisor, for the next one to go on with.
  package struct Means: Equatable, Sendable {
    /// The value of its `NOTIFY_SOCKET`.
    package var notifySocket: String?
    /// Where in its log its own output begins, in bytes.
    package var logStart = 0

    package init() {}
  }

  private var storage: Storage

  package init(
    project: String, launch: String, service: Service, caller: Caller, means: Means = Means()
  ) {
    storage = Storage(
      project: project, launch: launch, service: service, caller: caller, means: means)
  }

  /// The manifest's hash (`Manifest.project`).
  package var project: String { storage.project }
  /// Unguessable, unique among all launches: 16 hexadecimal digits, and a number behind a dot for
  /// each that followed by itself.
  package var launch: String {
    get { storage.launch }
    set {
      self = .init(
        project: project, launch: newValue, service: service, caller: caller, means: means)
    }
  }
  package var service: Service {
    get { storage.service }
    set {
      self = .init(
        project: project, launch: launch, service: newValue, caller: caller, means: means)
    }
  }
  package var caller: Caller {
    get { storage.caller }
    set {
      self = .init(
        project: project, launch: launch, service: service, caller: newValue, means: means)
    }
  }
  package var means: Means {
    get { storage.means }
    set {
      self = .init(
        project: project, launch: launch, service: service, caller: caller, means: newValue)
    }
  }

  /// The launch that somebody asked for, and that this one is or follows.
  package var origin: String { String(launch.prefix { $0 != "." }) }

  /// Whether it is no service's launch but that of a command beside one: `stop-LAUNCH`.
  package var isCommand: Bool { launch.utf8.contains(UInt8(ascii: "-")) }

  package var marker: Marker { Marker(project: project, service: service.name, launch: launch) }

  package var json: JSON {
    [
      "project": JSON(project), "launch": JSON(launch), "service": service.json,
      "caller": caller.json, "means": means.json,
    ]
  }

  package init(json: JSON) throws(MessageError) {
    self.init(
      project: try json.text("project"), launch: try json.text("launch"),
      service: try json.message("service"), caller: try json.message("caller"),
      // An older supervisor gave its launches none.
      means: json["means"].map(Means.init(json:)) ?? Means())
  }
}

extension LaunchSpecification: Equatable {
  package static func == (left: LaunchSpecification, right: LaunchSpecification) -> Bool {
    left.storage === right.storage
      || (left.launch == right.launch && left.project == right.project
        && left.service == right.service && left.caller == right.caller
        && left.means == right.means)
  }
}

extension LaunchSpecification {
  /// Whether two starts ask for the same thing. What a shell changes with every command it runs
  /// does not count.
  package func asksTheSame(as other: LaunchSpecification) -> Bool {
    service == other.service && caller.umask == other.caller.umask
      && caller.limits == other.caller.limits
      // Within one request it is the same array, and compared at once.
      && (caller.environment == other.caller.environment
        || lastingEnvironment == other.lastingEnvironment)
  }

  private var lastingEnvironment: [String] {
    caller.environment.filter { entry in
      !["_=", "SHLVL=", "OLDPWD=", "PWD="].contains { entry.hasPrefix($0) }
    }.sorted()
  }

  /// Main's environment as execve(2) takes it: the caller's, then the manifest's, then ours.
  package func environment(_ caller: CallerTexts) -> [String] {
    var own = service.environment
    if own["PWD"] == nil { own["PWD"] = service.workingDirectory }
    if own["PYTHONUNBUFFERED"] == nil, !caller.hasUnbuffered { own["PYTHONUNBUFFERED"] = "1" }
    own[Marker.variable] = marker.text
    if let socket = means.notifySocket {
      own["NOTIFY_SOCKET"] = socket
      own["WATCHDOG_USEC"] = service.watchdogMicroseconds.map { String($0) }
    }
    // Both are in order already: sorting them all again for each launch would take longer.
    var rest = own.map { "\($0.key)=\($0.value)" }.sorted()[...]
    var entries: [String] = []
    entries.reserveCapacity(caller.environment.count + rest.count)
    for (name, entry) in caller.environment where own[name] == nil {
      while let next = rest.first, next < entry { entries.append(rest.removeFirst()) }
      entries.append(entry)
    }
    return entries + rest
  }

  /// Its JSON, as the keeper holds it.
  package func bytes(_ caller: CallerTexts) -> [UInt8] {
    let head: JSON = [
      "project": JSON(project), "launch": JSON(launch), "service": service.json,
      "means": means.json,
    ]
    var bytes = head.bytes
    bytes.removeLast()
    bytes.append(contentsOf: #","caller":"#.utf8)
    bytes.append(contentsOf: caller.json)
    bytes.append(UInt8(ascii: "}"))
    return bytes
  }
}

extension LaunchSpecification.Means {
  var json: JSON { ["notifySocket": JSON(notifySocket), "logStart": JSON(logStart)] }

  init(json: JSON) {
    notifySocket = json["notifySocket"]?.string
    logStart = json["logStart"]?.integer ?? 0
  }
}

extension Service {
  /// How often `WATCHDOG=1` is due at the latest (sd_watchdog_enabled(3)); nil where it is not.
  var watchdogMicroseconds: Int64? {
    var limits = [heartbeat].compactMap(\.self)
    if let liveness, liveness.check == .notify { limits.append(liveness.interval) }
    return limits.min().map { $0.nanoseconds / 1000 }
  }
}

/// What all launches of one request have in common, worked out once.
package struct CallerTexts: Sendable {
  package let caller: Caller
  fileprivate let json: [UInt8]
  /// Whole entries with their names, without what another supervisor said to another process.
  fileprivate let environment: [(name: String, entry: String)]
  fileprivate let hasUnbuffered: Bool

  package init(_ caller: Caller) {
    self.caller = caller
    json = caller.json.bytes
    var environment: [String: String] = [:]
    for entry in caller.environment {
      guard let equals = entry.utf8.firstIndex(of: UInt8(ascii: "=")) else { continue }
      environment[String(entry[..<equals])] = entry
    }
    for name in ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "OLDPWD", "PWD"] {
      environment[name] = nil
    }
    hasUnbuffered = environment["PYTHONUNBUFFERED"] != nil
    self.environment = environment.map { (name: $0.key, entry: $0.value) }
      .sorted { $0.entry < $1.entry }
  }
}
