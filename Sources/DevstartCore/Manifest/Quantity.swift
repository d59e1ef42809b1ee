/// Durations and sizes as people write them.
package enum Quantity {
  /// `1.5s`, `200ms`, `5m`, `24h`, `7d`, and several in a row: `1h30m`; `0` needs a unit too.
  /// nil where the text is something else or longer than a century.
  package static func duration(_ text: String) -> Duration? {
    var rest = text[...]
    var total = 0.0
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
      guard let number = leadingNumber(&rest), let unit = leadingUnit(&rest),
        let seconds = secondsPerUnit(unit)
      else { return nil }
      total += number * seconds
    }
    guard total <= 100 * 366 * 86_400 else { return nil }
    return .nanoseconds(Int64((total * 1e9).rounded()))
  }

  /// Bytes: `512MB`, `2GB`, `1.5GiB`, `100KB`, `4096B`; units are powers of 1024.
  package static func size(_ text: String) -> Int? {
    var rest = text[...]
    guard let number = leadingNumber(&rest), let unit = leadingUnit(&rest), rest.isEmpty,
      let factor = bytesPerUnit(unit)
    else { return nil }
    let bytes = (number * factor).rounded()
    return bytes < Double(1 << 62) ? Int(bytes) : nil
  }

  private static func secondsPerUnit(_ unit: Substring) -> Double? {
    switch unit {
    case "ms": 0.001
    case "s": 1
    case "m": 60
    case "h": 3600
    case "d": 86_400
    default: nil
    }
  }

  private static func bytesPerUnit(_ unit: Substring) -> Double? {
    switch unit.uppercased() {
    case "B": 1
    case "K", "KB", "KIB": 1024
    case "M", "MB", "MIB": 1_048_576
    case "G", "GB", "GIB": 1_073_741_824
    case "T", "TB", "TIB": 1_099_511_627_776
    default: nil
    }
  }

  private static func leadingNumber(_ rest: inout Substring) -> Double? {
    let digits = rest.utf8.prefix { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
    // `.5` and `5.` are more likely slips than numbers.
    guard digits.count <= 20, digits.first != UInt8(ascii: "."), digits.last != UInt8(ascii: "."),
      let number = whole(digits) ?? Double(Substring(digits))
    else { return nil }
    rest = rest[digits.endIndex...]
    return number
  }

  /// Most numbers have no fraction, and need no parser of fractions.
  private static func whole(_ digits: Substring.UTF8View) -> Double? {
    guard !digits.isEmpty, digits.count <= 15 else { return nil }
    var number = 0
    for digit in digits {
      guard digit != UInt8(ascii: ".") else { return nil }
      number = number * 10 + Int(digit - 0x30)
    }
    return Double(number)
  }

  private static func leadingUnit(_ rest: inout Substring) -> Substring? {
    let letters = rest.utf8.prefix { (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) }
    guard !letters.isEmpty else { return nil }
    defer { rest = rest[letters.endIndex...] }
    return Substring(letters)
  }
}
