/// A project: the manifest, decoded and checked.
package struct Manifest: Equatable, Sendable {
  /// What people call the project.
  package var name: String
  /// The manifest file's canonical path.
  package var path: String
  /// The folder it stands in.
  package var folder: String
  /// The folder of logs and PID files, absolute.
  package var logs: String
  /// In the manifest's order.
  package var services: [Service]
  /// Where the project's own HTTP endpoint is served.
  package var health: HealthEndpoint?
  /// The variables of the caller's environment whose values were put in for `${NAME}`, sorted.
  package var borrowedVariables: [String] = []

  package init(name: String, path: String, folder: String, logs: String, services: [Service]) {
    self.name = name
    self.path = path
    self.folder = folder
    self.logs = logs
    self.services = services
  }

  /// A stable hash of the manifest's canonical path, so that two checkouts never meet:
  /// 64-bit FNV-1a as 16 hexadecimal digits.
  package var project: String { Self.project(ofPath: path) }

  package static func project(ofPath path: String) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in path.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// The folder of logs where the manifest, of this canonical path, names none.
  package static func defaultLogs(besides path: String) -> String {
    FilePath.absolute("logs", in: FilePath.folder(of: path))
  }

  package subscript(name: String) -> Service? { services.first { $0.name == name } }
}
