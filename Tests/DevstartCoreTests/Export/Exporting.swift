import DevstartCore
import Testing

/// A manifest of these services, with their names, as `target` has it.
func export(
  _ services: String, for target: ExportTarget, top: String = #""name": "shop""#,
  targets: [String] = [], isForUser: Bool = false, environment: [String: String] = [:]
) throws -> Export {
  let manifest = try decode(
    "{\(top), \"services\": {\(services)}}", environment: environment)
  let chosen = targets.isEmpty ? manifest.services : try manifest.resolve(targets: targets)
  return Export(
    of: ExportRequest(manifest: manifest, chosen: chosen, isForUser: isForUser), for: target)
}

extension Export {
  /// The text of the file of this name.
  func file(_ name: String) throws -> String {
    try #require(files.first { $0.name == name }, "\(files.map(\.name))").text
  }

  /// The only file's text without its comments.
  var onlyText: String {
    get throws {
      try #require(files.count == 1)
      return files[0].text.split(separator: "\n").filter {
        !$0.drop { $0 == " " }.hasPrefix("#") && !$0.hasPrefix(";")
      }.map { "\($0)\n" }.joined()
    }
  }

  /// What is said about a service, or about the whole.
  func facts(of service: String?) -> [ExportFact] {
    notes.filter { $0.service == service }.map(\.fact)
  }
}

/// A section of a unit or of a configuration, without its head.
func section(_ name: String, of text: String) throws -> [String] {
  let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  let start = try #require(lines.firstIndex(of: "[\(name)]"))
  return lines[(start + 1)...].prefix { !$0.hasPrefix("[") }.filter { !$0.isEmpty }
}
