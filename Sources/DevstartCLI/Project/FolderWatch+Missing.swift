import DevstartCore
import DevstartPlatform

extension FolderWatch {
  /// Of a folder that need not be there yet: the nearest one above it that is tells when it comes.
  static func of(_ folder: String) throws(SystemError) -> FolderWatch {
    var parent = FilePath.folder(of: folder)
    while parent != "/", !isFolder(parent) { parent = FilePath.folder(of: parent) }
    return try FolderWatch(folder: folder, parent: parent)
  }

  private static func isFolder(_ path: String) -> Bool {
    do {
      return try FileInspection.kind(ofPath: path) == .folder
    } catch {
      return false
    }
  }
}
