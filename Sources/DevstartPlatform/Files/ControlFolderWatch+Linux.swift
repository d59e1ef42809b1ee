#if os(Linux)
import Glibc

/// Tells when the control folder, or what a supervisor needs in it, is taken away (inotify(7)).
package final class ControlFolderWatch {
  private let inotify: Inotify

  package var descriptor: Int32 { inotify.descriptor }

  package init() throws(SystemError) { inotify = try Inotify() }

  /// Watches the folder that is there now, its log folder, its lock and its socket.
  package func begin(_ files: LaunchFiles) {
    let number = files.control.descriptor.number
    let folder = "/proc/self/fd/\(number)"
    let lost = IN_DELETE_SELF | IN_MOVE_SELF
    // The last link of an open file is not deleted but changed: its link count is 0.
    let unlinked = lost | IN_ATTRIB
    inotify.addIfThere(folder + "/.", lost)
    inotify.addIfThere("/proc/self/fd/\(files.logs.number)/.", lost)
    for name in [ControlFolder.lockName, ControlFolder.socketName] {
      inotify.addIfThere("\(folder)/\(name)", unlinked)
    }
  }

  /// Takes what was reported.
  package func clear() { inotify.discard() }
}
#endif
