/// What a manifest is decoded from: the files' bytes and what they refer to. Decoding is pure;
/// whoever calls reads the files.
package struct ManifestSource: Sendable {
  /// A file's content, and its path as people should read it in a problem.
  package struct File: Sendable {
    package var displayPath: String
    package var bytes: [UInt8]

    package init(displayPath: String, bytes: [UInt8]) {
      self.displayPath = displayPath
      self.bytes = bytes
    }
  }

  package var manifest: File
  /// `devstart.local.json`, if there is one: merged over the manifest.
  package var local: File?
  /// Of the command line: over both.
  package var settings: [Setting] = []
  /// The manifest's canonical absolute path.
  package var path: String
  /// Of the command that was called: for `${VAR}` and `~`.
  package var environment: @Sendable (String) -> String?
  /// The content of the environment file at an absolute path.
  package var envFile: @Sendable (String) -> Result<[UInt8], EnvFileProblem>

  package init(
    manifest: File, local: File? = nil, path: String,
    environment: @escaping @Sendable (String) -> String?,
    envFile: @escaping @Sendable (String) -> Result<[UInt8], EnvFileProblem>
  ) {
    self.manifest = manifest
    self.local = local
    self.path = path
    self.environment = environment
    self.envFile = envFile
  }

  /// The manifest, every default filled in; throws everything that is wrong with it at once.
  package func decode() throws(ManifestProblems) -> Manifest {
    var problems = ProblemLog()
    var sources: [ParsedSource] = []
    for (number, file) in [manifest, local].compactMap(\.self).enumerated() {
      sources.append(Self.parse(file, number: UInt8(number), problems: &problems))
    }
    let texts = sources.compactMap(\.json)
    guard texts.count == sources.count, let first = texts.first else {
      throw problems.problems(in: sources)
    }
    var merged = texts.dropFirst().reduce(first) { $0.merging($1) }
    for setting in settings {
      merged = merged.merging(setting.json(for: merged, source: UInt8(clamping: sources.count)))
      sources.append(
        ParsedSource(name: "--set \(setting.keyPath)", bytes: setting.bytes, json: nil))
    }
    var decoder = ManifestDecoder(source: self, problems: problems)
    let decoded = decoder.decode(merged)
    guard decoder.problems.isEmpty, let decoded else {
      throw decoder.problems.problems(in: sources)
    }
    return decoded
  }

  private static func parse(
    _ file: File, number: UInt8, problems: inout ProblemLog
  ) -> ParsedSource {
    do {
      let json = try JSON.parse(file.bytes, dialect: .manifest, source: number)
      json.reportRepeatedKeys(to: &problems)
      return ParsedSource(name: file.displayPath, bytes: file.bytes, json: json)
    } catch {
      problems.add(.syntax(error.problem), at: Position(source: number, offset: error.offset))
      return ParsedSource(name: file.displayPath, bytes: file.bytes, json: nil)
    }
  }
}

extension JSON {
  /// The other value over this one: objects merge key by key, all else replaces.
  func merging(_ other: JSON) -> JSON {
    guard case .object(var members) = kind, case .object(let others) = other.kind else {
      return other
    }
    var indices: [String: Int] = [:]
    for (index, member) in members.enumerated() { indices[member.key] = index }
    for member in others {
      guard let index = indices[member.key] else {
        indices[member.key] = members.count
        members.append(member)
        continue
      }
      let merged = members[index].value.merging(member.value)
      // A key's position is in its value's source: it moves with a value that was replaced.
      if merged.source == member.value.source { members[index].keyOffset = member.keyOffset }
      members[index].value = merged
    }
    return JSON(.object(members), offset: offset, source: source)
  }

  /// Reports each key that its object already had, at any depth.
  func reportRepeatedKeys(to problems: inout ProblemLog) {
    switch kind {
    case .null, .bool, .integer, .number, .string: break
    case .array(let elements):
      for element in elements { element.reportRepeatedKeys(to: &problems) }
    case .object(let members):
      // Few keys are compared faster than hashed.
      var seen = Set<String>(minimumCapacity: members.count <= 16 ? 0 : members.count)
      for (index, member) in members.enumerated() {
        let isRepeated =
          members.count <= 16
          ? members[..<index].contains { $0.key == member.key }
          : !seen.insert(member.key).inserted
        if isRepeated { problems.add(.duplicateKey, at: member.keyPosition) }
        member.value.reportRepeatedKeys(to: &problems)
      }
    }
  }
}
