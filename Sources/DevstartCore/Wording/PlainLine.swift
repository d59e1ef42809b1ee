/// A line of a service's output as it may stand in a report: without control characters and
/// terminal sequences (ECMA-48), and not longer than people read.
package struct PlainLine: Equatable, Sendable {
  private static let longest = 200

  package let text: String

  package init(_ bytes: some Sequence<UInt8>) {
    var plain: [UInt8] = []
    var sequence = Escape.none
    for byte in bytes {
      switch (sequence, byte) {
      case (.none, 0x1B): sequence = .begun
      case (.none, 0x09): plain.append(0x20)
      case (.none, 0x00..<0x20), (.none, 0x7F): break
      case (.none, _): plain.append(byte)
      case (.begun, UInt8(ascii: "[")): sequence = .control
      case (.begun, UInt8(ascii: "]")): sequence = .command
      case (.begun, _): sequence = .none
      // A control sequence ends with its first byte from @ to ~.
      case (.control, 0x40...0x7E): sequence = .none
      case (.control, _): break
      // An operating system command ends with BEL, or with ESC \.
      case (.command, 0x07): sequence = .none
      case (.command, 0x1B): sequence = .begun
      case (.command, _): break
      }
    }
    let whole = String(decoding: plain, as: UTF8.self).trimmingBlanks
    text = whole.count > Self.longest ? "\(whole.prefix(Self.longest - 1))…" : String(whole)
  }

  private enum Escape {
    case none, begun, control, command
  }
}
