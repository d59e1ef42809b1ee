import DevstartCore
import Testing

@Suite struct VariableTests {
  @Test(arguments: [
    ("${NAME}", "value"), ("a${NAME}b${NAME}", "avaluebvalue"), ("${NONE:-x y}", "x y"),
    ("${EMPTY}", ""), ("${EMPTY:-x}", "x"), ("${NONE:-}", ""), ("$$", "$"), ("$${NAME}", "${NAME}"),
    ("$NAME $", "$NAME $"), ("$$$$x", "$$x"), ("é${NAME}é", "évalueé"), ("${NONE:-$x}", "$x"),
  ])
  func `variables are put in`(written: String, expected: String) throws {
    let service = try service(
      #""env": {"X": "\#(written)"}"#, environment: ["NAME": "value", "EMPTY": ""])
    #expect(service.environment == ["X": expected])
  }

  @Test(arguments: [
    ("${NONE}", "the variable NONE is not set; set it, or write ${NONE:-default}"),
    ("x ${NAME", "'${' is never closed; write '$${' for the two characters"),
    ("${}", "${} is neither ${NAME} nor ${NAME:-default}; write $${} to leave it to the shell"),
    (
      "${A%.*}",
      "${A%.*} is neither ${NAME} nor ${NAME:-default}; write $${A%.*} to leave it to the shell"
    ),
  ])
  func `a variable that is none is a problem`(written: String, expected: String) {
    #expect(words(#""cwd": "\#(written)""#) == ["services.a.cwd: " + expected])
  }

  @Test func `a default cannot hold a variable`() {
    #expect(words(#""cwd": "${A:-${B}}""#).count == 1)
  }

  @Test func `commands, numbers and rules hold variables, keys do not`() throws {
    let service = try service(
      #""ports": ["${PORT}"], "match": "$${x}", "env": {"${PORT}": "1"}"#,
      command: #""serve $PORT ${PORT}""#, environment: ["PORT": "80"])
    #expect(service.command == .shell("serve $PORT 80"))
    #expect(service.ports == [80])
    #expect(service.match == [.argument(containing: "${x}", program: "sh")])
    #expect(service.environment == ["${PORT}": "1"])
  }

  @Test func `environment files are read in order and env wins`() throws {
    let manifest = try decode(
      """
      {"envFile": ".env", "env": {"B": "env"},
       "services": {"a": {"command": "a", "envFile": ["one", "/two"], "env": {"E": true, "F": 1.5}},
                    "b": {"command": "b"}}}
      """,
      envFiles: [
        "/project/.env": "A=file\nB=file\nC=file", "/project/one": "C=one\nD=one\nE=one",
        "/two": "D=two",
      ])
    #expect(
      manifest["a"]?.environment
        == ["A": "file", "B": "env", "C": "one", "D": "two", "E": "true", "F": "1.5"])
    #expect(manifest["b"]?.environment == ["A": "file", "B": "env", "C": "file"])
  }

  @Test func `problems of environment files name the file and the line`() {
    let found = problems(
      #"{"envFile": ["none", "conf/.env"], "services": {}}"#,
      envFiles: ["/project/conf/.env": "# fine\n\nA=1\nnonsense\n1B=2\nC='x"])
    #expect(
      found == [
        "devstart.json:1:14: envFile[0]: there is no file 'none'",
        "conf/.env:4:1: no '='; a line is NAME=value",
        "conf/.env:5:1: '1B' is no variable's name: letters, digits and _",
        "conf/.env:6:1: the quote is never closed",
      ])
  }

  @Test(arguments: [
    ("A=b", "b"), ("export A=b", "b"), ("  A = b c  ", "b c"), ("A=", ""), ("A=b # c", "b"),
    ("A=b#c", "b#c"), ("A='b # c'", "b # c"), (#"A='\n"'"#, #"\n""#),
    (#"A="b\n\"c\"" # d"#, "b\n\"c\""),
    ("A=b=c", "b=c"), ("A=b\r", "b"), ("\u{FEFF}A=b", "b"), ("A=$x ${y}", "$x ${y}"), ("A=# c", ""),
    (#"A="\d""#, #"\d"#),
  ])
  func `a line of an environment file has a value`(line: String, expected: String) {
    let file = EnvFile(Array(line.utf8))
    #expect(file.problems.isEmpty)
    #expect(file.variables.map(\.name) == ["A"] && file.variables.map(\.value) == [expected])
  }
}
