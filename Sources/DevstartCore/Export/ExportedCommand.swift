/// A command's argument vector with what has to be put before it, where the target cannot say it
/// in its own way.
struct ExportedCommand: Equatable {
  var arguments: [String]

  /// The command as it is, for a container: relative to a folder that the container has.
  init(_ command: Command) { arguments = command.argumentVector }

  /// The command for this machine: a relative path becomes absolute, as targets look it up from
  /// other folders than `folder`. It is not tidied: behind a link, `..` is another folder than
  /// the text says.
  init(_ command: Command, in folder: String) {
    arguments = command.argumentVector
    if isPath, !arguments[0].hasPrefix("/") {
      let program = arguments[0].hasPrefix("./") ? String(arguments[0].dropFirst(2)) : arguments[0]
      arguments[0] = (folder == "/" ? "" : folder) + "/" + program
    }
  }

  /// Whether the program is named by a path, and is not looked up.
  var isPath: Bool { arguments[0].utf8.contains(UInt8(ascii: "/")) }

  /// By env(1), with these variables; without any, it only looks the program up in the `PATH` of
  /// the service's own environment.
  mutating func setVariables(_ variables: [(name: String, value: String)] = []) {
    // A program's name with `=` would be one more variable.
    let isVariable = arguments[0].utf8.contains(UInt8(ascii: "="))
    let runner = isVariable ? ["/bin/sh", "-c", #"exec "$0" "$@""#] : []
    arguments =
      ["/usr/bin/env", "--"] + variables.map { "\($0.name)=\($0.value)" } + runner + arguments
  }

  /// By a shell that changes to the folder first.
  mutating func changeFolder(to folder: String) {
    arguments = ["/bin/sh", "-c", #"cd -- "$0" && exec "$@""#, folder] + arguments
  }

  /// By a shell that prints the command before it executes it, so that it is all on one line.
  mutating func printOnOneLine() {
    let script = "exec " + ShellText.quoted(arguments)
    arguments = ["/bin/sh", "-c", ShellText.evaluatePrinted, ShellText.printfEscaped(script)]
  }
}

extension Service {
  /// What the manifest adds to the environment, and what devstart adds itself, by name.
  var exportedVariables: [(name: String, value: String)] {
    var variables = environment
    if variables["PYTHONUNBUFFERED"] == nil { variables["PYTHONUNBUFFERED"] = "1" }
    return variables.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}

extension Duration {
  /// `1.5`: seconds, with as many decimals as there are.
  var decimalSeconds: String {
    let fraction = String(nanoseconds % 1_000_000_000)
    var digits = String(repeating: "0", count: 9 - fraction.count) + fraction
    while digits.last == "0" { digits.removeLast() }
    return String(nanoseconds / 1_000_000_000) + (digits.isEmpty ? "" : "." + digits)
  }

  /// Rounded up: nothing ends sooner than the manifest says.
  var wholeSeconds: Int { Int((nanoseconds - 1) / 1_000_000_000 + (nanoseconds > 0 ? 1 : 0)) }

  var isWholeSeconds: Bool { nanoseconds % 1_000_000_000 == 0 }
}
