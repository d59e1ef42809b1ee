import DevstartCore
import Testing

@Suite struct ManifestProblemTests {
  @Test func `an unknown key names the nearest one`() {
    let text = """
      {
        "services": {
          "bot": {"command": "x", "stopp": {}}
        }
      }
      """
    #expect(
      problems(text) == [
        #"devstart.json:3:29: services.bot.stopp: unknown key; did you mean "stop"?"#
      ])
  }

  @Test func `an unknown key that others have names ours`() {
    #expect(
      problems(
        """
        {"project": "x", "services": {"bot": {
          "command": "x", "working_dir": ".", "ready": {"command": "true"}}}}
        """) == [
          #"devstart.json:1:2: project: unknown key; did you mean "name"?"#,
          #"devstart.json:2:19: services.bot.working_dir: unknown key; did you mean "cwd"?"#,
          #"devstart.json:2:49: services.bot.ready.command: unknown key; did you mean "exec"?"#,
        ])
  }

  @Test func `an unknown key that says nothing is told all keys, once`() {
    let text = #"{"services": {"bot": {"command": "x", "stop": {"zzz": 1, "yyy": 1}}}}"#
    #expect(
      problems(text) == [
        "devstart.json:1:48: services.bot.stop.zzz: unknown key; those that there are: "
          + "signal, timeout, scope, command",
        "devstart.json:1:58: services.bot.stop.yyy: unknown key",
      ])
  }

  @Test func `a list where an object should be is told what is in one`() {
    #expect(
      problems(#"{"services": {"bot": {"command": "x", "watch": ["src"]}}}"#) == [
        "devstart.json:1:48: services.bot.watch: should be an object with "
          + #""paths", "ignore", "debounce" or "signal", not a list"#
      ])
  }

  @Test func `all problems are reported in the order of the text`() {
    let text = """
      {"nane": "x", "services": {
        "é": {"command": "x", "ports": [0, 1]},
        "b": {"cwd": 1}, "c": []
      }}
      """
    #expect(
      problems(text) == [
        #"devstart.json:1:2: nane: unknown key; did you mean "name"?"#,
        #"devstart.json:2:3: services.é: "é" cannot be a name: up to 128 letters, digits, "#
          + "'_', '-' and '.', first a letter, a digit or '_'",
        "devstart.json:2:35: services.é.ports[0]: 0 is not between 1 and 65535",
        #"devstart.json:3:3: services.b: "command" is missing"#,
        "devstart.json:3:16: services.b.cwd: should be a string, not a number",
        "devstart.json:3:25: services.c: should be an object, not a list",
      ])
  }

  @Test func `a problem in a merged value names the right file and place`() {
    let found = problems(
      #"{"services": {"a": {"command": "a", "stop": {"scope": "mian"}, "ports": 1}}}"#,
      local: "{\"services\":\n {\"a\": {\"ports\": [\"x\"], \"prots\": 1}}}")
    #expect(
      found == [
        #"devstart.json:1:55: services.a.stop.scope: "mian" is not one of "group" or "main"; "#
          + #"did you mean "main"?"#,
        "devstart.local.json:2:19: services.a.ports[0]: should be a whole number, not a string",
        #"devstart.local.json:2:25: services.a.prots: unknown key; did you mean "ports"?"#,
      ])
  }

  @Test(arguments: [
    ("", "devstart.json:1:1: the file is empty"),
    ("{\n  \"a\": tru }", "devstart.json:2:8: 'tru' is no value; text takes double quotes"),
    ("{\"a\": 1", "devstart.json:1:8: the '{' is never closed"),
    ("[]", "devstart.json:1:1: should be an object, not a list"),
    ("{}", #"devstart.json:1:1: "services" is missing"#),
    (
      #"{"services": 1}"#,
      "devstart.json:1:14: services: should be an object of services, not a number"
    ),
  ])
  func `a text that is no manifest says where`(text: String, expected: String) {
    #expect(problems(text) == [expected])
  }

  @Test func `bytes that are no UTF-8 are a problem with a place`() {
    let source = ManifestSource(
      manifest: .init(displayPath: "x.json", bytes: Array(#"{"a": ""#.utf8) + [0xFF, 0x22, 0x7D]),
      path: "/x.json", environment: { _ in nil }, envFile: { _ in .failure(.missing) })
    let error = #expect(throws: ManifestProblems.self) { try source.decode() }
    #expect(error?.list.map(\.description) == ["x.json:1:8: not valid UTF-8"])
  }

  @Test func `both files' syntax is checked at once`() {
    #expect(
      problems("{", local: "}").map { $0.prefix { $0 != ":" } } == [
        "devstart.json", "devstart.local.json",
      ])
  }

  @Test func `a repeated key is a problem at its second place`() {
    #expect(
      problems(#"{"services": {"a": {"command": "x", "command": "y"}}}"#) == [
        "devstart.json:1:37: services.a.command: this key is there twice in one object"
      ])
  }

  @Test(arguments: [
    (#""command": []"#, "is empty"), (#""command": """#, "is empty"),
    (#""command": [""]"#, "is empty"),
    (#""command": {}"#, "should be a string or a list of strings, not an object"),
    (#""command": ["a", 1]"#, "should be a string, not a number"),
    (#""command": "a\u0000""#, "a zero byte cannot be part of a string"),
  ])
  func `a command has to be one`(member: String, expected: String) {
    let found = problems("{\"services\": {\"a\": {\(member)}}}")
    #expect(found.count == 1 && found[0].hasSuffix(": " + expected))
  }

  @Test(arguments: [
    (#""autostart": 1"#, "autostart: should be true or false, not a number"),
    (#""env": {"A": null}"#, "env.A: should be a string, a number, true or false, not null"),
    (#""env": {"A=": "x"}"#, #"env.A=: "A=" cannot be a variable's name"#),
    (#""env": {"DEVSTART_ID": "x"}"#, "env.DEVSTART_ID: DEVSTART_ID is devstart's own; remove it"),
    (
      #""stop": {"timeout": "-1s"}"#,
      "stop.timeout: \"-1s\" is no duration; write "
        + #""1.5s", "200ms", "5m" or "24h""#
    ),
    (#""ready": {"timeout": "0s"}"#, "ready.timeout: should be more than nothing"),
    (
      #""stop": {"signal": "TERN"}"#,
      "stop.signal: \"TERN\" is none of the signals HUP, INT, "
        + #"QUIT, KILL, USR1, USR2, TERM, CONT, WINCH; did you mean "TERM"?"#
    ),
    (#""ready": {"tcp": 1, "delay": "1s"}"#, #"ready: only one of "tcp" or "delay" can be there"#),
    (#""ready": {"status": 200}"#, #"ready.status: means something only with "http""#),
    (
      #""category": "stop""#,
      #"category: "stop" is a word of the command line; choose another name"#
    ),
    (#""dependsOn": ["a"]"#, "dependsOn[0]: a service cannot depend on itself"),
    (
      #""dependsOn": {"b": "redy"}"#,
      "dependsOn.b: \"redy\" is not one of \"started\", "
        + #""ready" or "completed"; did you mean "ready"?"#
    ),
  ])
  func `a wrong value says what would be right`(members: String, expected: String) {
    #expect(words(members) == ["services.a." + expected])
  }

  @Test(arguments: ["", " ", "x", " x "])
  func `a rule that could fit everything is refused`(rule: String) {
    #expect(words(#""match": "\#(rule)""#).count == 1)
  }

  @Test(arguments: ["", "x*", ".", ".+", "\\\\w+", "a|bc", "^"])
  func `a pattern that could fit everything is refused`(pattern: String) {
    #expect(
      words(#""match": {"regex": "\#(pattern)"}"#) == [
        "services.a.match.regex: could fit every process; make it longer"
      ])
  }

  @Test func `an expression that would hang the supervisor is refused`() {
    let advice =
      "\"(a+)+b\" repeats a repetition, and would take for ever where it does not fit: "
      + "write '(a+)+' as 'a+', or put something between"
    #expect(words(#""match": {"regex": "(a+)+b"}"#) == ["services.a.match.regex: " + advice])
    #expect(words(#""ready": {"log": "(a+)+b"}"#) == ["services.a.ready.log: " + advice])
  }

  @Test(arguments: [
    (#"{"regex": "(ab"}"#, "regex"), (#"{"exe": "/bin/sh"}"#, "exe"), ("{}", ""),
    (#"{"regex": "abc", "exe": "sh"}"#, ""), (#"{"regex": "abc", "args": []}"#, "args"), ("1", ""),
  ])
  func `a rule of another shape is refused`(rule: String, key: String) {
    let found = words(#""spare": [\#(rule)]"#)
    let path = "services.a.spare[0]" + (key.isEmpty ? "" : "." + key) + ": "
    #expect(found.count == 1 && found[0].hasPrefix(path))
  }

  @Test func `a cycle is shown whole`() {
    let text = """
      {"services": {"a": {"command": "x", "dependsOn": ["b"]},
        "b": {"command": "x", "dependsOn": ["c"]}, "c": {"command": "x", "dependsOn": ["a"]}}}
      """
    #expect(
      problems(text) == [
        "devstart.json:2:82: services.c.dependsOn[0]: "
          + "these depend on each other in a circle: a → b → c → a"
      ])
  }

  @Test func `an unknown dependency names the nearest service`() {
    let text =
      #"{"services": {"redis": {"command": "x"}, "b": {"command": "x", "dependsOn": ["rediss"]}}}"#
    #expect(
      problems(text) == [
        #"devstart.json:1:78: services.b.dependsOn[0]: there is no service "rediss"; "#
          + #"did you mean "redis"?"#
      ])
  }

  @Test func `a category that is called as a service is ambiguous`() {
    let text = """
      {"services": {"a": {"command": "x"}, "b": {"command": "x", "category": "a"}}}
      """
    #expect(problems(text).count == 1)
    #expect(problems(text)[0].contains("a service is called \"a\" too"))
  }

  @Test(arguments: ["all", "start", "ps", "-x", ".x", "a b", "a/b", ""])
  func `a name that is no target is refused`(name: String) {
    #expect(problems(#"{"services": {"\#(name)": {"command": "x"}}}"#).count == 1)
  }

  @Test func `a thousand problems are listed and the others counted`() {
    let ports = Array(repeating: "0", count: 1500).joined(separator: ",")
    let found = words(#""ports": [\#(ports)]"#)
    #expect(found.count == 1001 && found.last == "500 more problems are not listed")
  }

  @Test func `control characters do not reach the terminal`() {
    #expect(!words(#""\u001b[2J": 1"#).joined().contains("\u{1B}"))
  }
}
