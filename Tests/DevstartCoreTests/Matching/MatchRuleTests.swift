import DevstartCore
import Testing

@Suite struct MatchRuleTests {
  private func fits(
    _ rule: MatchRule, _ arguments: [String], executable: String? = nil,
    folder: String? = Fake.folder
  ) -> Bool {
    rule.fits(Fake.process(10, arguments, executable: executable, folder: folder))
  }

  @Test(arguments: [
    ["python3", "bot.py"], ["/usr/bin/python3", "bot.py"], ["python3.11", "bot.py"],
    ["python", "bot.py"], ["/home/me/.venv/bin/python3", "bot.py"],
  ])
  func `a command fits its own arguments, however the interpreter was named`(
    _ arguments: [String]
  ) {
    #expect(fits(.command(["python3", "bot.py"]), arguments))
  }

  @Test(arguments: [
    ["python3", "bot.py", "--debug"], ["python3", "-u", "bot.py"], ["python2", "bot.py"],
    ["python3", "bot.pyc"], ["python3"], ["vim", "bot.py"], ["tail", "-f", "bot.py"],
    ["python3 bot.py"], ["-bash"], ["bash"], ["bash", "-c", "python3 bot.py"],
    ["less", "python3", "bot.py"], ["grep", "python3", "bot.py"],
  ])
  func `a command fits no other arguments`(_ arguments: [String]) {
    #expect(!fits(.command(["python3", "bot.py"]), arguments))
  }

  @Test(arguments: [
    ["./worker.sh", "1"], ["/bin/sh", "./worker.sh", "1"], ["/bin/bash", "-e", "./worker.sh", "1"],
    ["bash", "worker.sh", "1"], ["sh", "/home/me/shop/worker.sh", "1"],
    ["python3", "./worker.sh", "1"],
  ])
  func `a script fits alone or after an interpreter`(_ arguments: [String]) {
    #expect(fits(.command(["./worker.sh", "1"]), arguments))
  }

  @Test(arguments: [
    ["/bin/sh", "./worker.sh"], ["/bin/sh", "./worker.sh", "2"], ["/bin/sh", "../worker.sh", "1"],
    ["vim", "./worker.sh", "1"], ["tail", "-f", "./worker.sh"], ["/bin/sh", "/tmp/worker.sh", "1"],
    ["sh", "-c", "./worker.sh", "1"], ["sh", "other.sh", "./worker.sh", "1"],
  ])
  func `a script fits no viewer of it and no other script`(_ arguments: [String]) {
    #expect(!fits(.command(["./worker.sh", "1"]), arguments))
  }

  @Test func `a command that PATH resolves fits its script anywhere`() {
    let rule = MatchRule.command(["uvicorn", "app:api"])
    #expect(fits(rule, ["/venv/bin/python3", "/venv/bin/uvicorn", "app:api"]))
    #expect(fits(rule, ["/usr/local/bin/uvicorn", "app:api"]))
    #expect(!fits(rule, ["/venv/bin/python3", "/venv/bin/gunicorn", "app:api"]))
  }

  @Test func `two programs at different places are two programs`() {
    let rule = MatchRule.command(["/opt/a/server", "run"])
    #expect(fits(rule, ["/opt/a/server", "run"]))
    #expect(fits(rule, ["server", "run"], executable: "/opt/a/server"))
    #expect(!fits(rule, ["/opt/b/server", "run"], executable: "/opt/b/server"))
    #expect(!fits(.command(["./worker1"]), ["./worker2"]))
    #expect(!fits(.command(["worker"]), ["worker2"]))
  }

  @Test func `a login shell is nobody's service`() {
    let shell = Fake.process(10, ["-bash"], executable: "/usr/bin/bash")
    #expect(!MatchRule.command(["bash"]).fits(shell))
    #expect(!MatchRule.program("bash", arguments: []).fits(shell))
    #expect(!MatchRule.pattern("bash").fits(shell))
  }

