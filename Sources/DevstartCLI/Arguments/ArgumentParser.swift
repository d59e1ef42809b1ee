import DevstartCore

/// Reads a command line: `devstart [FLAG…] COMMAND [FLAG | OPERAND]… [-- …]`. Flags may stand
/// anywhere before `--`, as `--flag value`, `--flag=value`, `-n 5` or `-n5`.
package struct ArgumentParser {
  private var rest: ArraySlice<String>
  private var invocation = Invocation()
  private var flags: [Flag] = []
  private var isFirstWord = true

  /// `arguments` are those after the program's name.
  package static func parse(_ arguments: [String]) throws(UsageError) -> Invocation {
    var parser = ArgumentParser(rest: arguments[...])
    return try parser.parse()
  }

  /// Whether the answer is to be JSON, also where the command line makes no sense.
  package static func asksForJSON(_ arguments: [String]) -> Bool {
    arguments.prefix { $0 != "--" }.contains(Flag.json.text)
  }

  private init(rest: ArraySlice<String>) { self.rest = rest }

  private mutating func parse() throws(UsageError) -> Invocation {
    while let argument = rest.popFirst() {
      if argument == "--" {
        takeTail()
      } else if argument.hasPrefix("--") {
        try takeLongFlag(argument)
      } else if argument.hasPrefix("-"), argument != "-" {
        try takeLetters(argument)
      } else {
        try takeWord(argument)
      }
    }
    try validate()
    return invocation
  }

  private mutating func takeTail() {
    if invocation.command == .smoke {
      invocation.tail = Array(rest)
    } else {
      invocation.operands += rest
      if invocation.command == nil, !rest.isEmpty { startIsMeant() }
    }
    rest = []
  }

  private mutating func startIsMeant() {
    invocation.command = .start
    invocation.isShorthand = true
  }

  private mutating func takeWord(_ word: String) throws(UsageError) {
    defer { isFirstWord = false }
    guard isFirstWord else {
      invocation.operands.append(word)
      return
    }
    if let command = CommandName(rawValue: word) {
      invocation.command = command
    } else {
      startIsMeant()
      invocation.operands.append(word)
    }
  }

  private mutating func takeLongFlag(_ argument: String) throws(UsageError) {
    let parts = argument.dropFirst(2).split(
      separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    if name == "version" {
      invocation.command = .version
      return
    }
    guard let flag = Flag(rawValue: name) else { throw unknown("--" + name) }
    try take(flag, value: parts.count > 1 ? String(parts[1]) : nil)
  }

  private mutating func takeLetters(_ argument: String) throws(UsageError) {
    var letters = argument.dropFirst()
    while let letter = letters.popFirst() {
      guard let flag = Flag.allCases.first(where: { $0.letter == letter }) else {
        throw unknown("-\(letter)")
      }
      if flag.valueName != nil, !letters.isEmpty {
        let value = letters.first == "=" ? letters.dropFirst() : letters
        return try take(flag, value: String(value))
      }
      try take(flag, value: nil)
    }
  }

  private func unknown(_ text: String) -> UsageError {
    let known =
      Flag.global + (invocation.command.map { $0.declaration.flags.map(\.flag) } ?? Flag.allCases)
    return .unknownFlag(
      text, command: invocation.command, nearest: Nearest.word(to: text, in: known.map(\.text)))
  }

  private mutating func take(_ flag: Flag, value: String?) throws(UsageError) {
    flags.append(flag)
    if flag.valueName == nil {
      guard value == nil else { throw .needlessValue(flag) }
      take(flag)
    } else {
      guard let value = value ?? rest.popFirst(), !value.isEmpty || flag.mayBeEmpty else {
        throw .missingValue(flag)
      }
      try take(flag, value)
    }
  }

  private mutating func take(_ flag: Flag) {
    switch flag {
    case .json: invocation.isJSON = true
    case .help: invocation.wantsHelp = true
    case .noDependencies: invocation.noDependencies = true
    case .noWait: invocation.noWait = true
    case .dryRun: invocation.isDryRun = true
    case .force: invocation.isForced = true
    case .watch: invocation.watches = true
    case .follow: invocation.follows = true
    case .previous: invocation.previous = true
    case .ready: invocation.notifications.append(.ready)
    case .heartbeat: invocation.notifications.append(.heartbeat)
    case .stopping: invocation.notifications.append(.stopping)
    case .user: invocation.isForUser = true
    case .manifest, .ifRunning, .timeout, .lines, .goal, .status, .set, .output:
      break  // They take a value.
    }
  }

  private mutating func take(_ flag: Flag, _ value: String) throws(UsageError) {
    switch flag {
    case .manifest: invocation.manifest = value
    case .ifRunning:
      invocation.conflict = ConflictPolicy(rawValue: value)
      if invocation.conflict == nil {
        throw .badValue(flag, value, expected: "replace, keep or fail")
      }
    case .timeout:
      invocation.timeout = Quantity.duration(value) ?? Quantity.duration(value + "s")
      if invocation.timeout == nil {
        throw .badValue(flag, value, expected: "a time as 30s, 500ms or 5m")
      }
    case .lines:
      invocation.lines = Int(value)
      if (invocation.lines ?? -1) < 0 {
        throw .badValue(flag, value, expected: "a whole number, 0 or more")
      }
    case .goal:
      invocation.goal = WaitRequest.Goal(rawValue: value)
      if invocation.goal == nil { throw .badValue(flag, value, expected: "ready or stopped") }
    case .set:
      guard let setting = Setting(value) else {
        throw .badValue(flag, value, expected: "KEY=VALUE as services.bot.stop.timeout=1s")
      }
      invocation.settings.append(setting)
    case .status: invocation.notifications.append(.status(value))
    case .output: invocation.outputFolder = value
    case .json, .help, .noDependencies, .noWait, .dryRun, .force, .watch, .follow, .previous,
      .ready, .heartbeat, .stopping, .user:
      break  // They take none.
    }
  }

  private func validate() throws(UsageError) {
    guard !invocation.wantsHelp else { return }
    // Without a command it is the status that is shown.
    let command = invocation.command ?? .status
    let declaration = command.declaration
    let allowed = Flag.global + declaration.flags.map(\.flag)
    for flag in flags where !allowed.contains(flag) {
      throw .flagNotHere(flag, command: command)
    }
    if !declaration.takesOperands, let operand = invocation.operands.first {
      throw .needlessOperand(operand, command: command)
    }
    if command == .help, invocation.operands.count > 1 {
      throw .needlessOperand(invocation.operands[1], command: command)
    }
    if command == .run, invocation.isJSON { throw .noJSON(command) }
    if command == .smoke, invocation.tail.isEmpty { throw .missingCommandOfSmoke }
    if command == .notify, invocation.notifications.isEmpty { throw .nothingToNotify }
    for (one, other) in [(Flag.json, Flag.follow), (.json, .watch), (.previous, .follow)] {
      if flags.contains(one), flags.contains(other) { throw .together(one, other) }
    }
  }
}
