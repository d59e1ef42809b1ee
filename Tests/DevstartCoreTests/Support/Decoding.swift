import DevstartCore
import Testing

/// Decodes a manifest at `/project/devstart.json`, as a command with this environment would.
func decode(
  _ text: String, local: String? = nil, environment: [String: String] = ["HOME": "/home/me"],
  envFiles: [String: String] = [:]
) throws(ManifestProblems) -> Manifest {
  try ManifestSource(
    manifest: .init(displayPath: "devstart.json", bytes: Array(text.utf8)),
    local: local.map { .init(displayPath: "devstart.local.json", bytes: Array($0.utf8)) },
    path: "/project/devstart.json", environment: { environment[$0] },
    envFile: { path in
      envFiles[path].map { .success(Array($0.utf8)) } ?? .failure(.missing)
    }
  ).decode()
}

/// What a person reads of everything that is wrong with the manifest.
func problems(
  _ text: String, local: String? = nil, environment: [String: String] = [:],
  envFiles: [String: String] = [:]
) -> [String] {
  do {
    _ = try decode(text, local: local, environment: environment, envFiles: envFiles)
    return []
  } catch {
    return error.list.map(\.description)
  }
}

/// The one service `a` with these members beside its command.
func service(
  _ members: String, command: String = #"["serve", "--now"]"#,
  environment: [String: String] = ["HOME": "/home/me"], envFiles: [String: String] = [:]
) throws -> Service {
  let manifest = try decode(
    #"{"services": {"a": {"command": \#(command), \#(members)}}}"#, environment: environment,
    envFiles: envFiles)
  return try #require(manifest["a"])
}

/// The words, without the place, of what is wrong with the members of the one service `a`.
func words(_ members: String, environment: [String: String] = [:]) -> [String] {
  problems(
    #"{"services": {"a": {"command": "serve", \#(members)}}}"#, environment: environment
  ).map { problem in
    let parts = problem.split(separator: ": ", maxSplits: 1)
    return String(parts.last ?? "")
  }
}
