#if os(Linux)
import Glibc

/// Tells when the control folder, or what a supervisor needs in it, is taken away (inotify(7)).
package final class ControlFolderWatch {
  private let watch: OwnedDescriptor

  package var descriptor: Int32 { watch.number }

  package init() throws(SystemError) {
    watch = OwnedDescriptor(
      owning: try systemCall("inotify_init1") {
        inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
      })
  }

  /// Watches the folder that is there now, its log folder, its lock and its socket.
  package func begin(_ files: LaunchFiles) {
    let number = files.control.descriptor.number
    let folder = "/proc/self/fd/\(number)"
    let lost = UInt32(IN_DELETE_SELF | IN_MOVE_SELF)
    // The last link of an open file is not deleted but changed: its link count is 0.
    let unlinked = lost | UInt32(IN_ATTRIB)
    _ = inotify_add_watch(watch.number, folder + "/.", lost)
    _ = inotify_add_watch(watch.number, "/proc/self/fd/\(files.logs.number)/.", lost)
    for name in [ControlFolder.lockName, ControlFolder.socketName] {
      _ = inotify_add_watch(watch.number, "\(folder)/\(name)", unlinked)
    }
  }

  /// Takes what was reported.
  package func clear() {
    var buffer = [UInt8](repeating: 0, count: 4096)
    while read(watch.number, &buffer, buffer.count) > 0 {}
  }
}
#endif
