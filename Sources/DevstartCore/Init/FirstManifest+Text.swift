extension FirstManifest {
  /// The file: JSON with comments that say what may come next.
  package var text: String {
    var lines = [
      "// What devstart starts here. 'devstart check' finds every mistake, and 'devstart schema'",
      "// prints a JSON Schema for your editor. Comments and trailing commas are allowed.", "{",
    ]
    if usesEnvFile { lines += ["  // For every service.", "  \"envFile\": \".env\",", ""] }
    lines.append("  \"services\": {")
    if services.isEmpty {
      lines += Self.example
    } else {
      for service in services { lines += Self.lines(of: service) }
    }
    return (lines + ["  },", "}", ""]).joined(separator: "\n")
  }

  /// Where nothing was recognised: something that runs everywhere, and what can be said of it.
  private static let example = """
        // An example: put the name and the command of your service in its place.
        "web": {
          // A string is run by /bin/sh; a list, as ["npm", "run", "dev"], is executed as it is.
          "command": "while true; do date; sleep 5; done",
          // "ports": [8000],            // free before the start; it is ready once it listens there
          // "category": "backend",      // 'devstart backend' starts all of that category
          // "dependsOn": ["db"],        // another service, which has to be ready first
          // "env": { "LOG_LEVEL": "debug" },
        },
    """.split(separator: "\n").map(String.init)

  private static func lines(of service: ServiceGuess) -> [String] {
    var lines = ["    // From \(service.origin).", "    \(quoted(service.name)): {"]
    func add(_ key: String, _ value: String) { lines.append("      \"\(key)\": \(value),") }
    add("command", text(of: service.command))
    if service.readsPort, let port = service.port { add("env", "{ \"PORT\": \"\(port)\" }") }
    if let port = service.port {
      add("ports", "[\(port)]")
    } else if !service.isOneshot {
      lines.append("      // \"ports\": [3000],  // if it listens: it is ready once it does")
    }
    if service.isOneshot { add("oneshot", "true") }
    return lines + ["    },"]
  }

  private static func text(of command: Command) -> String {
    switch command {
    case .shell(let text): quoted(text)
    case .arguments(let arguments):
      "[" + arguments.map(quoted).joined(separator: ", ") + "]"
    }
  }

  /// A string of a manifest that means just this text: `${` and `$$` would be more.
  private static func quoted(_ text: String) -> String {
    let isActive = text.contains("$$") || text.contains("${")
    let escaped = isActive ? text.replacing("$", with: "$$") : text
    return String(decoding: JSON(escaped).bytes, as: UTF8.self)
  }
}
