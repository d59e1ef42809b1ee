import DevstartCore
import Testing

@Suite struct MatchRuleDefaultsTests {
  @Test func `a list is matched as it is`() {
    #expect(MatchRule.defaults(for: .arguments(["a", "b c"])) == [.command(["a", "b c"])])
  }

  @Test(arguments: [
    ("serve --port 80", ["serve", "--port", "80"]), ("  a\t'b c' \"d\"e ", ["a", "b c", "de"]),
    ("A=1 B='2' exec ./run ''", ["./run", ""]), ("a x=y #", nil), ("a x#y", ["a", "x#y"]),
    ("a | b", nil), ("a $B", nil), ("a \"$B\"", nil), ("a '$B'", ["a", "$B"]), ("cd x", nil),
    ("a && b", nil), ("a > b", nil), ("a *.txt", nil), ("~/a", nil), ("a 'b", nil), ("", nil),
    ("exec", nil), ("a\nb", nil),
  ])
  func `simple shell text is matched by its words too`(text: String, words: [String]?) {
    let shell = MatchRule.command(["/bin/sh", "-c", text])
    #expect(
      MatchRule.defaults(for: .shell(text)) == [shell] + (words.map { [.command($0)] } ?? []))
  }

  @Test(arguments: [
    (Command.arguments(["/usr/bin/python3.11", "-m", "x"]), "python"),
    (.arguments(["node"]), "node"), (.arguments(["k6", "run"]), "k6"),
    (.arguments(["clang-17"]), "clang-17"), (.arguments(["./worker.sh"]), "worker.sh"),
    (.arguments(["/usr/bin/env", "A=1", "python3", "x"]), "python"),
    (.arguments(["env", "-i", "python3"]), "env"), (.shell("exec python3 -m x"), "python"),
    (.shell("cd x && python3 -m x"), "sh"),
  ])
  func `a service's program has a name without path and version`(
    command: Command, expected: String
  ) {
    #expect(command.programName == expected)
  }

  @Test func `the spared programs are named by executables, arguments or anchored patterns`() {
    for rule in MatchRule.sparedByDefault {
      switch rule {
      case .program(let name, _): #expect(name.count > 1 && !name.contains("/"))
      case .pattern(let pattern):
        #expect(pattern.hasPrefix("^"))
        #expect(throws: Never.self) { try Regex(pattern) }
      case .argument, .command: Issue.record("\(rule) could spare by accident")
      }
    }
  }

  @Test(arguments: [
    ("SCREEN -dmS x", true), ("/usr/bin/SCREEN", true), ("vim SCREEN", false),
    ("bazel(work) -Xmx1g", true), ("bazel build", false), ("sccache", true),
    ("/opt/sccache", true), ("sccache rustc x", false), ("python run.py sccache", false),
    ("/usr/bin/dotnet exec /x/VBCSCompiler.dll -pipename:1", true),
  ])
  func `a spared pattern fits its daemon alone`(arguments: String, isSpared: Bool) throws {
    let fits = try MatchRule.sparedByDefault.contains { rule in
      guard case .pattern(let pattern) = rule else { return false }
      return try arguments.firstMatch(of: Regex(pattern)) != nil
    }
    #expect(fits == isSpared)
  }
}
