import DevstartCore
import DevstartPlatform

/// What `init` says beside what it writes.
enum InitWording {
  static func text(of note: InitNote) -> String {
    switch note {
    case .composeFile(let file):
      "\(file) is left to docker compose: start it with 'docker compose up -d', or add what is in "
        + "it by hand"
    case .unreadable(let file, let reason):
      "\(file) was not understood (\(TextWidth.harmless(reason))), so nothing was taken from it"
    case .template:
      "nothing was recognised: the service in it is an example, put yours in its place"
    case .logsNotIgnored: "put 'logs/' into .gitignore: logs and PID files go there"
    }
  }

  static func cannotWrite(_ error: SystemError, path: String) -> String {
    error.isThereAlready
      ? "\(path) is there already and is left as it is; 'devstart check' looks at it. Move it away "
        + "for a new one"
      : "cannot write \(path): \(error.reason); make its folder writable, or name another file with "
        + "--manifest"
  }

  static func cannotRead(_ error: SystemError, path: String) -> String {
    "cannot read \(path): \(error.reason); make it readable, or move it away"
  }
}
