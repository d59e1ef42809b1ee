import DevstartCore
import DevstartPlatform

/// What `export` says beside what it writes.
enum ExportWording {
  /// A line for each fact, with the services that it is about: `api, bot: changed files …`.
  static func lines(of notes: [ExportNote], for target: ExportTarget) -> [String] {
    var facts: [(fact: ExportFact, services: [String])] = []
    var places: [ExportFact: Int] = [:]
    for note in notes {
      let place = places[note.fact] ?? facts.count
      if place == facts.count { facts.append((note.fact, [])) }
      places[note.fact] = place
      if let service = note.service { facts[place].services.append(service) }
    }
    return facts.map { fact, services in
      let words = TextWidth.harmless(fact.words(for: target))
      return services.isEmpty ? words : "\(services.joined(separator: ", ")): \(words)"
    }
  }

  static func unknownTarget(_ word: String?) -> String {
    let names = ExportTarget.allCases.map(\.rawValue)
    let list = names.dropLast().joined(separator: ", ") + " or " + (names.last ?? "")
    guard let word else { return "'export' needs to know for what: \(list)" }
    let nearest = Nearest.word(to: word, in: names)
    return "'\(TextWidth.harmless(word))' is nothing to export for"
      + UsageError.hint(nearest, else: "it is \(list)")
  }

  static func userElsewhere(_ target: ExportTarget) -> String {
    "--user means a user's systemd; '\(target.rawValue)' knows nothing like it"
  }

  static func foreignFile(_ path: String) -> String {
    "\(path) is there, and 'devstart export' did not write it; move it away, or name another "
      + "folder with --output"
  }

  static func cannotWrite(_ error: SystemError) -> String {
    "cannot write \(error.operand): \(error.reason); make it writable, or name another folder "
      + "with --output"
  }
}
