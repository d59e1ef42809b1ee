import DevstartCore
import Testing

@Suite struct ExportTests {
  /// Uses every part that there is, in one service or another.
  private let everything = #"""
    "a": {"command": ["a"], "category": "x", "match": "a-long", "onConflict": "keep",
      "spare": "other", "dependsOn": ["b"], "ready": {"exec": "x"}, "live": {"exec": "x"},
      "heartbeat": "1s", "restart": "always",
      "limits": {"memory": "1KB", "cpu": 1, "maxRuntime": "1s"},
      "stop": {"signal": "INT", "timeout": "1s", "scope": "main", "command": "x"}, "ports": [1],
      "autostart": false, "watch": {"paths": ["x"]}, "hooks": {"ready": "x"}, "stdin": "open",
      "log": {"keep": 1}, "health": {"port": 9091}},
    "b": {"command": ["b"], "ready": {"log": "x"}}, "c": {"command": ["c"], "ready": {"notify": true}},
    "d": {"command": ["d"], "ready": {"delay": "1s"}}, "e": {"command": ["e"], "oneshot": true}
    """#

  @Test(arguments: ExportTarget.allCases)
  func `all that is noted stands in the files, too, in words`(target: ExportTarget) throws {
    let export = try export(everything, for: target)
    let text = export.files.map(\.text).joined()
    #expect(!export.notes.isEmpty)
    for note in export.notes {
      let words = note.fact.words(for: target)
      #expect(words.count > 10 && text.contains(words), "\(note)")
    }
  }

  @Test(arguments: ExportTarget.allCases)
  func `no comment ends before its line, for any reader`(target: ExportTarget) throws {
    let export = try export(
      #""a": {"command": ["b\u2028evil: c\u0085d\re"], "cwd": "/f\u2029g"}"#, for: target,
      top: #""name": "shop\u2028evil: rm\u2029x\u0085y\nz""#)
    for line in export.files.flatMap({ $0.text.split(separator: "\n") }) {
      let trimmed = line.drop { $0 == " " }
      guard trimmed.hasPrefix("#") || trimmed.hasPrefix(";") else { continue }
      let isOneLine = line.unicodeScalars.allSatisfy { scalar in
        scalar == " " || scalar.value > 0x20 && !scalar.properties.isWhitespace
      }
      #expect(isOneLine, "\(line)")
    }
  }

  @Test func `a Procfile says everything that it cannot say`() throws {
    let lost = try export(everything, for: .procfile).notes.compactMap { note -> ExportPart? in
      if case .lost(let part) = note.fact { part } else { nil }
    }
    // Autostart is a comment.
    #expect(Set(lost) == Set(ExportPart.allCases).subtracting([.autostart]))
  }

  @Test(arguments: ExportTarget.allCases)
  func `what a manifest does not mention is not mentioned`(target: ExportTarget) throws {
    let export = try export(#""a": {"command": ["/a"], "image": "x"}"#, for: target)
    let expected: [ExportFact] =
      target == .kubernetes ? [.otherwise(.alwaysRestarted(.never))] : []
    #expect(export.facts(of: "a") == expected)
  }

  @Test(arguments: ExportTarget.allCases)
  func `values that came from the caller's environment are named`(target: ExportTarget) throws {
    let services = #""a": {"command": ["${PROGRAM}", "${UNSET:-x}", "${EMPTY:-y}"]}"#
    let export = try export(
      services, for: target, environment: ["PROGRAM": "serve", "EMPTY": "", "OTHER": "z"])
    #expect(export.facts(of: nil).contains(.general(.borrowedVariables(["PROGRAM"]))))
  }

  @Test(arguments: ExportTarget.allCases)
  func `what is named is exported with all it depends on`(target: ExportTarget) throws {
    let services = #"""
      "a": {"command": ["/bin/aa"]}, "b": {"command": ["/bin/bb"], "dependsOn": ["c"]},
      "c": {"command": ["/bin/cc"]}
      """#
    let text = try export(services, for: target, targets: ["b"]).files.map(\.text).joined()
    #expect(text.contains("/bin/bb") && text.contains("/bin/cc") && !text.contains("/bin/aa"))
  }

  @Test(arguments: ExportTarget.allCases)
  func `a file with the manifest's variables is private`(target: ExportTarget) throws {
    let secret = try export(#""a": {"command": ["a"], "env": {"TOKEN": "x"}}"#, for: target)
    #expect(secret.files.allSatisfy { $0.isPrivate == $0.text.contains("TOKEN") })
    #expect(secret.files.contains { $0.isPrivate })
    let plain = try export(#""a": {"command": ["a"]}"#, for: target)
    #expect(!plain.files.contains { $0.isPrivate })
  }

  @Test(arguments: ExportTarget.allCases)
  func `a comment is one line, whatever a name holds`(target: ExportTarget) throws {
    let export = try export(
      #""a": {"command": ["a"]}"#, for: target, top: #""name": "x\nrm -rf /\u2028\u0085""#)
    for file in export.files {
      #expect(file.text.hasPrefix(target.signature))
      #expect(!file.text.unicodeScalars.contains("\u{85}"))
      #expect(!file.text.split(separator: "\n").contains { $0.hasPrefix("rm") })
    }
  }

  @Test(arguments: ExportTarget.allCases)
  func `a manifest without services is exported too`(target: ExportTarget) throws {
    let export = try export("", for: target)
    #expect(export.files.isEmpty == (target == .kubernetes))
  }

  @Test func `several files in one text have their names before them`() throws {
    let services = #""a": {"command": ["a"]}, "b": {"command": ["b"]}"#
    let text = try export(services, for: .kubernetes).text(for: .kubernetes)
    #expect(text.hasPrefix("# file a.yaml\n# Written by devstart export kubernetes"))
    #expect(text.contains("\n---\n# file b.yaml\n"))
  }
}
