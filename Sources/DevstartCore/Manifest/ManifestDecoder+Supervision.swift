/// What the manifest asks of a service's life once it runs.
extension ManifestDecoder {
  mutating func restart(_ json: JSON) -> Restart {
    var restart = Restart()
    guard case .object = json.kind else {
      choice(json).map { restart.policy = $0 }
      return restart
    }
    members(of: json, as: RestartKey.self) { decoder, key, member in
      let value = member.value
      switch key {
      case .policy: decoder.choice(value).map { restart.policy = $0 }
      case .max: decoder.whole(value, in: 0...1_000_000).map { restart.max = $0 }
      case .within: decoder.duration(value).map { restart.within = $0 }
      case .backoff: decoder.duration(value, allowsZero: true).map { restart.backoff = $0 }
      case .maxBackoff: decoder.duration(value, allowsZero: true).map { restart.maxBackoff = $0 }
      }
    }
    if json[RestartKey.policy.rawValue] == nil {
      problems.add(.missingKey(RestartKey.policy.rawValue), at: json.position)
    }
    return restart
  }

  mutating func limits(_ json: JSON) -> Limits {
    var limits = Limits()
    members(of: json, as: LimitsKey.self) { decoder, key, member in
      let value = member.value
      switch key {
      case .maxRuntime: limits.maxRuntime = decoder.duration(value)
      case .memory: limits.memory = decoder.size(value)
      case .cpu: limits.cpu = decoder.percentage(value)
      case .samples: decoder.whole(value, in: 1...1000).map { limits.samples = $0 }
      case .every: decoder.duration(value).map { limits.every = $0 }
      case .onExceed: decoder.choice(value).map { limits.onExceed = $0 }
      }
    }
    return limits
  }

  private mutating func percentage(_ json: JSON) -> Double? {
    guard let percentage = json.double else {
      wrongType(json, expected: "a number")
      return nil
    }
    guard percentage > 0 else {
      problems.add(.mustBePositive, at: json.position)
      return nil
    }
    return percentage
  }

  mutating func watch(_ json: JSON) -> Watch? {
    var watch = Watch(paths: [])
    let isObject = members(of: json, as: WatchKey.self) { decoder, key, member in
      let value = member.value
      switch key {
      case .paths: watch.paths = decoder.globs(value)
      case .ignore: watch.ignore = decoder.globs(value)
      case .debounce: decoder.duration(value, allowsZero: true).map { watch.debounce = $0 }
      case .signal: watch.signal = decoder.signal(value)
      }
    }
    guard isObject else { return nil }
    guard let paths = json[WatchKey.paths.rawValue] else {
      problems.add(.missingKey(WatchKey.paths.rawValue), at: json.position)
      return nil
    }
    if paths.array?.isEmpty == true { problems.add(.empty, at: paths.position) }
    return watch
  }

  private mutating func globs(_ json: JSON) -> [String] {
    guard case .array(let elements) = json.kind else {
      wrongType(json, expected: "a list of strings")
      return []
    }
    return elements.compactMap { element in
      guard let text = filledText(element) else { return nil }
      do throws(GlobProblem) {
        _ = try WatchPatterns(paths: [text], ignore: [], base: folder, logs: folder)
        return text
      } catch {
        problems.add(.badGlob(text, error), at: element.position)
        return nil
      }
    }
  }

  mutating func hooks(_ json: JSON) -> Hooks {
    var hooks = Hooks()
    members(of: json, as: HooksKey.self) { decoder, key, member in
      let command = decoder.command(member.value)
      switch key {
      case .ready: hooks.ready = command
      case .failed: hooks.failed = command
      case .stopped: hooks.stopped = command
      case .restarted: hooks.restarted = command
      }
    }
    return hooks
  }

  mutating func logPolicy(_ json: JSON) -> LogPolicy {
    var policy = LogPolicy()
    members(of: json, as: LogKey.self) { decoder, key, member in
      switch key {
      case .maxSize: decoder.size(member.value).map { policy.maxSize = $0 }
      case .keep: decoder.whole(member.value, in: 0...1000).map { policy.keep = $0 }
      }
    }
    return policy
  }

  mutating func health(_ json: JSON) -> HealthEndpoint? {
    var port: UInt16?
    var host: String?
    let isObject = members(of: json, as: HealthKey.self) { decoder, key, member in
      switch key {
      case .port: port = decoder.port(member.value)
      case .host: host = decoder.host(member.value)
      }
    }
    if isObject, json[HealthKey.port.rawValue] == nil {
      problems.add(.missingKey(HealthKey.port.rawValue), at: json.position)
    }
    var endpoint = port.map { HealthEndpoint(port: $0) }
    if let host { endpoint?.host = host }
    return endpoint
  }

  private mutating func host(_ json: JSON) -> String? {
    guard let host = filledText(json) else { return nil }
    if ProbedHost(host) != nil { return host }
    problems.add(.noHost(host), at: json.position)
    return nil
  }
}
