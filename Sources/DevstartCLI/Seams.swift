import DevstartCore
import DevstartRuntime

/// What the runtime does for commands without a supervisor in between.
enum Seams {
  /// Runs the supervisor of the manifest; returns its exit code when it has ended.
  static func supervise(manifestPath: String) -> Int32 {
    1
  }

  /// What can be known of the services where no supervisor runs.
  static func offlineStatus(of manifest: Manifest) -> StatusReply {
    StatusReply(supervisor: nil, services: [])
  }
}
