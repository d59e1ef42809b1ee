/// The plain values: each returns nil, and has reported it, where the value is another.
extension ManifestDecoder {
  /// A string with its variables put in; no string may hold a zero byte, as C strings end there.
  mutating func text(_ json: JSON, expected: String = "a string") -> String? {
    guard case .string(let raw) = json.kind else {
      wrongType(json, expected: expected)
      return nil
    }
    return expanded(raw, at: json.position)
  }

  /// A string that is not blank.
  mutating func filledText(_ json: JSON) -> String? {
    guard let text = text(json) else { return nil }
    guard text.utf8.contains(where: { $0 != 0x20 && $0 != 0x09 }) else {
      problems.add(.empty, at: json.position)
      return nil
    }
    return text
  }

  mutating func texts(_ json: JSON) -> [String]? {
    guard case .array(let elements) = json.kind else {
      wrongType(json, expected: "a list of strings")
      return nil
    }
    let texts = elements.compactMap { text($0) }
    return texts.count == elements.count ? texts : nil
  }

  /// The elements of a list, or the value itself.
  func oneOrMore(_ json: JSON) -> [JSON] {
    if case .array(let elements) = json.kind { elements } else { [json] }
  }

  mutating func flag(_ json: JSON) -> Bool? {
    guard let flag = json.bool else {
      wrongType(json, expected: "true or false")
      return nil
    }
    return flag
  }

  /// A whole number, or a string that a variable makes one.
  mutating func whole(_ json: JSON, in range: ClosedRange<Int>) -> Int? {
    var number = json.integer
    if number == nil, case .string(let raw) = json.kind, raw.utf8.contains(UInt8(ascii: "$")) {
      guard let text = expanded(raw, at: json.position) else { return nil }
      number = Int(text)
    }
    guard let number else {
      wrongType(json, expected: "a whole number")
      return nil
    }
    guard range.contains(number) else {
      problems.add(.outOfRange(number, range), at: json.position)
      return nil
    }
    return number
  }

  mutating func port(_ json: JSON) -> UInt16? {
    whole(json, in: 1...65535).map { UInt16($0) }
  }

  mutating func duration(_ json: JSON, allowsZero: Bool = false) -> Duration? {
    guard let text = text(json, expected: "a duration as \"1.5s\", \"200ms\" or \"5m\"") else {
      return nil
    }
    guard let duration = Quantity.duration(text) else {
      problems.add(.noDuration(text), at: json.position)
      return nil
    }
    guard allowsZero || duration > .zero else {
      problems.add(.mustBePositive, at: json.position)
      return nil
    }
    return duration
  }

  /// In bytes.
  mutating func size(_ json: JSON) -> Int? {
    guard let text = text(json, expected: "a size as \"512MB\" or \"2GB\"") else { return nil }
    guard let size = Quantity.size(text) else {
      problems.add(.noSize(text), at: json.position)
      return nil
    }
    guard size > 0 else {
      problems.add(.mustBePositive, at: json.position)
      return nil
    }
    return size
  }

  mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ json: JSON, _ type: Choice.Type = Choice.self
  ) -> Choice? {
    if case .string(let raw) = json.kind, let choice = Choice(rawValue: raw) { return choice }
    let names = Choice.allCases.map(\.rawValue)
    guard let text = text(json, expected: ManifestProblem.alternatives(names)) else { return nil }
    guard let choice = Choice(rawValue: text) else {
      problems.add(
        .notOneOf(names, found: text, nearest: nearest(to: text, in: names)), at: json.position)
      return nil
    }
    return choice
  }

  /// A signal's name, with or without `SIG`.
  mutating func signal(_ json: JSON) -> Signal? {
    guard let text = text(json, expected: "a signal's name") else { return nil }
    if let signal = Signal(rawValue: text) { return signal }
    if text.hasPrefix("SIG"), let signal = Signal(rawValue: String(text.dropFirst(3))) {
      return signal
    }
    let names = Signal.allCases.map(\.rawValue)
    let bare = text.uppercased()
    let word = bare.hasPrefix("SIG") ? String(bare.dropFirst(3)) : bare
    problems.add(.noSignal(text, nearest: nearest(to: word, in: names)), at: json.position)
    return nil
  }

  mutating func command(_ json: JSON) -> Command? {
    switch json.kind {
    case .string:
      return filledText(json).map { .shell($0) }
    case .array(let elements):
      guard let first = elements.first else {
        problems.add(.empty, at: json.position)
        return nil
      }
      guard let arguments = texts(json) else { return nil }
      guard arguments[0].isEmpty else { return .arguments(arguments) }
      problems.add(.empty, at: first.position)
      return nil
    case .null, .bool, .integer, .number, .object:
      wrongType(json, expected: "a string or a list of strings")
      return nil
    }
  }

  /// Absolute: relative to the manifest's folder, `~/` is the home folder.
  mutating func path(_ json: JSON) -> String? {
    guard let text = filledText(json) else { return nil }
    guard text == "~" || text.hasPrefix("~/") else {
      return FilePath.absolute(text, in: folder)
    }
    guard let home = source.environment("HOME"), home.hasPrefix("/") else {
      problems.add(.unsetVariable("HOME"), at: json.position)
      return nil
    }
    borrowedVariables.insert("HOME")
    return FilePath.absolute("." + text.dropFirst(), in: home)
  }
}