  @Test(arguments: [
    ["python3.11", "apps/bot.py"], ["python", "-u", "/srv/bot.py", "x"], ["python3", "bot.py"],
  ])
  func `a substring fits an argument of the program or interpreter`(_ arguments: [String]) {
    #expect(fits(.argument(containing: "bot.py", program: "python"), arguments))
    #expect(fits(.argument(containing: "bot.py", program: "python3.11"), arguments) == true)
  }

  @Test(arguments: [
    ["vim", "bot.py"], ["tail", "-f", "bot.py"], ["nvim", "-R", "bot.py"], ["less", "bot.py"],
    ["/usr/share/code/code", "bot.py"], ["git", "add", "bot.py"], ["bot.py"],
    ["grep", "-r", "python", "bot.py"], ["bash", "-c", "tail -f bot.py"],
  ])
  func `a substring fits no editor or tail`(_ arguments: [String]) {
    #expect(!fits(.argument(containing: "bot.py", program: "python"), arguments))
    if arguments.first != "bash", arguments.first != "bot.py" {
      #expect(!fits(.argument(containing: "bot.py", program: nil), arguments))
    }
  }

  @Test func `a substring for any program may name the program itself`() {
    #expect(fits(.argument(containing: "my-browser", program: nil), ["/opt/my-browser", "x"]))
    #expect(!fits(.argument(containing: "my-browser", program: "node"), ["/opt/my-browser", "x"]))
  }

  @Test func `a substring stands in one argument, not across two`() {
    let rule = MatchRule.argument(containing: "apps bot", program: nil)
    #expect(!fits(rule, ["python", "-m", "apps", "bot"]))
    #expect(fits(rule, ["python", "-m", "apps bot"]))
  }

  @Test func `the executable counts where the first argument is a title`() {
    let rule = MatchRule.argument(containing: "writer", program: "node")
    #expect(fits(rule, ["my title", "writer.js"], executable: "/usr/bin/node18"))
    #expect(!fits(rule, ["my title", "writer.js"], executable: "/usr/bin/vim"))
  }

  @Test func `a program rule wants the name and the run of arguments`() {
    let rule = MatchRule.program("python3", arguments: ["-m", "apps.bot"])
    #expect(fits(rule, ["/usr/bin/python3.12", "-u", "-m", "apps.bot", "x"]))
    #expect(!fits(rule, ["python3", "-m", "x", "apps.bot"]))
    #expect(!fits(rule, ["python3", "-m", "apps.bot2"]))
    #expect(!fits(rule, ["node", "-m", "apps.bot"]))
    #expect(fits(.program("/opt/x/tool", arguments: []), ["tool"], executable: "/opt/x/tool"))
    #expect(!fits(.program("/opt/x/tool", arguments: []), ["tool"], executable: "/opt/y/tool"))
  }

  @Test func `a regular expression sees the arguments joined by blanks`() {
    #expect(fits(.pattern("^node .*server\\.js( |$)"), ["node", "--inspect", "server.js"]))
    #expect(!fits(.pattern("^node .*server\\.js( |$)"), ["node", "server.json"]))
    #expect(!fits(.pattern("("), ["("]))
    #expect(throws: InvalidPattern.self) { try CompiledRules([.pattern("(")]) }
  }

  @Test func `what could fit everything fits nothing`() {
    for rule: MatchRule in [
      .argument(containing: "", program: nil), .pattern(""), .program("", arguments: []),
      .command([]), .command([""]),
    ] { #expect(!fits(rule, ["anything", "at", "all"])) }
    #expect(!fits(.pattern(".*"), []))
  }

  @Test func `of rules that fit, the most specific is the reason`() throws {
    let rules = try CompiledRules([
      .pattern("bot"), .argument(containing: "bot", program: nil), .command(["python", "bot.py"]),
    ])
    let hit = rules.hit(Fake.process(10, ["python", "bot.py"]))
    #expect(hit?.specificity == .command)
    #expect(rules.hit(Fake.process(10, ["python", "robot.py"]))?.specificity == .argument)
  }
}
