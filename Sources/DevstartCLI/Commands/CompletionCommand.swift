import DevstartCore
import DevstartPlatform

/// `completion`: a script for a shell; and what such a script asks while somebody types.
struct CompletionCommand {
  /// The word that scripts ask for the targets by; people have `status`.
  private static let question = "targets"

  let invocation: Invocation
  let output: Output

  func run() throws(CommandFailure) -> ExitCode {
    let word = invocation.operands.first
    if word == Self.question {
      for name in targets() { output.line(name) }
      return .done
    }
    guard let shell = word.flatMap(CompletionShell.init), invocation.operands.count == 1 else {
      let names = CompletionShell.allCases.map(\.rawValue)
      throw CommandFailure(.wrong, Self.wrongShell(word, names))
    }
    output.bytes(shell.script.utf8)
    if output.isJSON {
      output.json(["shell": JSON(shell.rawValue), "script": JSON(shell.script)])
    }
    return .done
  }

  private static func wrongShell(_ word: String?, _ names: [String]) -> String {
    guard let word else { return "'completion' needs to know for which shell: bash, zsh or fish" }
    if names.contains(word) { return "'completion' takes one shell" }
    return "there is no completion for '\(TextWidth.harmless(word))'"
      + UsageError.hint(Nearest.word(to: word, in: names), else: "it is bash, zsh or fish")
  }

  /// None where anything is wrong: somebody is in the middle of a word, and is told nothing.
  private func targets() -> [String] {
    do {
      guard let location = try ManifestFile.find(invocation.manifest) else { return [] }
      let local = FilePath.folder(of: location.path) + "/" + ManifestFile.localName
      return TargetNames.of(
        manifest: try FileReading.bytes(ofPath: location.path, limit: ManifestFile.largest),
        local: bytes(ofPath: local))
    } catch {
      return []
    }
  }

  private func bytes(ofPath path: String) -> [UInt8]? {
    do {
      return try FileReading.bytes(ofPath: path, limit: ManifestFile.largest)
    } catch {
      return nil
    }
  }
}
