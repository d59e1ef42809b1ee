import DevstartCLI
import DevstartCore
import Testing

@Suite struct ArgumentParserTests {
  private func parsed(_ line: String) throws -> Invocation {
    try ArgumentParser.parse(line.split(separator: " ").map(String.init))
  }

  private func error(of line: String) -> UsageError? {
    do {
      _ = try ArgumentParser.parse(line.split(separator: " ").map(String.init))
      return nil
    } catch {
      return error
    }
  }

  @Test func `nothing at all is no command`() throws {
    let invocation = try parsed("")
    #expect(invocation.command == nil)
    #expect(invocation.operands == [])
  }

  @Test func `every command is read by its name`() throws {
    for command in CommandName.allCases where ![.smoke, .notify].contains(command) {
      #expect(try parsed(command.rawValue).command == command)
    }
  }

  @Test func `a word that is no command starts targets`() throws {
    let invocation = try parsed("workers bot")
    #expect(invocation.command == .start)
    #expect(invocation.isShorthand)
    #expect(invocation.operands == ["workers", "bot"])
  }

  @Test func `only the first word can be a command`() throws {
    let invocation = try parsed("stop start status")
    #expect(invocation.command == .stop)
    #expect(!invocation.isShorthand)
    #expect(invocation.operands == ["start", "status"])
  }

  @Test func `flags stand before, between and after the words`() throws {
    for line in ["--json start bot --timeout 5s", "start --timeout=5s bot --json"] {
      let invocation = try parsed(line)
      #expect(invocation.command == .start)
      #expect(invocation.isJSON)
      #expect(invocation.timeout == .seconds(5))
      #expect(invocation.operands == ["bot"])
    }
  }

  @Test func `a bare number of a timeout is seconds`() throws {
    #expect(try parsed("start --timeout 5").timeout == .seconds(5))
    #expect(try parsed("start --timeout 1.5").timeout == .milliseconds(1500))
    #expect(try parsed("start --timeout 200ms").timeout == .milliseconds(200))
  }

  @Test func `letters take their value beside or after them`() throws {
    for line in ["logs -n 5 -f", "logs -n5 -f", "logs -fn5", "logs -f -n=5", "logs --lines=5 -f"] {
      let invocation = try parsed(line)
      #expect(invocation.lines == 5, "\(line)")
      #expect(invocation.follows, "\(line)")
    }
  }

  @Test func `after two dashes everything is a word`() throws {
    #expect(try parsed("stop -- --json -f").operands == ["--json", "-f"])
    #expect(try parsed("-- --json").operands == ["--json"])
    #expect(try parsed("-- --json").command == .start)
  }

  @Test func `the command of smoke keeps its flags`() throws {
    let invocation = try parsed("smoke all --json -- swift test --json -n 3")
    #expect(invocation.operands == ["all"])
    #expect(invocation.tail == ["swift", "test", "--json", "-n", "3"])
    #expect(invocation.lines == nil)
    #expect(error(of: "smoke all") == .missingCommandOfSmoke)
    #expect(error(of: "smoke all --") == .missingCommandOfSmoke)
  }

  @Test func `whether JSON is wanted is known of a wrong command line`() {
    #expect(ArgumentParser.asksForJSON(["start", "--bogus", "--json"]))
    #expect(!ArgumentParser.asksForJSON(["smoke", "--", "x", "--json"]))
  }

