import DevstartCore
import DevstartPlatform

/// `export`: the manifest in another system's words, on standard output or in files.
struct ExportCommand {
  let invocation: Invocation
  let output: Output

  func run() throws(CommandFailure) -> ExitCode {
    guard let target = invocation.operands.first.flatMap(ExportTarget.init) else {
      throw CommandFailure(.wrong, ExportWording.unknownTarget(invocation.operands.first))
    }
    guard !invocation.isForUser || target == .systemd else {
      throw CommandFailure(.wrong, ExportWording.userElsewhere(target))
    }
    let project = try Project.required(invocation.manifest)
    var rest = invocation
    rest.operands.removeFirst()
    let selection = try Selection.ofAll(rest, in: project.manifest)
    let request = ExportRequest(
      manifest: project.manifest, chosen: selection.services, isForUser: invocation.isForUser)
    let export = Export(of: request, for: target)
    let paths = try invocation.outputFolder.map { folder throws(CommandFailure) in
      try write(export.files, into: folder, for: target)
    }
    show(export, for: target, writtenTo: paths)
    return .done
  }

  // MARK: Files

  /// The paths, in the files' order. Nothing is written unless everything may be.
  private func write(
    _ files: [ExportFile], into folder: String, for target: ExportTarget
  ) throws(CommandFailure) -> [String] {
    let paths = files.map { folder.hasSuffix("/") ? folder + $0.name : "\(folder)/\($0.name)" }
    do {
      try FileWriting.makeFolder(folder)
      let foreign = try paths.filter { path throws(SystemError) in
        try isSomebodyElses(path, target)
      }
      guard foreign.isEmpty else {
        throw CommandFailure(.failed, foreign.map(ExportWording.foreignFile))
      }
      for (path, file) in zip(paths, files) {
        try FileWriting.replace(
          path: path, with: Array(file.text.utf8), mode: file.isPrivate ? 0o600 : 0o644)
      }
    } catch let failure as CommandFailure {
      throw failure
    } catch let error as SystemError {
      throw CommandFailure(.failed, ExportWording.cannotWrite(error))
    } catch {
      throw CommandFailure(.failed, "cannot write to \(folder)")
    }
    return paths
  }

  /// Whether something is at the path that no export of this kind has written.
  private func isSomebodyElses(_ path: String, _ target: ExportTarget) throws(SystemError) -> Bool {
    do {
      let bytes = try FileReading.bytes(ofPath: path, limit: ManifestFile.largest)
      return !bytes.starts(with: target.signature.utf8)
    } catch {
      if error.isTooLarge { return true }
      if error.isOtherThanMissing { throw error }
      return false
    }
  }

  // MARK: What is shown

  private func show(_ export: Export, for target: ExportTarget, writtenTo paths: [String]?) {
    if output.isJSON {
      output.json(json(of: export, for: target, writtenTo: paths))
      return
    }
    if let paths {
      for path in paths { output.line("\(output.style.paint("✓", .green)) \(path)") }
    } else {
      output.bytes(export.text(for: target).utf8)
    }
    for line in ExportWording.lines(of: export.notes, for: target) {
      output.problem(line, .yellow)
    }
  }

  private func json(of export: Export, for target: ExportTarget, writtenTo paths: [String]?) -> JSON
  {
    let files = export.files.enumerated().map { index, file -> JSON in
      guard let paths else { return ["name": JSON(file.name), "text": JSON(file.text)] }
      return ["name": JSON(file.name), "path": JSON(paths[index])]
    }
    let notes = export.notes.map { note -> JSON in
      ["service": JSON(note.service), "text": JSON(note.fact.words(for: target))]
    }
    return ["target": JSON(target.rawValue), "files": JSON(files), "notes": JSON(notes)]
  }
}
