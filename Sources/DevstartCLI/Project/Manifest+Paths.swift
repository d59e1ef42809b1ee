import DevstartCore

extension Manifest {
  /// The service's output: `logs/dev_bot.log`, absolute.
  func logPath(of service: String) -> String { "\(logs)/dev_\(service).log" }

  /// Main's PID: `logs/dev_bot.pid`, absolute.
  func pidPath(of service: String) -> String { "\(logs)/dev_\(service).pid" }

  /// A path as people read it: from the manifest's folder on, where it is in there.
  func relative(_ path: String) -> String {
    let prefix = folder == "/" ? "/" : folder + "/"
    return path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : path
  }
}
