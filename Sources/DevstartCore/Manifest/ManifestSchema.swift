/// The manifest's JSON Schema (draft 2020-12), for editors and `devstart schema`. Its keys are
/// the decoder's own tables, so that neither can know a key that the other does not.
package enum ManifestSchema {
  package static let json: JSON = [
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "devstart.json",
    "description": "The services of a project, for devstart.",
    "type": "object",
    "properties": properties(ManifestKey.self, manifestValue),
    "required": ["services"],
    "additionalProperties": false,
    "$defs": [
      "service": serviceObject(required: ["command"], keys: ServiceKey.allCases),
      "defaults": serviceObject(
        required: [], keys: ServiceKey.allCases.filter { $0 != .command }),
    ],
  ]

  private static func properties<Keys: ManifestKeys>(
    _ keys: Keys.Type, _ value: (Keys) -> JSON
  ) -> JSON {
    properties(Array(keys.allCases), value)
  }

  private static func properties<Keys: ManifestKeys>(
    _ keys: [Keys], _ value: (Keys) -> JSON
  ) -> JSON {
    JSON(.object(keys.map { JSON.Member(key: $0.rawValue, value: value($0)) }))
  }

  private static func object<Keys: ManifestKeys>(
    _ keys: Keys.Type, required: [String] = [], _ value: (Keys) -> JSON
  ) -> JSON {
    object(properties: properties(keys, value), required: required)
  }

  private static func object(properties: JSON, required: [String]) -> JSON {
    let base: JSON = [
      "type": "object", "properties": properties, "additionalProperties": false,
    ]
    return required.isEmpty ? base : base.merging(["required": JSON(required)])
  }

  private static func serviceObject(required: [String], keys: [ServiceKey]) -> JSON {
    object(properties: properties(keys, serviceValue), required: required)
  }

  private static func manifestValue(_ key: ManifestKey) -> JSON {
    switch key {
    case .schema: text
    case .name: described(text, "What people call the project (the folder's name).")
    case .logs: described(text, "The folder of logs and PID files (logs).")
    case .env: described(variables, "Environment variables for every service.")
    case .envFile: described(oneOrMore(text), "Files of NAME=value lines, for every service.")
    case .defaults: described(reference("defaults"), "What every service has unless it says else.")
    case .health: described(health, "The HTTP endpoint for the project.")
    case .services:
      [
        "description": "The services by name.", "type": "object",
        "propertyNames": name, "additionalProperties": reference("service"),
      ]
    }
  }

  private static func serviceValue(_ key: ServiceKey) -> JSON {
    switch key {
    case .command: described(command, "A list is executed as it is; a string is run by /bin/sh -c.")
    case .category: described(oneOrMore(name), "Targets beside the name and all.")
    case .cwd: described(text, "The working directory (the manifest's folder).")
    case .env: described(variables, "Environment variables.")
    case .envFile: described(oneOrMore(text), "Files of NAME=value lines.")
    case .match: described(oneOrMore(rule), "What recognises processes of this service.")
    case .spare: described(oneOrMore(rule), "Descendants that outlive the service on purpose.")
    case .matchScope: choice(MatchScope.self)
    case .onConflict: choice(ConflictPolicy.self)
    case .dependsOn: dependencies
    case .ready: described(readiness, "How it is found to be ready.")
    case .live: described(liveness, "How it is found to be alive.")
    case .heartbeat: described(duration, "The longest silence.")
    case .restart: described(restart, "What happens when it ends by itself (never).")
    case .limits: described(limits, "Bounds for its whole process tree.")
    case .stop: described(stop, "How it is asked to end.")
    case .ports: described(list(port), "TCP ports that it listens on.")
    case .oneshot: described(flag, "It runs to the end and is completed (false).")
    case .autostart: described(flag, "It is part of all and of its categories (true).")
    case .watch: described(watch, "Restart, or send a signal, when files change.")
    case .hooks: described(object(HooksKey.self) { _ in command }, "Commands on changes.")
    case .stdin: choice(StandardInput.self)
    case .log: described(log, "How large the log may grow.")
    case .image: described(text, "The container image for exports.")
    case .health: described(health, "The HTTP endpoints for this service alone.")
    }
  }
}

// MARK: The objects

extension ManifestSchema {
  private static var readiness: JSON {
    object(ReadyKey.self) { key in
      switch key {
      case .tcp: port
      case .http: httpAddress
      case .exec: command
      case .log: text
      case .notify: ["const": true]
      case .delay, .timeout, .interval: duration
      case .status: httpStatus
      }
    }
  }

