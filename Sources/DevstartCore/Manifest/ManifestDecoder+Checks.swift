/// `ready` and `live`: how a service is found to be up.
extension ManifestDecoder {
  mutating func readiness(_ json: JSON) -> ServiceDraft.Readiness {
    var readiness = ServiceDraft.Readiness()
    var checks: [ReadyKey] = []
    var status: Int?
    members(of: json, as: ReadyKey.self) { decoder, key, member in
      let value = member.value
      if key.isCheck { checks.append(key) }
      switch key {
      case .tcp: decoder.port(value).map { readiness.check = .probe(.listening([$0])) }
      case .http:
        decoder.httpAddress(value).map { readiness.check = .probe(.http($0, status: nil)) }
      case .exec: decoder.command(value).map { readiness.check = .probe(.command($0)) }
      case .log: decoder.pattern(value).map { readiness.check = .log($0) }
      case .notify: if decoder.isTrue(value) { readiness.check = .notify }
      case .delay:
        decoder.duration(value, allowsZero: true).map {
          readiness.check = .delay($0, chosen: true)
        }
      case .status: status = decoder.status(member, of: json)
      case .timeout: readiness.timeout = decoder.duration(value)
      case .interval: readiness.interval = decoder.duration(value)
      }
    }
    if checks.count > 1 {
      problems.add(.severalOf(checks.map(\.rawValue)), at: json.position)
    }
    if case .probe(.http(let address, _)) = readiness.check {
      readiness.check = .probe(.http(address, status: status))
    }
    return readiness
  }

  mutating func liveness(_ json: JSON) -> Liveness? {
    var liveness = Liveness(check: .notify)
    var checks: [LiveKey] = []
    var status: Int?
    let isObject = members(of: json, as: LiveKey.self) { decoder, key, member in
      let value = member.value
      if key.isCheck { checks.append(key) }
      switch key {
      case .tcp: decoder.port(value).map { liveness.check = .probe(.listening([$0])) }
      case .http:
        decoder.httpAddress(value).map { liveness.check = .probe(.http($0, status: nil)) }
      case .exec: decoder.command(value).map { liveness.check = .probe(.command($0)) }
      case .notify: if decoder.isTrue(value) { liveness.check = .notify }
      case .status: status = decoder.status(member, of: json)
      case .timeout: decoder.duration(value).map { liveness.timeout = $0 }
      case .interval: decoder.duration(value).map { liveness.interval = $0 }
      case .failures: decoder.whole(value, in: 1...1_000_000).map { liveness.failures = $0 }
      }
    }
    guard isObject else { return nil }
    if checks.isEmpty {
      problems.add(
        .noneOf(LiveKey.allCases.filter(\.isCheck).map(\.rawValue)), at: json.position)
    } else if checks.count > 1 {
      problems.add(.severalOf(checks.map(\.rawValue)), at: json.position)
    }
    if case .probe(.http(let address, _)) = liveness.check {
      liveness.check = .probe(.http(address, status: status))
    }
    return liveness
  }

  private mutating func status(_ member: JSON.Member, of json: JSON) -> Int? {
    if json[ReadyKey.http.rawValue] == nil {
      problems.add(.onlyWith(ReadyKey.http.rawValue), at: member.keyPosition)
    }
    return whole(member.value, in: 100...599)
  }

  private mutating func isTrue(_ json: JSON) -> Bool {
    if flag(json) == false {
      problems.add(.wrongType(expected: "true", found: "false"), at: json.position)
      return false
    }
    return true
  }

  private mutating func httpAddress(_ json: JSON) -> String? {
    guard let text = filledText(json) else { return nil }
    do {
      _ = try HTTPAddress(text)
      return text
    } catch {
      problems.add(.noHTTPAddress(text, error), at: json.position)
      return nil
    }
  }
}
