/// The value of `DEVSTART_ID` in the environment of everything that a launch starts:
/// `<project>/<service>/<launch>`.
package struct Marker: Hashable, Sendable {
  package static let variable = "DEVSTART_ID"

  package var project: String
  package var service: String
  package var launch: String

  package init(project: String, service: String, launch: String) {
    self.project = project
    self.service = service
    self.launch = launch
  }

  /// nil where the text is no marker.
  package init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 3, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
    self.init(project: String(parts[0]), service: String(parts[1]), launch: String(parts[2]))
  }

  package var text: String { "\(project)/\(service)/\(launch)" }
}
