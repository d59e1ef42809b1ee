#if os(Linux)
import Glibc

/// Tells when anything changes in a folder, also in one that is deleted and made again
/// (inotify(7)).
package final class FolderWatch: Waitable {
  private let inotify: Inotify
  private let folder: String
  private let parent: String

  package var number: Int32 { inotify.descriptor }

  /// `parent` is a folder above `folder` that is there all the time.
  package init(folder: String, parent: String) throws(SystemError) {
    inotify = try Inotify()
    self.folder = folder
    self.parent = parent
    try inotify.add(parent, IN_CREATE | IN_MOVED_TO)
    watchFolder()
  }

  /// Takes what was reported: the reader looks at its files either way.
  package func clear() {
    inotify.discard()
    watchFolder()
  }

  /// Once more is harmless: the same folder has one watch, and a new one gets its own.
  private func watchFolder() {
    inotify.addIfThere(folder, IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE)
  }
}
#endif
