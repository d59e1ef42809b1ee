extension ManifestDecoder {
  /// Takes in every key of a service or of `defaults`; false where the value is no object.
  mutating func decode(_ json: JSON, into draft: inout ServiceDraft, isDefaults: Bool) -> Bool {
    draft.folder = folder
    guard case .object(let members) = json.kind else {
      wrongType(json, expected: "an object")
      return false
    }
    for member in members {
      guard let key = ServiceKey(rawValue: member.key) else {
        unknownKey(member, among: ServiceKey.self)
        continue
      }
      if isDefaults, key == .command {
        problems.add(.notInDefaults, at: member.keyPosition)
      } else {
        decode(member, as: key, into: &draft)
      }
    }
    return true
  }

  private mutating func decode(
    _ member: JSON.Member, as key: ServiceKey, into draft: inout ServiceDraft
  ) {
    let value = member.value
    switch key {
    // One that is wrong is not missing as well.
    case .command: draft.command = command(value) ?? .shell("")
    case .category: draft.categories = categories(value)
    case .cwd: draft.workingDirectory = path(value)
    case .env: draft.variables = variables(value)
    case .envFile: draft.fileVariables = envFileVariables(value)
    case .match: draft.match = rules(value)
    case .spare: draft.spare = rules(value)
    case .matchScope: draft.matchScope = choice(value)
    case .onConflict: draft.onConflict = choice(value)
    case .dependsOn: draft.dependsOn = dependencies(value)
    case .ready: draft.readiness = readiness(value)
    case .live: draft.liveness = liveness(value)
    case .heartbeat: draft.heartbeat = duration(value)
    case .restart: draft.restart = restart(value)
    case .limits: draft.limits = limits(value)
    case .stop: draft.stop = stopPolicy(value)
    case .ports: draft.ports = ports(value)
    case .oneshot: draft.isOneshot = flag(value) ?? false
    case .autostart: draft.startsAutomatically = flag(value) ?? true
    case .watch: draft.watch = watch(value)
    case .hooks: draft.hooks = hooks(value)
    case .stdin: draft.standardInput = choice(value) ?? .null
    case .log: draft.log = logPolicy(value)
    case .image: draft.image = filledText(value)
    case .health: draft.health = health(value)
    }
  }

  private mutating func categories(_ json: JSON) -> [ServiceDraft.Reference<String>] {
    oneOrMore(json).compactMap { element in
      guard let name = text(element, expected: "a string or a list of strings") else { return nil }
      checkName(name, at: element.position)
      return ServiceDraft.Reference(value: name, position: element.position)
    }
  }

  private mutating func ports(_ json: JSON) -> [UInt16] {
    guard case .array(let elements) = json.kind else {
      wrongType(json, expected: "a list of ports")
      return []
    }
    return elements.compactMap { port($0) }
  }

  private mutating func stopPolicy(_ json: JSON) -> StopPolicy {
    var policy = StopPolicy()
    members(of: json, as: StopKey.self) { decoder, key, member in
      switch key {
      case .signal: decoder.signal(member.value).map { policy.signal = $0 }
      case .timeout:
        decoder.duration(member.value, allowsZero: true).map { policy.timeout = $0 }
      case .scope: decoder.choice(member.value).map { policy.scope = $0 }
      case .command: policy.command = decoder.command(member.value)
      }
    }
    return policy
  }

  private mutating func dependencies(_ json: JSON) -> [ServiceDraft.Reference<Dependency>] {
    switch json.kind {
    case .array(let elements):
      return elements.compactMap { element in
        text(element).map {
          ServiceDraft.Reference(
            value: Dependency(service: $0, condition: .ready), position: element.position)
        }
      }
    case .object(let members):
      return members.compactMap { member in
        choice(member.value).map {
          ServiceDraft.Reference(
            value: Dependency(service: member.key, condition: $0), position: member.keyPosition)
        }
      }
    case .null, .bool, .integer, .number, .string:
      wrongType(json, expected: "a list of services, or an object of service and condition")
      return []
    }
  }
}
