#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Finds the manifest that a directory belongs to: the nearest `devstart.json` upwards. It
/// remembers what it found, so one serves for one scan.
package struct NearestManifest {
  /// The file that is looked for.
  package static let fileName = "devstart.json"

  private let ownPath: String?
  private let ownFolder: String?
  private var known: [String: String?] = [:]

  /// `manifest` is the canonical path of the manifest that is asked about: its folder counts as
  /// having it, whatever the file's name.
  package init(manifest: String? = nil) {
    ownPath = manifest
    ownFolder = manifest.map { Self.parent(of: $0) ?? "/" }
  }

  /// The canonical path of the manifest for an absolute directory; nil where there is none.
  package mutating func callAsFunction(forDirectory directory: String) -> String? {
    guard directory.utf8.first == UInt8(ascii: "/") else { return nil }
    if let found = known[directory] { return found }
    var found = manifest(in: directory)
    if found == nil, let parent = Self.parent(of: directory) { found = self(forDirectory: parent) }
    known[directory] = .some(found)
    return found
  }

  private func manifest(in directory: String) -> String? {
    if directory == ownFolder { return ownPath }
    let path = directory == "/" ? "/\(Self.fileName)" : "\(directory)/\(Self.fileName)"
    guard let canonical = realpath(path, nil) else { return nil }
    defer { free(canonical) }
    return String(cString: canonical)
  }

  /// nil for the root.
  private static func parent(of path: String) -> String? {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), path.utf8.count > 1 else {
      return nil
    }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
