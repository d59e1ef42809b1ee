/// Values as supervisord's configuration takes them: an INI file of Python's `configparser`, in
/// which ` ;` and ` #` begin a comment even in quotes, then `%` formatting, then `shlex`.
enum SupervisordText {
  /// A command line for `command=`.
  static func commandLine(_ command: ExportedCommand) -> String {
    var command = command
    if !command.arguments.allSatisfy(ShellText.fitsLine) { command.printOnOneLine() }
    return command.arguments.map(word).joined(separator: " ")
  }

  /// No `;` or `#` follows a blank: before each, the quotes end and begin again.
  private static func word(_ text: String) -> String {
    ShellText.quoted(text).replacing("%", with: "%%").replacing(";", with: "'';")
      .replacing("#", with: "''#")
  }

  /// What `environment=` takes: it knows no escapes, and strips quotes off a value's ends.
  static func takes(variable: (name: String, value: String)) -> Bool {
    VariableName.isShellName(variable.name) && ShellText.fitsLine(variable.value)
      && !variable.value.utf8.contains { "\"';#\\".utf8.contains($0) }
  }

  static func variables(_ variables: [(name: String, value: String)]) -> String {
    variables.map { "\($0.name)=\"\($0.value.replacing("%", with: "%%"))\"" }
      .joined(separator: ",")
  }

  /// Whether `directory=`, which has no quotes, can say this path.
  static func takes(folder path: String) -> Bool {
    ShellText.fitsLine(path) && path.trimmingBlanks.count == path.count
      && !path.utf8.contains { ";#".utf8.contains($0) }
  }
}
