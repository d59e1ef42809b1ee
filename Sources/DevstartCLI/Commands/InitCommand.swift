import DevstartCore
import DevstartPlatform

/// `init`: a first manifest, from what is in the folder.
struct InitCommand {
  /// What is larger was not written by hand.
  private static let largest = 1 << 20

  let invocation: Invocation
  let output: Output

  func run() throws(CommandFailure) -> ExitCode {
    let path = invocation.manifest ?? ManifestFile.name
    let manifest = FirstManifest(for: try Self.facts(of: FilePath.folder(of: path)))
    do {
      try FileWriting.create(path: path, with: Array(manifest.text.utf8), mode: 0o644)
    } catch {
      throw CommandFailure(.failed, InitWording.cannotWrite(error, path: path))
    }
    show(manifest, writtenTo: path)
    return .done
  }

  // MARK: What is there

  private static func facts(of folder: String) throws(CommandFailure) -> FolderFacts {
    var facts = FolderFacts()
    for name in FolderFacts.files {
      let path = path(of: name, in: folder)
      do {
        // Nothing that waits for somebody to write, as a pipe does.
        guard try FileInspection.kind(ofPath: path) == .file else { continue }
        facts.texts[name] = try FileReading.bytes(ofPath: path, limit: largest)
      } catch {
        guard error.isOtherThanMissing, !error.isTooLarge else { continue }
        throw CommandFailure(.failed, InitWording.cannotRead(error, path: path))
      }
    }
    for name in FolderFacts.landmarks where isThere(path(of: name, in: folder)) {
      facts.present.insert(name)
    }
    return facts
  }

  private static func path(of name: String, in folder: String) -> String {
    folder == "." ? name : "\(folder)/\(name)"
  }

  private static func isThere(_ path: String) -> Bool {
    do {
      _ = try FileInspection.kind(ofPath: path)
      return true
    } catch {
      return false
    }
  }

  // MARK: What is shown

  private func show(_ manifest: FirstManifest, writtenTo path: String) {
    let notes = manifest.notes.map(InitWording.text)
    let next = ["devstart check", "devstart start"].map { command in
      invocation.manifest.map { "\(command) --manifest \(ShellText.quoted($0))" } ?? command
    }
    if output.isJSON {
      output.json([
        "manifest": JSON(path), "services": JSON(manifest.services.map(Self.json)),
        "notes": JSON(notes), "next": JSON(next),
      ])
      return
    }
    let count = Figures.count(max(1, manifest.services.count), "service", "services")
    output.line("\(output.style.paint("✓", .green)) wrote \(path): \(count)")
    let width = manifest.services.map { TextWidth.columns(of: $0.name) }.max() ?? 0
    for service in manifest.services {
      let name = TextWidth.padded(service.name, to: width)
      let command = TextWidth.harmless(Words.commandLine(service.command))
      output.line("  \(name)  \(command)  (\(service.origin))")
    }
    for note in notes {
      for (index, line) in TextWidth.wrapped(note, to: output.width.map { $0 - 2 }).enumerated() {
        output.line((index == 0 ? "" : "  ") + line)
      }
    }
    output.line(output.style.paint("next: " + next.joined(separator: "   "), .dim))
  }

  private static func json(of service: ServiceGuess) -> JSON {
    let command: JSON =
      switch service.command {
      case .arguments(let arguments): JSON(arguments)
      case .shell(let text): JSON(text)
      }
    return [
      "name": JSON(service.name), "command": command, "from": JSON(service.origin),
      "ports": JSON(service.port.map { [JSON(Int($0))] } ?? []),
    ]
  }
}
