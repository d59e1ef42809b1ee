/// One key of the manifest for one start: `services.bot.limits.maxRuntime=1h`.
package struct Setting: Equatable, Sendable {
  package let keyPath: String
  /// JSON, or the text itself where it is none: most values are texts, and a shell eats quotes.
  let text: String

  var bytes: [UInt8] { Array(text.utf8) }

  /// nil where the text has no `=`, or nothing before it.
  package init?(_ text: String) {
    guard let equals = text.firstIndex(of: "="), equals > text.startIndex else { return nil }
    keyPath = String(text[..<equals])
    self.text = String(text[text.index(after: equals)...])
    guard !keyPath.split(separator: ".", omittingEmptySubsequences: false).contains("") else {
      return nil
    }
  }

  /// The manifest that says only this, to be merged over the one that it is for. `source` is the
  /// number of its text among those that were merged.
  func json(for manifest: JSON, source: UInt8) -> JSON {
    var value: JSON
    do {
      value = try JSON.parse(bytes, dialect: .manifest, source: source)
    } catch {
      value = JSON(.string(text), source: source)
    }
    for key in keys(in: manifest).reversed() {
      value = JSON(.object([JSON.Member(key: key, value: value)]), source: source)
    }
    return value
  }

  /// The path's parts; names may have dots, so that the longest key that is there is meant.
  private func keys(in manifest: JSON) -> [String] {
    var keys: [String] = []
    var rest = keyPath[...]
    var level: JSON? = manifest
    while !rest.isEmpty {
      let known = (level?.members ?? []).map(\.key)
        .filter { rest == $0 || rest.hasPrefix($0 + ".") }
        .max { $0.utf8.count < $1.utf8.count }
      let key = known ?? String(rest.prefix { $0 != "." })
      keys.append(key)
      level = level?[key]
      rest = rest.dropFirst(key.count).drop { $0 == "." }
    }
    return keys
  }
}
