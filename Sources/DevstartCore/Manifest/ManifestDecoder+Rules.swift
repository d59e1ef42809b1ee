/// The rules of `match` and `spare`. What could fit any process is refused: a rule decides what
/// is signalled.
extension ManifestDecoder {
  mutating func rules(_ json: JSON) -> [ServiceDraft.Rule] {
    oneOrMore(json).compactMap { rule($0) }
  }

  private mutating func rule(_ json: JSON) -> ServiceDraft.Rule? {
    switch json.kind {
    case .string:
      guard let text = text(json) else { return nil }
      guard !text.trimmingBlanks.dropFirst().isEmpty else {
        problems.add(.fitsEverything, at: json.position)
        return nil
      }
      return .text(text)
    case .object: return objectRule(json).map { .complete($0) }
    case .null, .bool, .integer, .number, .array:
      wrongType(json, expected: "a string, or an object with \"regex\" or \"exe\"")
      return nil
    }
  }

  private mutating func objectRule(_ json: JSON) -> MatchRule? {
    var regex: String?
    var program: String?
    var arguments: [String] = []
    members(of: json, as: RuleKey.self) { decoder, key, member in
      switch key {
      case .regex: regex = decoder.selectivePattern(member.value)
      case .exe: program = decoder.programName(member.value)
      case .args: arguments = decoder.texts(member.value) ?? []
      }
    }
    let kinds = [RuleKey.regex, .exe].map(\.rawValue).filter { json[$0] != nil }
    if kinds.count > 1 {
      problems.add(.severalOf(kinds), at: json.position)
    } else if kinds.isEmpty {
      problems.add(
        .noneOf([RuleKey.regex.rawValue, RuleKey.exe.rawValue]), at: json.position)
    } else if let position = json.members?.first(where: { $0.key == RuleKey.args.rawValue }),
      program == nil, regex != nil
    {
      problems.add(.onlyWith(RuleKey.exe.rawValue), at: position.keyPosition)
    }
    return regex.map { .pattern($0) } ?? program.map { .program($0, arguments: arguments) }
  }

  /// A file's name: rules look at the last part of the executable's path alone.
  private mutating func programName(_ json: JSON) -> String? {
    guard let name = filledText(json) else { return nil }
    guard !name.utf8.contains(UInt8(ascii: "/")) else {
      problems.add(.noProgramName(name), at: json.position)
      return nil
    }
    return name
  }

  /// A regular expression's text.
  mutating func pattern(_ json: JSON) -> String? {
    guard let text = text(json) else { return nil }
    guard Pattern.compiled(text) != nil else {
      problems.add(.badPattern(text), at: json.position)
      return nil
    }
    guard !Backtracking.isEndless(text) else {
      problems.add(.endlessPattern(text), at: json.position)
      return nil
    }
    return text
  }

  private mutating func selectivePattern(_ json: JSON) -> String? {
    guard let text = pattern(json), let regex = Pattern.compiled(text) else { return nil }
    guard !Pattern.fitsEverything(regex) else {
      problems.add(.fitsEverything, at: json.position)
      return nil
    }
    return text
  }
}
