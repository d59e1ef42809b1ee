import DevstartCore
import DevstartPlatform
import DevstartRuntime

/// What the runtime does for commands without a supervisor in between.
enum Seams {
  /// Runs the supervisor of the manifest; returns its exit code when it has ended.
  static func supervise(manifestPath: String) throws(CommandFailure) -> Int32 {
    Supervision(project: try Project.required(manifestPath)).run()
  }

  /// What can be known of the services where no supervisor runs.
  static func offlineStatus(of manifest: Manifest) -> StatusReply {
    let configuration = SupervisorConfiguration(
      project: manifest.project, manifestPath: manifest.path, folder: manifest.folder,
      logs: manifest.logs)
    do {
      return try OfflineStatus.read(configuration).reply
    } catch {
      return StatusReply(supervisor: nil, services: [])
    }
  }
}
