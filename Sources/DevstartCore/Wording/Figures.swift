/// Numbers as people read them; no locale, so that they can be searched for.
package enum Figures {
  /// `0.21 s`, `12.3 s`, `4m05s`, `2h07m`, `3d04h`.
  package static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds > 0 else { return "0.00 s" }
    if seconds < 9.995 { return decimals(seconds, 2) + " s" }
    if seconds < 59.95 { return decimals(seconds, 1) + " s" }
    let whole = Int(min(seconds, 1e12).rounded())
    if whole < 3600 { return "\(whole / 60)m\(two(whole % 60))s" }
    if whole < 86_400 { return "\(whole / 3600)h\(two(whole / 60 % 60))m" }
    return "\(whole / 86_400)d\(two(whole / 3600 % 24))h"
  }

  /// A time that still grows: `1.2 s`, `4m05s`.
  package static func growing(_ seconds: Double) -> String {
    seconds < 59.95 ? decimals(max(0, seconds), 1) + " s" : duration(seconds)
  }

  /// `512 B`, `8.5 MB`, `2.4 GB`: powers of 1024.
  package static func bytes(_ count: Int) -> String {
    var value = Double(max(0, count))
    var unit = 0
    while value >= 1023.5, unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    return decimals(value, unit == 0 || value >= 99.95 ? 0 : 1) + units[unit]
  }

  private static let units = [" B", " KB", " MB", " GB", " TB"]

  /// `1.5%`.
  package static func percent(_ value: Double) -> String {
    decimals(value, value < 99.95 ? 1 : 0) + "%"
  }

  /// `1 process`, `3 processes`.
  package static func count(_ number: Int, _ one: String, _ many: String) -> String {
    "\(number) \(number == 1 ? one : many)"
  }

  private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  private static func decimals(_ value: Double, _ places: Int) -> String {
    let scale = places == 0 ? 1 : places == 1 ? 10 : 100
    let scaled = Int((max(0, min(value, 1e12)) * Double(scale)).rounded())
    guard places > 0 else { return String(scaled) }
    // Put together piece by piece: interpolation takes ten times as long, for each cell.
    var text = String(scaled / scale)
    text += places == 2 && scaled % scale < 10 ? ".0" : "."
    text += String(scaled % scale)
    return text
  }
}
