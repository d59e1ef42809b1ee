/// `ready`, and the objects of features that come later.
extension ManifestDecoder {
  mutating func readiness(_ json: JSON) -> ServiceDraft.Readiness {
    var readiness = ServiceDraft.Readiness()
    var checks: [ReadyKey] = []
    members(of: json, as: ReadyKey.self) { decoder, key, member in
      let value = member.value
      if key.isCheck { checks.append(key) }
      if NotSupportedYet.readyChecks.contains(key) { decoder.notSupportedYet(member) }
      switch key {
      case .tcp: decoder.port(value).map { readiness.check = .listening([$0]) }
      case .delay:
        decoder.duration(value, allowsZero: true).map {
          readiness.check = .delay($0, chosen: true)
        }
      case .http: decoder.checkHTTPAddress(value)
      case .exec: _ = decoder.command(value)
      case .log: _ = decoder.pattern(value)
      case .notify: decoder.checkIsTrue(value)
      case .status: decoder.checkStatus(member, of: json)
      case .timeout: readiness.timeout = decoder.duration(value)
      case .interval: readiness.interval = decoder.duration(value)
      }
    }
    if checks.count > 1 {
      problems.add(.severalOf(checks.map(\.rawValue)), at: json.position)
    }
    return readiness
  }

  mutating func checkLiveness(_ json: JSON) {
    var checks: [LiveKey] = []
    let isObject = members(of: json, as: LiveKey.self) { decoder, key, member in
      let value = member.value
      if key.isCheck { checks.append(key) }
      switch key {
      case .tcp: _ = decoder.port(value)
      case .http: decoder.checkHTTPAddress(value)
      case .exec: _ = decoder.command(value)
      case .notify: decoder.checkIsTrue(value)
      case .status: decoder.checkStatus(member, of: json)
      case .timeout, .interval: _ = decoder.duration(value)
      case .failures: _ = decoder.whole(value, in: 1...1_000_000)
      }
    }
    if isObject, checks.isEmpty {
      problems.add(
        .noneOf(LiveKey.allCases.filter(\.isCheck).map(\.rawValue)), at: json.position)
    } else if checks.count > 1 {
      problems.add(.severalOf(checks.map(\.rawValue)), at: json.position)
    }
  }

  mutating func checkRestart(_ member: JSON.Member) {
    var policy: RestartPolicy?
    switch member.value.kind {
    case .object:
      members(of: member.value, as: RestartKey.self) { decoder, key, member in
        switch key {
        case .policy: policy = decoder.choice(member.value)
        case .max: _ = decoder.whole(member.value, in: 0...1_000_000)
        case .within, .backoff, .maxBackoff: _ = decoder.duration(member.value)
        }
      }
      if member.value[RestartKey.policy.rawValue] == nil {
        problems.add(.missingKey(RestartKey.policy.rawValue), at: member.value.position)
      }
    case .null, .bool, .integer, .number, .string, .array: policy = choice(member.value)
    }
    if let policy, NotSupportedYet.restartPolicies.contains(policy) { notSupportedYet(member) }
  }

  mutating func checkLimits(_ json: JSON) {
    members(of: json, as: LimitsKey.self) { decoder, key, member in
      switch key {
      case .maxRuntime, .every: _ = decoder.duration(member.value)
      case .memory: _ = decoder.size(member.value)
      case .cpu: decoder.checkPercentage(member.value)
      case .samples: _ = decoder.whole(member.value, in: 1...1000)
      case .onExceed: _ = decoder.choice(member.value, ExceedPolicy.self)
      }
    }
  }

  mutating func checkWatch(_ json: JSON) {
    let isObject = members(of: json, as: WatchKey.self) { decoder, key, member in
      switch key {
      case .paths, .ignore: _ = decoder.texts(member.value)
      case .debounce: _ = decoder.duration(member.value, allowsZero: true)
      case .signal: _ = decoder.signal(member.value)
      }
    }
    if isObject, json[WatchKey.paths.rawValue] == nil {
      problems.add(.missingKey(WatchKey.paths.rawValue), at: json.position)
    }
  }

  mutating func checkLog(_ json: JSON) {
    members(of: json, as: LogKey.self) { decoder, key, member in
      switch key {
      case .maxSize: _ = decoder.size(member.value)
      case .keep: _ = decoder.whole(member.value, in: 0...1000)
      }
    }
  }

  mutating func checkHealth(_ json: JSON) {
    let isObject = members(of: json, as: HealthKey.self) { decoder, key, member in
      switch key {
      case .port: _ = decoder.port(member.value)
      case .host:
        if let host = decoder.filledText(member.value), !Host.canBeProbed(host) {
          decoder.problems.add(.noHost(host), at: member.value.position)
        }
      }
    }
    if isObject, json[HealthKey.port.rawValue] == nil {
      problems.add(.missingKey(HealthKey.port.rawValue), at: json.position)
    }
  }

  private mutating func checkPercentage(_ json: JSON) {
    guard let percentage = json.double else { return wrongType(json, expected: "a number") }
    if percentage <= 0 { problems.add(.mustBePositive, at: json.position) }
  }

  private mutating func checkStatus(_ member: JSON.Member, of json: JSON) {
    _ = whole(member.value, in: 100...599)
    if json[ReadyKey.http.rawValue] == nil {
      problems.add(.onlyWith(ReadyKey.http.rawValue), at: member.keyPosition)
    }
  }

  private mutating func checkIsTrue(_ json: JSON) {
    if flag(json) == false {
      problems.add(.wrongType(expected: "true", found: "false"), at: json.position)
    }
  }

  private mutating func checkHTTPAddress(_ json: JSON) {
    guard let text = filledText(json) else { return }
    if !Host.isHTTPAddress(text) { problems.add(.noHTTPAddress(text), at: json.position) }
  }
}

/// What a probe may ask: an address or `localhost`, as a name would have to be looked up, and
/// the supervisor waits for nobody.
enum Host {
  static func canBeProbed(_ host: some StringProtocol) -> Bool {
    if host == "localhost" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    if parts.count == 4, parts.allSatisfy({ UInt8($0) != nil }) { return true }
    return host.utf8.contains(UInt8(ascii: ":"))
      && host.utf8.allSatisfy {
        Character(Unicode.Scalar($0)).isHexDigit || $0 == UInt8(ascii: ":")
      }
  }

  /// `http://`, a host, perhaps a port, perhaps a path.
  static func isHTTPAddress(_ text: String) -> Bool {
    guard text.hasPrefix("http://") else { return false }
    let authority = text.dropFirst(7).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    guard authority.hasPrefix("[") else {
      let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
      return parts.count <= 2 && canBeProbed(parts[0])
        && (parts.count == 1 || UInt16(parts[1]) != nil)
    }
    guard let end = authority.firstIndex(of: "]") else { return false }
    let rest = authority[authority.index(after: end)...]
    return canBeProbed(authority[..<end].dropFirst())
      && (rest.isEmpty || rest.hasPrefix(":") && UInt16(rest.dropFirst()) != nil)
  }
}
