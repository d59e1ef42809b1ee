/// Turns a merged JSON value into a `Manifest`, noting every problem on the way and going on.
struct ManifestDecoder {
  let source: ManifestSource
  let folder: String
  var problems: ProblemLog
  /// What environment files said, by absolute path: many services may name the same one.
  var envFiles: [String: EnvFile] = [:]
  /// Variables of the caller's environment whose values were put in.
  var borrowedVariables: Set<String> = []
  /// The kinds of object whose keys have been listed for somebody who does not know them.
  private var listedKeys: Set<ObjectIdentifier> = []

  init(source: ManifestSource, problems: ProblemLog) {
    self.source = source
    self.problems = problems
    folder = FilePath.folder(of: source.path)
  }

  /// nil where it is no object at all; otherwise worth nothing unless `problems` is empty.
  mutating func decode(_ json: JSON) -> Manifest? {
    var name: String?
    var logs: String?
    var global = EnvironmentLayer()
    var defaults: JSON?
    var services: JSON?
    var health: HealthEndpoint?
    let isObject = members(of: json, as: ManifestKey.self, expected: "an object") {
      decoder, key, member in
      let value = member.value
      switch key {
      case .schema: _ = decoder.text(value)
      case .name: name = decoder.filledText(value)
      case .logs: logs = decoder.path(value)
      case .env: global.variables = decoder.variables(value)
      case .envFile: global.files = decoder.envFileVariables(value)
      case .defaults: defaults = value
      case .health: health = decoder.health(value)
      case .services: services = value
      }
    }
    guard isObject else { return nil }
    guard let services else {
      problems.add(.missingKey(ManifestKey.services.rawValue), at: json.position)
      return nil
    }
    var manifest = Manifest(
      name: name ?? FilePath.name(of: folder), path: source.path, folder: folder,
      logs: logs ?? Manifest.defaultLogs(besides: source.path),
      services: decodeServices(services, defaults: defaults, global: global.merged))
    manifest.health = health
    manifest.borrowedVariables = borrowedVariables.sorted()
    return manifest
  }

  private mutating func decodeServices(
    _ json: JSON, defaults: JSON?, global: [String: String]
  ) -> [Service] {
    var common = ServiceDraft()
    common.inherited = global
    if let defaults, decode(defaults, into: &common, isDefaults: true) { common.becomeDefaults() }
    guard case .object(let members) = json.kind else {
      wrongType(json, expected: "an object of services")
      return []
    }
    var drafts: [ServiceDraft] = []
    drafts.reserveCapacity(members.count)
    for member in members {
      checkName(member.key, at: member.keyPosition)
      var draft = common
      draft.name = member.key
      guard decode(member.value, into: &draft, isDefaults: false) else { continue }
      if draft.command == nil {
        problems.add(.missingKey(ServiceKey.command.rawValue), at: member.keyPosition)
      }
      drafts.append(draft)
    }
    checkReferences(of: drafts, names: members.map(\.key))
    var services: [Service] = []
    services.reserveCapacity(drafts.count)
    for draft in drafts {
      if let service = draft.service { services.append(service) }
    }
    return services
  }

  /// Calls `body` with each key that belongs here and reports the others; false, and reported,
  /// where the value is no object. Of a repeated key, which is reported already, each is seen.
  @discardableResult
  mutating func members<Keys: ManifestKeys>(
    of json: JSON, as: Keys.Type,
    expected: String = "an object with \(ManifestProblem.alternatives(Keys.names))",
    _ body: (inout ManifestDecoder, Keys, JSON.Member) -> Void
  ) -> Bool {
    guard case .object(let members) = json.kind else {
      wrongType(json, expected: expected)
      return false
    }
    for member in members {
      guard let key = Keys(rawValue: member.key) else {
        unknownKey(member, among: Keys.self)
        continue
      }
      body(&self, key, member)
    }
    return true
  }

  /// All keys that there are stand only with the first whose meaning cannot be guessed.
  mutating func unknownKey<Keys: ManifestKeys>(_ member: JSON.Member, among: Keys.Type) {
    let nearest = suggests ? Keys.nearest(to: member.key) : nil
    let isFirst = nearest == nil && listedKeys.insert(ObjectIdentifier(Keys.self)).inserted
    problems.add(
      .unknownKey(nearest: nearest, known: isFirst ? Keys.names : []), at: member.keyPosition)
  }

  mutating func wrongType(_ json: JSON, expected: String) {
    problems.add(.wrongType(expected: expected, found: json.kindName), at: json.position)
  }

  /// While there are few problems: nobody reads a thousand suggestions.
  private var suggests: Bool { problems.count < 100 }

  /// The nearest candidate.
  func nearest(to word: String, in candidates: [String]) -> String? {
    suggests ? Nearest.word(to: word, in: candidates) : nil
  }
}
