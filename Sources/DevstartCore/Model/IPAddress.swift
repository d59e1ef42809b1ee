/// An IP address, as a number in the order in which it is written.
package enum IPAddress: Hashable, Sendable {
  case version4(UInt32)
  /// The first 64 bits and the last.
  case version6(UInt64, UInt64)

  /// 127.0.0.1.
  package static let loopback4 = IPAddress.version4(0x7f00_0001)
  /// ::1.
  package static let loopback6 = IPAddress.version6(0, 1)

  /// Reads `127.0.0.1`, or an IPv6 address in any of the forms of RFC 4291, section 2.2, without
  /// a zone; nil where the text is neither.
  package init?(_ text: some StringProtocol) {
    if let number = Self.version4(text) {
      self = .version4(number)
    } else if let groups = Self.groups(text) {
      let halves = [groups[..<4], groups[4...]].map { $0.reduce(0) { $0 << 16 | UInt64($1) } }
      self = .version6(halves[0], halves[1])
    } else {
      return nil
    }
  }

  /// The IPv4 address that an IPv6 one stands for (`::ffff:127.0.0.1`); any other is itself.
  package var unmapped: IPAddress {
    guard case .version6(0, let last) = self, last >> 32 == 0xffff else { return self }
    return .version4(UInt32(truncatingIfNeeded: last))
  }

  private static func version4(_ text: some StringProtocol) -> UInt32? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var number: UInt32 = 0
    for part in parts {
      // A leading zero means octal to some and nothing to others.
      guard let byte = DecimalNumber(part, upTo: 255), part.utf8.count == 1 || part.first != "0"
      else { return nil }
      number = number << 8 | UInt32(byte.value)
    }
    return number
  }

  /// The eight groups of 16 bits.
  private static func groups(_ text: some StringProtocol) -> [UInt16]? {
    var halves: [[UInt16]] = []
    var rest = Substring(text)
    if let gap = rest.firstRange(of: "::") {
      guard let head = list(rest[..<gap.lowerBound], mayEndInVersion4: false) else { return nil }
      halves.append(head)
      rest = rest[gap.upperBound...]
    }
    guard let tail = list(rest, mayEndInVersion4: true) else { return nil }
    guard let head = halves.first else { return tail.count == 8 ? tail : nil }
    let missing = 8 - head.count - tail.count
    return missing > 0 ? head + Array(repeating: 0, count: missing) + tail : nil
  }

  private static func list(_ text: Substring, mayEndInVersion4: Bool) -> [UInt16]? {
    if text.isEmpty { return [] }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    var groups: [UInt16] = []
    for (index, part) in parts.enumerated() {
      if mayEndInVersion4, index == parts.count - 1, let number = version4(part) {
        groups += [UInt16(number >> 16), UInt16(truncatingIfNeeded: number)]
        continue
      }
      guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy(\.isHexDigit),
        let group = UInt16(part, radix: 16)
      else { return nil }
      groups.append(group)
    }
    return groups.count <= 8 ? groups : nil
  }
}

/// A whole number of decimal digits and nothing else: no sign, as Swift's own reading allows.
struct DecimalNumber {
  let value: Int

  init?(_ text: some StringProtocol, upTo most: Int) {
    guard !text.isEmpty, text.utf8.count <= 9,
      text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      let value = Int(text), value <= most
    else { return nil }
    self.value = value
  }
}

extension UInt8 {
  fileprivate var isHexDigit: Bool { Character(Unicode.Scalar(self)).isHexDigit }
}
