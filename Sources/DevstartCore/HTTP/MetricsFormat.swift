/// The ways in which metrics are written.
package enum MetricsFormat: CaseIterable, Equatable, Sendable {
  case json
  /// The Prometheus text format, version 0.0.4.
  case prometheus
  case openMetrics

  package var contentType: String {
    switch self {
    case .json: "application/json"
    case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
    case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
    }
  }

  private var mediaType: (type: String, subtype: String) {
    switch self {
    case .json: ("application", "json")
    case .prometheus: ("text", "plain")
    case .openMetrics: ("application", "openmetrics-text")
    }
  }

  /// What `Accept` likes best (RFC 9110, section 12.5.1). Among equals, what it names stands
  /// before what a `*` covers, and JSON before the others; JSON too where it takes none of them.
  package init(accept: String?) {
    let ranges = (accept ?? "*/*").split(separator: ",").compactMap { MediaRange($0) }
    var best = (format: MetricsFormat.json, weight: 0.0, precision: -1)
    for format in Self.allCases {
      let (type, subtype) = format.mediaType
      let fitting = ranges.filter { $0.covers(type, subtype) }
      guard let precision = fitting.map(\.precision).max() else { continue }
      let weight = fitting.filter { $0.precision == precision }.map(\.weight).max() ?? 0
      if weight > 0, (weight, precision) > (best.weight, best.precision) {
        best = (format, weight, precision)
      }
    }
    self = best.format
  }
}

/// One of the media ranges in `Accept`: `text/plain;version=0.0.4;q=0.5`.
private struct MediaRange {
  let type: String
  let subtype: String
  /// From 0 to 1.
  let weight: Double

  /// nil where the text is none; what nobody understands is passed over.
  init?(_ text: Substring) {
    let parts = text.split(separator: ";", omittingEmptySubsequences: false).map(Self.trimmed)
    let names = (parts.first ?? "").lowercased().split(
      separator: "/", omittingEmptySubsequences: false)
    guard names.count == 2, !names[0].isEmpty, !names[1].isEmpty else { return nil }
    (type, subtype) = (String(names[0]), String(names[1]))
    var weight = 1.0
    for parameter in parts.dropFirst() where parameter.lowercased().hasPrefix("q=") {
      guard let value = Double(parameter.dropFirst(2)), (0...1).contains(value) else { return nil }
      weight = value
    }
    self.weight = weight
  }

  private static func trimmed(_ text: Substring) -> Substring {
    let isBlank = { (character: Character) in character == " " || character == "\t" }
    var text = text.drop(while: isBlank)
    while let last = text.last, isBlank(last) { text.removeLast() }
    return text
  }

  /// 2 for a type by name, 1 for `text/*`, 0 for `*/*`.
  var precision: Int { (type == "*" ? 0 : 1) + (subtype == "*" ? 0 : 1) }

  func covers(_ type: String, _ subtype: String) -> Bool {
    (self.type == "*" || self.type == type) && (self.subtype == "*" || self.subtype == subtype)
  }
}
