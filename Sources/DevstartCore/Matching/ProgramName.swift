/// Programs by name: interpreters are installed under several that differ by a version.
package enum ProgramName {
  /// `python` for `/usr/bin/python3.11`, `clang` for `clang-17`; a short name that a digit is
  /// part of stays: `k6`, `s3`.
  package static func withoutVersion(_ path: String) -> String {
    let name = FilePath.name(of: path)
    guard let end = name.utf8.lastIndex(where: { !isVersionByte($0) }) else { return name }
    var stem = name[...end]
    if stem.utf8.count < name.utf8.count, stem.hasSuffix("-") { stem = stem.dropLast() }
    return stem.utf8.count > 1 ? String(stem) : name
  }

  private static func isVersionByte(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || byte == UInt8(ascii: ".")
  }

  /// Programs that become the one that their arguments name.
  static let launchers: Set<String> = ["env", "nohup", "setsid"]
}

extension Command {
  /// The service's own program or interpreter, without path and version: `python`. The shell,
  /// where it is the shell that has work to do.
  package var programName: String {
    switch self {
    case .arguments(let arguments): Self.program(of: arguments)
    case .shell(let text): SimpleCommand.words(text).map { Self.program(of: $0) } ?? "sh"
    }
  }

  private static func program(of arguments: [String]) -> String {
    var rest = arguments[...]
    while let first = rest.first, ProgramName.launchers.contains(FilePath.name(of: first)) {
      let inner = rest.dropFirst().drop { SimpleCommand.isAssignment($0) }
      // With options of its own it is not plain which argument is the program.
      guard let next = inner.first, !next.hasPrefix("-") else { break }
      rest = inner
    }
    return ProgramName.withoutVersion(rest.first ?? "sh")
  }
}
