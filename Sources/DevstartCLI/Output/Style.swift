/// Colours, where they are wanted (ECMA-48, section 8.3.117).
package struct Style: Equatable, Sendable {
  package enum Colour: Sendable {
    case green, red, yellow, dim, bold
    /// One of six that tell services apart.
    case service(Int)
  }

  package var isColoured: Bool

  package init(isColoured: Bool) { self.isColoured = isColoured }

  /// The text in a colour, and plain again after it.
  package func paint(_ text: String, _ colour: Colour) -> String {
    guard isColoured, !text.isEmpty else { return text }
    return "\u{1B}[\(code(of: colour))m\(text)\u{1B}[0m"
  }

  private func code(of colour: Colour) -> String {
    switch colour {
    case .green: "32"
    case .red: "31"
    case .yellow: "33"
    case .dim: "2"
    case .bold: "1"
    case .service(let number): String([36, 33, 35, 32, 34, 31][number % 6])
    }
  }
}
