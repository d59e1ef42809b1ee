import DevstartCore

/// `version`.
struct VersionCommand {
  let output: Output

  func run() -> ExitCode {
    output.line("devstart \(programVersion)")
    if output.isJSON {
      output.json(["version": JSON(programVersion), "protocol": JSON(protocolVersion)])
    }
    return .done
  }
}

/// `schema`.
struct SchemaCommand {
  let output: Output

  func run() -> ExitCode {
    // It is JSON either way.
    output.json(ManifestSchema.json)
    return .done
  }
}
