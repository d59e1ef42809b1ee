/// Values as systemd's unit files take them (systemd.syntax(7), systemd.unit(5)).
enum SystemdText {
  /// One word of a command line or of `Environment=`: in double quotes, with C escapes, unless it
  /// is plain. Specifiers are doubled; `$` is left alone.
  static func word(_ text: String) -> String {
    let isPlain =
      !text.isEmpty
      && text.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "/"),
          UInt8(ascii: ":"), UInt8(ascii: ","), UInt8(ascii: "+"), UInt8(ascii: "@"),
          UInt8(ascii: "="):
          true
        default: false
        }
      }
    return isPlain ? text : "\"" + text.unicodeScalars.map(escaped).joined() + "\""
  }

  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "%": return "%%"
    case "\\": return #"\\"#
    case "\"": return #"\""#
    case "\n": return #"\n"#
    case "\t": return #"\t"#
    case "\r": return #"\r"#
    case _ where scalar.value < 0x20 || scalar.value == 0x7F:
      let digits = String(scalar.value, radix: 16)
      return #"\x"# + (digits.count < 2 ? "0" : "") + digits
    case _: return String(scalar)
    }
  }

  /// The command line of `ExecStart=` and its kin. What has a `$` gets the prefix `:`, so that
  /// systemd puts nothing in for it; `variables` are those that the unit cannot set itself.
  static func commandLine(
    _ command: ExportedCommand, variables: [(name: String, value: String)] = [],
    hasOwnPath: Bool = false
  ) -> String {
    var command = command
    if needsRunner(command, hasOwnPath: hasOwnPath) || !variables.isEmpty {
      command.setVariables(variables)
    }
    if !command.arguments.allSatisfy(isText) { command.printOnOneLine() }
    let hasDollar = command.arguments.contains { $0.utf8.contains(UInt8(ascii: "$")) }
    return (hasDollar ? ":" : "") + command.arguments.map(word).joined(separator: " ")
  }

  /// Whether systemd cannot find or take the program by itself: it looks names up in a path of
  /// its own, reads some first characters as its own, and refuses some in paths.
  private static func needsRunner(_ command: ExportedCommand, hasOwnPath: Bool) -> Bool {
    let program = command.arguments[0]
    let isRefused = program.unicodeScalars.contains { scalar in
      scalar.value < 0x20 || scalar.value == 0x7F || #"\"'"#.unicodeScalars.contains(scalar)
    }
    if isRefused { return true }
    guard !command.isPath else { return false }
    return hasOwnPath || program.utf8.first.map { "@-:+!|".utf8.contains($0) } == true
  }

  /// Whether systemd takes it for text at all.
  private static func isText(_ text: String) -> Bool {
    !text.unicodeScalars.contains(where: ShellText.isNoncharacter)
  }

  /// What `Environment=` takes.
  static func takes(variable: (name: String, value: String)) -> Bool {
    VariableName.isShellName(variable.name) && isText(variable.value)
  }

  /// Whether `WorkingDirectory=`, which has no quotes, can say this path.
  static func takes(folder path: String) -> Bool {
    ShellText.fitsLine(path) && path.trimmingBlanks.count == path.count && !path.hasSuffix("\\")
      && isText(path)
  }

  /// Text to the end of a line.
  static func line(_ text: String) -> String {
    let scalars = text.printable.unicodeScalars.map {
      ShellText.isNoncharacter($0) ? "\u{FFFD}" : $0
    }
    return String(String.UnicodeScalarView(scalars)).replacing("%", with: "%%")
  }

  /// Part of a unit's name (systemd.unit(5)), from any text.
  static func unitName(_ text: String) -> String {
    let name = String(
      text.unicodeScalars.prefix(100).map { scalar -> Character in
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_", ".", "-": Character(scalar)
        case _: "-"
        }
      })
    let start = name.drop { $0 == "-" || $0 == "." }
    return start.isEmpty ? "project" : String(start)
  }
}
