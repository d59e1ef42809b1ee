/// Shell text that is one plain command: words and simple quotes, nothing for a shell to do.
package enum SimpleCommand {
  /// The words that the command is executed with; nil where the shell would do more than split
  /// and run: expand, redirect, combine, or run a word of its own.
  package static func words(_ text: String) -> [String]? {
    guard var words = split(text) else { return nil }
    // Assignments before the command go to its environment; `exec` is the shell's.
    while let first = words.first, isAssignment(first) { words.removeFirst() }
    if words.first == "exec" { words.removeFirst() }
    guard let first = words.first, !first.isEmpty, !shellWords.contains(first) else { return nil }
    return words
  }

  /// `NAME=value`.
  static func isAssignment(_ word: String) -> Bool {
    guard let equals = word.firstIndex(of: "=") else { return false }
    return VariableName.isShellName(word[..<equals])
  }

  /// Reserved words and built-in commands that never are a process of their own.
  private static let shellWords: Set<String> = [
    "!", "{", "}", "case", "do", "done", "elif", "else", "esac", "fi", "for", "if", "in", "then",
    "until", "while", ".", ":", "alias", "break", "cd", "command", "continue", "eval", "exec",
    "exit", "export", "read", "readonly", "return", "set", "shift", "source", "trap", "ulimit",
    "umask", "unset", "wait",
  ]

  private static func split(_ text: String) -> [String]? {
    var words: [String] = []
    var word: [UInt8]?
    var quote: UInt8?
    for byte in text.utf8 {
      if let open = quote {
        if byte == open {
          quote = nil
        } else if open == UInt8(ascii: "\""), isActiveInQuotes(byte) {
          return nil
        } else {
          word?.append(byte)
        }
        continue
      }
      switch byte {
      case 0x20, 0x09:
        if let finished = word { words.append(String(decoding: finished, as: UTF8.self)) }
        word = nil
      case UInt8(ascii: "'"), UInt8(ascii: "\""):
        quote = byte
        word = word ?? []
      case _ where isActive(byte): return nil
      case UInt8(ascii: "#") where word == nil, UInt8(ascii: "~") where word == nil: return nil
      default: word = (word ?? []) + [byte]
      }
    }
    guard quote == nil else { return nil }
    if let finished = word { words.append(String(decoding: finished, as: UTF8.self)) }
    return words
  }

  private static func isActive(_ byte: UInt8) -> Bool {
    #"|&;<>()$`\*?["#.utf8.contains(byte) || byte == 0x0A || byte == 0x0D
  }

  private static func isActiveInQuotes(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "$") || byte == UInt8(ascii: "`") || byte == UInt8(ascii: "\\")
  }
}
