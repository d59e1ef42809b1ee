/// The keys of one kind of object in a manifest: what the decoder takes and the schema describes.
package protocol ManifestKeys: RawRepresentable<String>, CaseIterable, Hashable, Sendable {
  /// What other tools call them, in lower case, without `-` and `_`: for suggestions.
  static var synonyms: [String: Self] { get }
}

extension ManifestKeys {
  package static var synonyms: [String: Self] { [:] }

  static var names: [String] { allCases.map(\.rawValue) }

  /// The key that was most likely meant.
  static func nearest(to word: String) -> String? {
    let plain = word.lowercased().filter { $0 != "_" && $0 != "-" }
    return (synonyms[plain]?.rawValue) ?? Nearest.word(to: word, in: names)
  }
}

/// The keys of the manifest itself.
package enum ManifestKey: String, ManifestKeys {
  /// Ignored here; editors read it.
  case schema = "$schema"
  case name, logs, env, envFile, defaults, health, services

  package static let synonyms: [String: Self] = [
    "project": .name, "environment": .env, "apps": .services, "processes": .services,
    "programs": .services,
  ]
}

/// The keys of a service and, but for `command`, of `defaults`.
package enum ServiceKey: String, ManifestKeys {
  case command, category, cwd, env, envFile, match, spare, matchScope, onConflict, dependsOn
  case ready, live, heartbeat, restart, limits, stop, ports, oneshot, autostart, watch, hooks
  case stdin, log, image, health

  package static let synonyms: [String: Self] = [
    "categories": .category, "group": .category, "namespace": .category, "profiles": .category,
    "tags": .category, "cmd": .command, "exec": .command, "run": .command, "script": .command,
    "dir": .cwd, "directory": .cwd, "workdir": .cwd, "workingdir": .cwd, "workingdirectory": .cwd,
    "environment": .env, "after": .dependsOn, "requires": .dependsOn, "readiness": .ready,
    "readinessprobe": .ready, "healthcheck": .live, "liveness": .live, "livenessprobe": .live,
    "autorestart": .restart, "availability": .restart, "shutdown": .stop,
    "stopgraceperiod": .stop, "stopsignal": .stop,
  ]
}

/// The keys of `ready`; all but the last three are kinds of check.
package enum ReadyKey: String, ManifestKeys {
  case tcp, http, exec, log, notify, delay, status, timeout, interval

  package static let synonyms: [String: Self] = [
    "command": .exec, "cmd": .exec, "port": .tcp, "ports": .tcp, "url": .http, "line": .log,
    "regex": .log,
  ]

  var isCheck: Bool {
    switch self {
    case .tcp, .http, .exec, .log, .notify, .delay: true
    case .status, .timeout, .interval: false
    }
  }
}

/// The keys of `live`; all but the last four are kinds of check.
package enum LiveKey: String, ManifestKeys {
  case tcp, http, exec, notify, status, timeout, interval, failures

  package static let synonyms: [String: Self] = [
    "command": .exec, "cmd": .exec, "port": .tcp, "ports": .tcp, "url": .http,
  ]

  var isCheck: Bool {
    switch self {
    case .tcp, .http, .exec, .notify: true
    case .status, .timeout, .interval, .failures: false
    }
  }
}

/// The keys of `restart` where it is an object.
package enum RestartKey: String, ManifestKeys {
  case policy, max, within, backoff, maxBackoff
}

/// When a service that ended is launched again.
package enum RestartPolicy: String, CaseIterable, Sendable {
  case never
  case onFailure = "on-failure"
  case always
}

/// The keys of `limits`.
package enum LimitsKey: String, ManifestKeys {
  case maxRuntime, memory, cpu, samples, every, onExceed
}

/// What happens to a service that exceeds a limit.
package enum ExceedPolicy: String, CaseIterable, Sendable {
  case stop, restart
}

/// The keys of `stop`.
package enum StopKey: String, ManifestKeys {
  case signal, timeout, scope, command
}

/// The keys of `watch`.
package enum WatchKey: String, ManifestKeys {
  case paths, ignore, debounce, signal
}

/// The keys of `hooks`.
package enum HooksKey: String, ManifestKeys {
  case ready, failed, stopped, restarted
}

/// The keys of `log`.
package enum LogKey: String, ManifestKeys {
  case maxSize, keep
}

/// The keys of `health`.
package enum HealthKey: String, ManifestKeys {
  case port, host
}

/// The keys of a rule of `match` or `spare` where it is an object.
package enum RuleKey: String, ManifestKeys {
  case regex, exe, args
}

/// What neither a service nor a category may be called, so that a word on the command line
/// means one thing: `all`, and the commands of this and the planned versions.
package enum ReservedNames {
  package static let everything = "all"
  package static let commands: Set<String> = [
    "start", "stop", "restart", "status", "clean", "logs", "wait", "smoke", "check", "export",
    "notify", "init", "schema", "completion", "help", "version", "supervise", "run", "ps", "ports",
    "top", "ui", "attach", "history",
  ]

  package static func contains(_ name: String) -> Bool {
    name == everything || commands.contains(name)
  }
}
