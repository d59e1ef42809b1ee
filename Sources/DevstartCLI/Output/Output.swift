package import DevstartCore
package import DevstartPlatform

/// Where everything that is said goes: people's lines and JSON to standard output, problems to
/// standard error. The one place that writes.
package final class Output {
  /// One JSON object on standard output, and nothing else.
  package let isJSON: Bool
  /// Of standard output, of standard error.
  package let style: Style
  package let problemStyle: Style
  /// Whether lines can be drawn again in their place.
  package let isLive: Bool
  /// Whether standard error is a terminal.
  package let showsProblemsOnTerminal: Bool

  private let screenSize: () -> (columns: Int, rows: Int)?
  private let put: (StandardStream, [UInt8]) -> StandardStream.Loss?
  private var pending: [UInt8] = []
  /// What came of standard output first; from then on nothing is written to it.
  package private(set) var loss: StandardStream.Loss?
  /// Whom a command waits for that may write nothing for long.
  package let reader = OutputReader(of: .output)

  /// The terminal as the environment describes it.
  package struct Terminal: Sendable {
    /// Whether standard output, standard error are terminals.
    package var output: Bool
    package var error: Bool
    /// `NO_COLOR`, `CI` and `TERM` (no-color.org).
    package var noColour: String?
    package var continuousIntegration: String?
    package var type: String?

    package init(
      output: Bool, error: Bool, noColour: String? = nil, continuousIntegration: String? = nil,
      type: String? = nil
    ) {
      self.output = output
      self.error = error
      self.noColour = noColour
      self.continuousIntegration = continuousIntegration
      self.type = type
    }

    /// Whether it can do more than print line after line.
    var isCapable: Bool { (continuousIntegration ?? "").isEmpty && type != "dumb" }
    var hasColours: Bool { isCapable && (noColour ?? "").isEmpty }
  }

  /// The same place, where lines are only ever added: for what shows what others write.
  package func onlyAdding() -> Output {
    flush()
    return Output(style: style, from: self)
  }

  private init(style: Style, from other: Output) {
    isJSON = other.isJSON
    self.style = style
    problemStyle = other.problemStyle
    showsProblemsOnTerminal = other.showsProblemsOnTerminal
    isLive = false
    screenSize = other.screenSize
    put = other.put
  }

  package init(
    isJSON: Bool, terminal: Terminal, screenSize: @escaping () -> (columns: Int, rows: Int)?,
    put: @escaping (StandardStream, [UInt8]) -> StandardStream.Loss?
  ) {
    self.isJSON = isJSON
    self.screenSize = screenSize
    self.put = put
    style = Style(isColoured: terminal.output && terminal.hasColours && !isJSON)
    problemStyle = Style(isColoured: terminal.error && terminal.hasColours)
    showsProblemsOnTerminal = terminal.error
    isLive = terminal.output && terminal.isCapable && !isJSON
  }

  /// The process's own streams.
  package static func standard(isJSON: Bool) -> Output {
    let variable = OwnProcess.environmentValue
    let terminal = Terminal(
      output: StandardStream.output.isTerminal, error: StandardStream.error.isTerminal,
      noColour: variable("NO_COLOR"), continuousIntegration: variable("CI"),
      type: variable("TERM"))
    return Output(
      isJSON: isJSON, terminal: terminal, screenSize: { StandardStream.output.size },
      put: { $0.put($1) })
  }

  /// Columns and rows of a live terminal; 80 by 24 where it does not tell.
  package var size: (columns: Int, rows: Int) { screenSize() ?? (80, 24) }

  /// The columns that a line may take; nil where there is no edge.
  package var width: Int? { isLive ? size.columns : nil }

  /// A line for people; nothing where JSON is asked for.
  package func line(_ text: String) {
    guard !isJSON else { return }
    pending += text.utf8
    pending.append(UInt8(ascii: "\n"))
  }

  /// Bytes for people as they are: a live terminal's, or a log's.
  package func bytes(_ bytes: some Sequence<UInt8>) {
    if !isJSON { pending += bytes }
  }

  /// The answer of a command with `--json`.
  package func json(_ json: JSON) {
    pending += json.indentedText.utf8
    pending.append(UInt8(ascii: "\n"))
  }

  /// What went wrong, or is to be known: `devstart: …` on standard error, at once.
  package func problem(_ text: String, _ colour: Style.Colour = .red) {
    flush()
    let prefix = problemStyle.paint("devstart:", colour)
    _ = put(.error, Array("\(prefix) \(text)\n".utf8))
  }

  /// A problem that says itself where it is: `devstart.json:4:7: …`.
  package func located(_ text: String) {
    flush()
    _ = put(.error, Array("\(text)\n".utf8))
  }

  /// A line that belongs to the problem before it, as it is.
  package func problemDetail(_ text: String) {
    flush()
    _ = put(.error, Array("  \(text)\n".utf8))
  }

  /// Notices that nobody reads any more, though there is nothing to write.
  package func lookForReader() {
    if loss == nil, reader.isGone { loss = .readerGone }
  }

  /// Writes what was collected, in one call.
  package func flush() {
    guard !pending.isEmpty else { return }
    if loss == nil { loss = put(.output, pending) }
    pending.removeAll(keepingCapacity: true)
  }
}
