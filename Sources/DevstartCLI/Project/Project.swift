import DevstartControl
import DevstartCore
import DevstartPlatform
import DevstartRuntime

/// The manifest of this call, and what this process brings to it.
struct Project {
  let manifest: Manifest
  /// The manifest as people should read its name.
  let displayPath: String
  /// This process's, `NAME=value` each, without what was meant for it alone.
  let environment: [String]
  /// What is to be said before anything is executed.
  let warnings: [String]

  /// What a service manager said to this process; it is not for what it starts.
  private static let own = ["DEVSTART_ID", "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"]

  private static func isInherited(_ entry: String) -> Bool {
    !own.contains { entry.hasPrefix($0 + "=") }
  }

  /// What services inherit otherwise than this process has it; a value may be a secret.
  var environmentWarnings: [String] {
    OwnProcess.repairedEnvironment().filter(Self.isInherited).map { entry in
      let name = TextWidth.harmless(String(entry.prefix { $0 != "=" }))
      return "the variable '\(name)' is not UTF-8: services get U+FFFD for what of it is not; "
        + "unset it, or set it to text in UTF-8"
    }
  }

  /// Finds and decodes the manifest; nil where there is none at all. What needs no more than to
  /// know where it is can be done before it is decoded.
  static func find(
    _ option: String?, settings: [Setting] = [],
    meanwhile: (ManifestFile.Location) -> Void = { _ in }
  ) throws(CommandFailure) -> Project? {
    guard let location = try ManifestFile.find(option) else { return nil }
    let trust = ManifestTrust(location)
    let warnings = try trust.check()
    meanwhile(location)
    let manifest = try ManifestFile.load(location, settings: settings)
    let environment = OwnProcess.environment().filter(isInherited)
    return Project(
      manifest: manifest, displayPath: location.displayPath, environment: environment,
      warnings: warnings + [trust.warning(ofLogs: manifest.logs)].compactMap(\.self))
  }

  /// The same, where the command cannot do without.
  static func required(
    _ option: String?, settings: [Setting] = [],
    meanwhile: (ManifestFile.Location) -> Void = { _ in }
  ) throws(CommandFailure) -> Project {
    guard let project = try find(option, settings: settings, meanwhile: meanwhile) else {
      throw CommandFailure(
        .wrong,
        "there is no devstart.json in this folder or above it; write one, or name one with "
          + "--manifest FILE")
    }
    return project
  }

  /// Where the supervisor of this project is.
  var address: SupervisorAddress {
    SupervisorAddress(
      manifestPath: manifest.path, logs: manifest.logs,
      environment: environment.filter { !$0.hasPrefix(SupervisorProcess.readyVariable + "=") })
  }

  /// What a supervisor of this project is for.
  var supervisor: SupervisorConfiguration {
    SupervisorConfiguration(
      project: manifest.project, manifestPath: manifest.path, folder: manifest.folder,
      logs: manifest.logs)
  }

  /// The value of a variable of this process.
  func variable(_ name: String) -> String? {
    environment.first { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) }
  }
}