  private static var liveness: JSON {
    object(LiveKey.self) { key in
      switch key {
      case .tcp: port
      case .http: httpAddress
      case .exec: command
      case .notify: ["const": true]
      case .timeout, .interval: duration
      case .status: httpStatus
      case .failures: whole(1...1_000_000)
      }
    }
  }

  private static var restart: JSON {
    let full = object(RestartKey.self, required: ["policy"]) { key in
      switch key {
      case .policy: choice(RestartPolicy.self)
      case .max: whole(0...1_000_000)
      case .within, .backoff, .maxBackoff: duration
      }
    }
    return ["anyOf": [choice(RestartPolicy.self), full]]
  }

  private static var limits: JSON {
    object(LimitsKey.self) { key in
      switch key {
      case .maxRuntime, .every: duration
      case .memory: size
      case .cpu: ["type": "number", "exclusiveMinimum": 0]
      case .samples: whole(1...1000)
      case .onExceed: choice(ExceedPolicy.self)
      }
    }
  }

  private static var stop: JSON {
    object(StopKey.self) { key in
      switch key {
      case .signal: signal
      case .timeout: duration
      case .scope: choice(StopPolicy.Scope.self)
      case .command: command
      }
    }
  }

  private static var watch: JSON {
    object(WatchKey.self, required: ["paths"]) { key in
      switch key {
      case .paths, .ignore: list(text)
      case .debounce: duration
      case .signal: signal
      }
    }
  }

  private static var log: JSON {
    object(LogKey.self) { key in
      switch key {
      case .maxSize: size
      case .keep: whole(0...1000)
      }
    }
  }

  private static var health: JSON {
    object(HealthKey.self, required: ["port"]) { key in
      switch key {
      case .port: port
      case .host: text
      }
    }
  }

  private static var rule: JSON {
    let full = object(RuleKey.self) { key in
      switch key {
      case .regex, .exe: text
      case .args: list(text)
      }
    }
    return ["anyOf": [["type": "string", "minLength": 2], full]]
  }

  private static var dependencies: JSON {
    let byName: JSON = [
      "type": "object", "additionalProperties": choice(Dependency.Condition.self),
    ]
    return described(["anyOf": [list(text), byName]], "What has to be up before (a list: ready).")
  }
}

// MARK: The values

extension ManifestSchema {
  private static var text: JSON { ["type": "string"] }
  private static var flag: JSON { ["type": "boolean"] }
  private static var command: JSON { oneOrMore(text) }
  private static var httpAddress: JSON { pattern("^http://") }
  private static var httpStatus: JSON {
    described(
      whole(100...599),
      "The status that is wanted; without it any from 200 to 299. Redirects are not followed.")
  }
  private static var name: JSON { pattern("^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$") }
  private static var port: JSON { ["anyOf": [whole(1...65535), pattern("\\$\\{.+\\}")]] }

  private static var variables: JSON {
    ["type": "object", "additionalProperties": ["type": ["string", "number", "boolean"]]]
  }

  private static var duration: JSON {
    pattern("^([0-9]+(\\.[0-9]+)?(ms|s|m|h|d))+$|\\$\\{.+\\}")
  }

  private static var size: JSON {
    pattern("^[0-9]+(\\.[0-9]+)?([KMGTkmgt]([Ii]?[Bb])?|[Bb])$|\\$\\{.+\\}")
  }

  private static var signal: JSON {
    let names = Signal.allCases.map(\.rawValue)
    return ["enum": JSON(names + names.map { "SIG" + $0 })]
  }

  private static func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ type: Choice.Type
  ) -> JSON {
    ["enum": JSON(type.allCases.map(\.rawValue))]
  }

  private static func whole(_ range: ClosedRange<Int>) -> JSON {
    [
      "type": "integer", "minimum": JSON(range.lowerBound), "maximum": JSON(range.upperBound),
    ]
  }

  private static func pattern(_ pattern: String) -> JSON {
    ["type": "string", "pattern": JSON(pattern)]
  }

  private static func list(_ element: JSON) -> JSON { ["type": "array", "items": element] }
  private static func oneOrMore(_ element: JSON) -> JSON { ["anyOf": [element, list(element)]] }
  private static func reference(_ name: String) -> JSON { ["$ref": JSON("#/$defs/\(name)")] }

  private static func described(_ schema: JSON, _ description: String) -> JSON {
    (["description": JSON(description)] as JSON).merging(schema)
  }
}
