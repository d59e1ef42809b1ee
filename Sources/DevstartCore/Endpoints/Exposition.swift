/// Writes metrics as Prometheus reads them: its text format 0.0.4, or OpenMetrics 1.0.
struct Exposition {
  enum Kind { case gauge, counter, info }

  struct Sample {
    let labels: [(name: String, value: String)]
    let value: Double

    init(_ value: Double, _ labels: (name: String, value: String)...) {
      self.labels = labels
      self.value = value
    }
  }

  /// The same name has a place in both formats: OpenMetrics names a family without its ending.
  private let isOpenMetrics: Bool
  private var output: [UInt8] = []

  init(_ format: MetricsFormat) { isOpenMetrics = format == .openMetrics }

  /// One family; nothing where it has no samples. `name` is without `_total` or `_info`.
  mutating func family(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample]) {
    guard !samples.isEmpty else { return }
    let full: String
    switch kind {
    case .gauge: full = name
    case .counter: full = name + "_total"
    case .info: full = name + "_info"
    }
    let shown = isOpenMetrics ? name : full
    write("# HELP \(shown) \(Self.escaped(help, quote: isOpenMetrics))\n")
    write("# TYPE \(shown) \(typeName(kind))\n")
    if isOpenMetrics,
      let unit = ["seconds", "bytes", "cores"].first(where: { name.hasSuffix("_" + $0) })
    {
      write("# UNIT \(name) \(unit)\n")
    }
    for sample in samples { write(sample, of: full) }
  }

  /// All of it.
  consuming func finished() -> [UInt8] {
    if isOpenMetrics { write("# EOF\n") }
    return output
  }

  private func typeName(_ kind: Kind) -> String {
    switch kind {
    case .gauge: "gauge"
    case .counter: "counter"
    case .info: isOpenMetrics ? "info" : "gauge"
    }
  }

  private mutating func write(_ text: String) { output.append(contentsOf: text.utf8) }

  private mutating func write(_ sample: Sample, of name: String) {
    write(name)
    for (index, label) in sample.labels.enumerated() {
      write(index == 0 ? "{" : ",")
      write(label.name)
      write("=\"")
      write(Self.escaped(label.value, quote: true))
      write("\"")
    }
    write(sample.labels.isEmpty ? " " : "} ")
    write(Self.number(sample.value))
    write("\n")
  }

  private static func number(_ value: Double) -> String {
    let value = rounded(value)
    return abs(value) < 1e15 && value == value.rounded() ? String(Int(value)) : value.description
  }

  private static func escaped(_ text: String, quote: Bool) -> String {
    let needsNone = text.utf8.allSatisfy {
      $0 != UInt8(ascii: "\\") && $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\"")
    }
    if needsNone { return text }
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": escaped += "\\\\"
      case "\n": escaped += "\\n"
      case "\"" where quote: escaped += "\\\""
      case _: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
