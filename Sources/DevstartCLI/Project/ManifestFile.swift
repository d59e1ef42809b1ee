import DevstartCore
import DevstartPlatform

/// Finds and reads the manifest and what belongs to it.
enum ManifestFile {
  static let name = "devstart.json"
  static let localName = "devstart.local.json"
  static let variable = "DEVSTART_MANIFEST"
  /// More is no manifest.
  static let largest = 16 << 20

  /// Where the manifest is.
  struct Location {
    /// As people wrote it, or as short as it can be.
    var displayPath: String
    /// Canonical.
    var path: String
    /// The path by which it was found; nil where it was named.
    var foundAt: String?
  }

  /// `--manifest`, else `$DEVSTART_MANIFEST`, else the nearest `devstart.json` upwards; nil where
  /// there is none.
  static func find(_ option: String?) throws(CommandFailure) -> Location? {
    if let option { return try location(of: option, from: "--manifest") }
    if let value = OwnProcess.environmentValue(variable), !value.isEmpty {
      return try location(of: value, from: "$" + variable)
    }
    var folder: String
    do {
      folder = try FileInspection.canonicalPath(of: ".")
    } catch {
      throw CommandFailure(
        .wrong, "the current folder is gone (\(error.reason)); change to one that exists")
    }
    var display = name
    while true {
      let path = (folder == "/" ? "" : folder) + "/" + name
      if isThere(path) { return try location(of: path, displayPath: display, from: nil) }
      guard folder != "/" else { return nil }
      folder = FilePath.folder(of: folder)
      display = (folder == "/" ? "" : folder) + "/" + name
    }
  }

  /// Whatever is in the way of reading it is said when it is read.
  static func isThere(_ path: String) -> Bool {
    do {
      _ = try FileInspection.kind(ofPath: path)
      return true
    } catch {
      return error.isOtherThanMissing
    }
  }

  private static func location(
    of path: String, displayPath: String? = nil, from origin: String?
  ) throws(CommandFailure) -> Location {
    let shown = displayPath ?? path
    let said = origin.map { " (named by \($0))" } ?? ""
    do {
      switch try FileInspection.kind(ofPath: path) {
      case .file: break
      case .folder:
        throw CommandFailure(
          .wrong,
          "\(shown)\(said) is a folder, not a manifest; name the file in it, as "
            + "\(shown == "/" ? "" : shown)/\(name)")
      case .other:
        throw CommandFailure(.wrong, "\(shown)\(said) is no regular file; a manifest is JSON text")
      }
      return Location(
        displayPath: shown, path: try FileInspection.canonicalPath(of: path),
        foundAt: origin == nil ? path : nil)
    } catch let failure as CommandFailure {
      throw failure
    } catch let error as SystemError {
      throw CommandFailure(.wrong, "cannot open the manifest \(shown)\(said): \(error.reason)")
    } catch {
      throw CommandFailure(.wrong, "cannot open the manifest \(shown)\(said)")
    }
  }

  /// Reads and decodes it; every problem is a line of the failure.
  static func load(
    _ location: Location, settings: [Setting] = []
  ) throws(CommandFailure) -> Manifest {
    let file = ManifestSource.File(
      displayPath: location.displayPath,
      bytes: try bytes(ofPath: location.path, shownAs: location.displayPath))
    let folder = FilePath.folder(of: location.path)
    var source = ManifestSource(
      manifest: file, local: try localFile(besides: location, folder: folder),
      path: location.path, environment: OwnProcess.environmentValue, envFile: envFile)
    source.settings = settings
    do {
      return try source.decode()
    } catch {
      var failure = CommandFailure(.wrong, error.list.map(\.description))
      failure.isLocated = true
      throw failure
    }
  }

  private static func localFile(
    besides location: Location, folder: String
  ) throws(CommandFailure) -> ManifestSource.File? {
    let path = (folder == "/" ? "" : folder) + "/" + localName
    guard isThere(path) else { return nil }
    let shownFolder = FilePath.folder(of: location.displayPath)
    let shown = shownFolder == "." ? localName : shownFolder + "/" + localName
    return ManifestSource.File(displayPath: shown, bytes: try bytes(ofPath: path, shownAs: shown))
  }

  private static func bytes(
    ofPath path: String, shownAs shown: String
  ) throws(CommandFailure) -> [UInt8] {
    let bytes: [UInt8]
    do {
      bytes = try FileReading.bytes(ofPath: path, limit: largest)
    } catch {
      if error.isTooLarge {
        throw CommandFailure(.wrong, "\(shown) is larger than 16 MB; is it a manifest?")
      }
      throw CommandFailure(.wrong, "cannot read \(shown): \(error.reason)")
    }
    guard !bytes.isEmpty else {
      throw CommandFailure(
        .wrong, "\(shown) is empty; the least is {\"services\": {\"web\": {\"command\": \"…\"}}}")
    }
    return bytes
  }

  private static func envFile(_ path: String) -> Result<[UInt8], EnvFileProblem> {
    do {
      return .success(try FileReading.bytes(ofPath: path, limit: largest))
    } catch {
      return .failure(error.isOtherThanMissing ? .unreadable(error.reason) : .missing)
    }
  }
}