  @Test func `a misspelt flag names the nearest one`() {
    #expect(
      error(of: "start --no-wiat")
        == .unknownFlag("--no-wiat", command: .start, nearest: "--no-wait"))
    #expect(error(of: "start -x") == .unknownFlag("-x", command: .start, nearest: nil))
    #expect(error(of: "start --no-wiat")?.text.contains("did you mean '--no-wait'?") == true)
  }

  @Test func `the beginning of a flag is nearer than one that looks alike`() {
    #expect(
      error(of: "start --time 3") == .unknownFlag("--time", command: .start, nearest: "--timeout"))
    #expect(error(of: "stop --t 3") == .unknownFlag("--t", command: .stop, nearest: nil))
    #expect(Nearest.word(to: "stat", in: ["start", "status"]) == "status")
    #expect(Nearest.word(to: "statsu", in: ["start", "status"]) == "status")
    #expect(Nearest.word(to: "bot", in: ["boot", "bots", "bot-two"]) == "bots")
  }

  @Test func `a flag of another command is refused and says whose it is`() {
    #expect(error(of: "start --force") == .flagNotHere(.force, command: .start))
    #expect(error(of: "bot --follow") == .flagNotHere(.follow, command: .start))
    #expect(error(of: "--watch --force") == .flagNotHere(.force, command: .status))
    #expect(error(of: "start --force")?.text.contains("'stop', 'clean'") == true)
  }

  @Test func `values are checked`() {
    #expect(error(of: "start --timeout") == .missingValue(.timeout))
    #expect(error(of: "start --timeout=") == .missingValue(.timeout))
    #expect(error(of: "start --json=yes") == .needlessValue(.json))
    for line in [
      "start --timeout soon", "start --timeout -5s", "logs -n x", "logs -n -1",
      "start --if-running maybe", "wait --for up", "logs -n 99999999999999999999",
    ] {
      guard case .badValue = error(of: line) else {
        Issue.record("\(line): \(String(describing: error(of: line)))")
        continue
      }
    }
  }

  @Test func `what shows logs gives no JSON`() {
    #expect(error(of: "run bot --json") == .noJSON(.run))
    #expect(UsageError.noJSON(.run).text.contains("'devstart status --json'"))
  }

  @Test func `an export has a folder, and may be for a user`() throws {
    let invocation = try parsed("export systemd bot --user --output=units")
    #expect(invocation.command == .export && invocation.operands == ["systemd", "bot"])
    #expect(invocation.isForUser && invocation.outputFolder == "units")
  }

  @Test func `settings are keys with values, as many as are wanted`() throws {
    let settings = try parsed("start --set a.b=1 --set c=d=e").settings
    #expect(settings.map(\.keyPath) == ["a.b", "c"])
    for wrong in ["a.b", "=1", "a..b=1"] {
      #expect(error(of: "start --set \(wrong)") != nil)
    }
  }

  @Test func `words that a command does not take are refused`() {
    #expect(error(of: "version 2") == .needlessOperand("2", command: .version))
    #expect(error(of: "help start stop") == .needlessOperand("stop", command: .help))
  }

  @Test func `what a service tells is kept in its order`() throws {
    let invocation = try parsed("notify --status=warm --ready --heartbeat --json")
    #expect(invocation.notifications == [.status("warm"), .ready, .heartbeat])
    #expect(try parsed("notify --status=").notifications == [.status("")])
    #expect(error(of: "notify") == .nothingToNotify)
    #expect(error(of: "notify --json") == .nothingToNotify)
    #expect(error(of: "notify --status") == .missingValue(.status))
    #expect(error(of: "notify bot --ready") == .needlessOperand("bot", command: .notify))
    #expect(error(of: "start --ready") == .flagNotHere(.ready, command: .start))
    #expect(UsageError.nothingToNotify.text.contains("--ready, --heartbeat, --status"))
  }

  @Test func `flags that contradict each other are refused`() {
    #expect(error(of: "logs -f --json") == .together(.json, .follow))
    #expect(error(of: "logs -f --previous") == .together(.previous, .follow))
    #expect(error(of: "status --watch --json") == .together(.json, .watch))
  }

  @Test func `help is given whatever else is wrong`() throws {
    #expect(try parsed("start --help --force").wantsHelp)
    #expect(try parsed("-h").wantsHelp)
    #expect(try parsed("--version").command == .version)
  }

  @Test func `every command has a help that fits a terminal`() {
    for command in CommandName.allCases {
      for line in HelpText.of(command) {
        #expect(TextWidth.columns(of: line) <= 79, "\(command): \(line)")
      }
    }
    // With the prompt below it, 24 rows.
    #expect(HelpText.overview.count <= 23)
    for line in HelpText.overview { #expect(TextWidth.columns(of: line) <= 79, "\(line)") }
    for command in CommandName.allCases where command != .supervise {
      let words = HelpText.overview.joined(separator: " ").split { !$0.isLetter }
      #expect(words.contains(Substring(command.rawValue)), "\(command)")
      let name = TextWidth.padded(command.rawValue, to: 10)
      let line = HelpText.overview.first { $0.contains("  \(name)") }
      let isBelow = [.help, .version].contains(command)
      #expect(isBelow || line?.hasSuffix(command.declaration.summary) == true, "\(command)")
    }
  }

  @Test func `verdicts have the exit codes of the contract`() {
    let codes: [(Verdict, Int32)] = [
      (.done, 0), (.failed, 1), (.notUp, 3), (.refused, 4), (.timedOut, 5), (.interrupted, 130),
    ]
    for (verdict, code) in codes { #expect(ExitCode(verdict).rawValue == code) }
    #expect(ExitCode.wrong.rawValue == 2)
  }
}
