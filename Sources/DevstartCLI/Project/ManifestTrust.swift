import DevstartCore
import DevstartPlatform

/// Whether a manifest may be someone else's word: what it says is executed as this user.
///
/// Nobody looks at what a search upwards finds, so what anybody could have put there is refused;
/// who names the manifest has decided. Root is asked more, as sshd(8) does with `StrictModes`.
struct ManifestTrust {
  private let location: ManifestFile.Location
  private let isRoot = OwnProcess.user == 0
  /// Whose files are as good as one's own: root's, and those of whoever uses sudo(8).
  private let trusted: Set<UInt32>

  init(_ location: ManifestFile.Location) {
    self.location = location
    var trusted = [0, OwnProcess.user]
    if isRoot, let user = OwnProcess.environmentValue("SUDO_UID").flatMap({ UInt32($0) }) {
      trusted.append(user)
    }
    self.trusted = Set(trusted)
  }

  /// What is to be known about it, in words; throws where it must not be used.
  func check() throws(CommandFailure) -> [String] {
    let folder = FilePath.folder(of: location.path)
    let local = (folder == "/" ? "" : folder) + "/" + ManifestFile.localName
    var paths = [location.path]
    if let found = location.foundAt, found != location.path { paths.append(found) }
    if ManifestFile.isThere(local) { paths.append(local) }
    for path in paths {
      guard let objection = objection(to: path) else { continue }
      guard location.foundAt != nil else { return [objection] }
      throw CommandFailure(
        .failed,
        "\(objection); it is not used. Look at what it says and set that right, or name it with "
          + "--manifest \(location.path) to say that you trust it")
    }
    return paths.compactMap(ownerWarning)
  }

  private func objection(to path: String) -> String? {
    guard let file = permissions(of: path) else { return nil }
    let folder = FilePath.folder(of: path)
    if permissions(of: folder)?.isOpen == true, !trusted.contains(file.owner) {
      return "anybody may put a file into \(folder), and \(path) is of \(name(of: file.owner))"
    }
    guard isRoot else { return nil }
    if file.isOpen, !file.isLink {
      return "anybody may write to \(path), and it would be executed as root (chmod o-w)"
    }
    var above = folder
    while true {
      if let found = permissions(of: above), found.isOpen, !found.isSticky, !found.isLink {
        return "anybody may replace what is in \(above), and \(path) would be executed as root "
          + "(chmod o-w)"
      }
      guard above != "/" else { return nil }
      above = FilePath.folder(of: above)
    }
  }

  private func ownerWarning(_ path: String) -> String? {
    guard isRoot, let file = permissions(of: path), !trusted.contains(file.owner) else {
      return nil
    }
    return "\(path) belongs to \(name(of: file.owner)), who says by it what is executed as root"
  }

  /// What is to be known about the folder of logs.
  func warning(ofLogs logs: String) -> String? {
    guard isRoot, let found = permissions(of: logs), found.isOpen else { return nil }
    return "anybody may write to \(logs), and replace the logs and PID files in it (chmod o-w)"
  }

  /// What cannot be looked at is met where it is read.
  private func permissions(of path: String) -> FileInspection.Permissions? {
    do { return try FileInspection.permissions(ofPath: path) } catch { return nil }
  }

  private func name(of user: UInt32) -> String { UserNames.load()[user] }
}
