/// Text for `sh` (POSIX, Shell Command Language).
package enum ShellText {
  /// The word as it is where a shell takes it so, else in single quotes.
  package static func quoted(_ word: String) -> String {
    let isPlain =
      !word.isEmpty
      && word.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "/"),
          UInt8(ascii: ":"), UInt8(ascii: ","), UInt8(ascii: "+"), UInt8(ascii: "@"):
          true
        // An assignment is none in the middle of a command, but reads like one.
        default: false
        }
      }
    return isPlain ? word : "'" + word.replacing("'", with: #"'"'"'"#) + "'"
  }

  static func quoted(_ words: [String]) -> String {
    words.map { quoted($0) }.joined(separator: " ")
  }

  /// Whether a format of lines can hold it: no line breaks, those of Unicode among them, as
  /// Python's `splitlines` breaks there, and no other control characters.
  static func fitsLine(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { !breaksLine($0) }
  }

  private static func breaksLine(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x20 && scalar != "\t" || (0x7F...0x9F).contains(scalar.value)
      || scalar == "\u{2028}" || scalar == "\u{2029}"
  }

  /// A code point that is no character and never will be (Unicode, section 23.7): some readers
  /// take it for broken UTF-8.
  static func isNoncharacter(_ scalar: Unicode.Scalar) -> Bool {
    (0xFDD0...0xFDEF).contains(scalar.value) || scalar.value & 0xFFFE == 0xFFFE
  }

  /// The text as printf(1) makes it of `%b`: on one line, and without dollars.
  static func printfEscaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      if scalar == "\\" {
        escaped += #"\\"#
      } else if scalar == "\n" {
        escaped += #"\n"#
      } else if scalar == "$" || breaksLine(scalar) || isNoncharacter(scalar) {
        for byte in String(scalar).utf8 {
          let digits = String(byte, radix: 8)
          escaped += #"\0"# + String(repeating: "0", count: 3 - digits.count) + digits
        }
      } else {
        escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  /// What `sh -c` makes of the script that `printf` writes from `$0`. The script ends with no
  /// line break: `$(…)` would take it away.
  static let evaluatePrinted = #"eval "$(printf %b "$0")""#
}
