/// UTC times as RFC 3339 has them, to the millisecond: `2026-01-02T03:04:05.678Z`.
package enum Timestamp {
  /// `milliseconds` since 1970.
  package static func text(_ milliseconds: Int) -> String {
    let (days, ofDay) = milliseconds.floored(by: 86_400_000)
    let date = civilDate(days: days)
    let clock = [
      padded(ofDay / 3_600_000, 2), padded(ofDay / 60_000 % 60, 2), padded(ofDay / 1000 % 60, 2),
    ].joined(separator: ":")
    return "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))"
      + "T\(clock).\(padded(ofDay % 1000, 3))Z"
  }

  /// Milliseconds since 1970; nil where the text has another shape.
  package static func milliseconds(_ text: String) -> Int? {
    let bytes = Array(text.utf8)
    guard bytes.count == 24, bytes[10] == UInt8(ascii: "T"), bytes[23] == UInt8(ascii: "Z") else {
      return nil
    }
    func number(_ range: Range<Int>) -> Int? { Int(String(decoding: bytes[range], as: UTF8.self)) }
    guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
      let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
      let thousandth = number(20..<23)
    else { return nil }
    let seconds =
      dayNumber(year: year, month: month, day: day) * 86_400
      + hour * 3600 + minute * 60 + second
    return seconds * 1000 + thousandth
  }

  /// The proleptic Gregorian date of a day counted from 1970-01-01, by 400-year eras of
  /// 146,097 days that begin on a 1st of March.
  private static func civilDate(days: Int) -> (year: Int, month: Int, day: Int) {
    let (era, dayOfEra) = (days + 719_468).floored(by: 146_097)
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (
      era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month,
      dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    )
  }

  private static func dayNumber(year: Int, month: Int, day: Int) -> Int {
    let (era, yearOfEra) = (year - (month <= 2 ? 1 : 0)).floored(by: 400)
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  private static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}

extension Int {
  /// Quotient rounded down, and the remainder that is never negative.
  fileprivate func floored(by divisor: Int) -> (Int, Int) {
    let quotient = self >= 0 ? self / divisor : (self + 1) / divisor - 1
    return (quotient, self - quotient * divisor)
  }
}
