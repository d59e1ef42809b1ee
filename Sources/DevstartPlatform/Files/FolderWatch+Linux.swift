#if os(Linux)
import Glibc

/// Tells when anything changes in a folder, also in one that is deleted and made again
/// (inotify(7)).
package final class FolderWatch: Waitable {
  private let descriptor: OwnedDescriptor
  private let folder: String
  private let parent: String

  package var number: Int32 { descriptor.number }

  /// `parent` is a folder above `folder` that is there all the time.
  package init(folder: String, parent: String) throws(SystemError) {
    let number = try systemCall("inotify_init1", folder) {
      inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
    }
    descriptor = OwnedDescriptor(owning: number)
    self.folder = folder
    self.parent = parent
    try systemCall("inotify_add_watch", parent) {
      inotify_add_watch(number, parent, UInt32(IN_CREATE | IN_MOVED_TO))
    }
    watchFolder()
  }

  /// Takes what was reported: the reader looks at its files either way.
  package func clear() {
    var buffer = [UInt8](repeating: 0, count: 16_384)
    while read(number, &buffer, buffer.count) > 0 {}
    watchFolder()
  }

  /// Once more is harmless: the same folder has one watch, and a new one gets its own.
  private func watchFolder() {
    _ = inotify_add_watch(
      number, folder, UInt32(IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE))
  }
}
#endif
