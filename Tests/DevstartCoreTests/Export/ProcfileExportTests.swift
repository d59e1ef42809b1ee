import DevstartCore
import Testing

@Suite struct ProcfileExportTests {
  @Test(arguments: [
    (#""command": "npm run dev && $$X""#, "npm run dev && $X"),
    (#""command": ["./run", "a b", "it's"]"#, #"exec ./run 'a b' 'it'"'"'s'"#),
    (#""command": ["run"], "env": {"A": "1 2"}"#, "exec /usr/bin/env -- 'A=1 2' run"),
    (#""command": ["run"], "cwd": "a b""#, "cd -- 'a b' && exec run"),
    (#""command": ["run"], "cwd": "/x""#, "cd -- /x && exec run"),
    (
      #""command": ["run", "$$PORT\n\\"]"#,
      ##"eval "$(printf %b 'exec run '"'"'\0044PORT\n\\'"'"'')""##
    ),
    (
      #""command": "a\nb""#,
      ##"eval "$(printf %b 'exec /bin/sh -c '"'"'a\nb'"'"'')""##
    ),
    (
      #""command": ["run", "a\u2028b"]"#,
      ##"eval "$(printf %b 'exec run '"'"'a\0342\0200\0250b'"'"'')""##
    ),
  ])
  func `a service is a line of shell`(members: String, line: String) throws {
    #expect(try export(#""a": {\#(members)}"#, for: .procfile).onlyText == "a: \(line)\n")
  }

  @Test func `names that no reader takes are others`() throws {
    let export = try export(
      #""a.b": {"command": "x"}, "a_b": {"command": "y"}"#, for: .procfile)
    #expect(try export.onlyText == "a_b: x\na_b_2: y\n")
    #expect(export.facts(of: "a_b") == [.otherwise(.renamed("a_b_2"))])
  }

  @Test func `what does not start by itself is a comment`() throws {
    let export = try export(#""a": {"command": "x", "autostart": false}"#, for: .procfile)
    #expect(export.files[0].text.hasSuffix("\n#a: x\n"))
    #expect(export.facts(of: "a") == [.otherwise(.commentedOut)])
  }
}
