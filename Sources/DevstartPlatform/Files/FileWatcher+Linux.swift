#if os(Linux)
package import DevstartCore
import Glibc

/// Tells which files of a service's `watch` have changed (inotify(7)).
///
/// A change is a file that was written and closed, moved to or away, linked or deleted; not one
/// that was opened, read or given other attributes. Folders are watched one by one, those alone
/// that may hold what fits. Links are not followed. It decides nothing about time: a burst of
/// changes is the caller's to wait for.
package final class FileWatcher {
  /// What has changed since the last look.
  package struct Changes: Equatable, Sendable {
    /// Each once, sorted; from the manifest's folder on, or absolute where they are outside. A
    /// folder stands for what was in it when it was moved away.
    package var paths: [String] = []
    /// There were more than the system keeps (`fs.inotify.max_queued_events`): anything may have
    /// changed.
    package var overflowed = false
    /// What is not watched, though it should be; each folder is told once.
    package var problems: [Problem] = []

    package var isEmpty: Bool { paths.isEmpty && !overflowed }
  }

  /// Why changes are missed.
  package enum Problem: Error, Equatable, Sendable {
    /// The user has used up all watches; how many those are. Nothing more is watched.
    case tooManyWatches(limit: Int?)
    /// The folder cannot be watched or read.
    case unreadable(SystemError)
  }

  private static let mask =
    IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF
    | IN_MOVE_SELF | IN_ONLYDIR | IN_DONT_FOLLOW | IN_EXCL_UNLINK

  private let inotify: Inotify
  private var patterns: WatchPatterns
  private var paths: [Int32: String] = [:]
  private var watches: [String: Int32] = [:]
  /// Folders above a root that is missing, watched until it is there.
  private var anchors: Set<String> = []
  private var told: Set<String> = []
  private var isFull = false
  private var found: Set<String> = []
  private var pending = Changes()

  /// Readable when there may be changes.
  package var descriptor: Int32 { inotify.descriptor }
  /// How many folders are watched.
  package var folderCount: Int { watches.count }

  /// Begins to watch; what could not be watched is among the problems of the first `changes()`.
  package init(_ patterns: WatchPatterns) throws(SystemError) {
    self.patterns = patterns
    inotify = try Inotify()
    coverRoots(tells: false)
  }

  /// Watches nothing any more. To close the descriptor would take the kernel some 20 ms, so this
  /// one is to be kept for what is watched next.
  package func end() {
    forgetAll()
    anchors.removeAll()
    told.removeAll()
    pending = Changes()
  }

  /// Watches these, after `end()`.
  package func begin(_ patterns: WatchPatterns) {
    self.patterns = patterns
    inotify.discard()
    coverRoots(tells: false)
  }

  /// Takes the changes that were reported; never blocks.
  package func changes() -> Changes {
    var mayHaveRoots = false
    for event in inotify.take() {
      if event.has(IN_Q_OVERFLOW) {
        pending.overflowed = true
      } else if take(event) {
        mayHaveRoots = true
      }
    }
    if pending.overflowed {
      coverAgain()
    } else if mayHaveRoots {
      coverRoots(tells: true)
    }
    defer {
      found.removeAll()
      pending = Changes()
    }
    pending.paths = found.map { patterns.shown($0) }.sorted()
    return pending
  }

  // MARK: Events

  /// True where it may have to be looked for roots again.
  private func take(_ event: Inotify.Event) -> Bool {
    guard let folder = paths[event.watch] else { return false }
    if event.has(IN_IGNORED) {
      forget(event.watch)
      return isAtRoot(folder)
    }
    if event.has(IN_DELETE_SELF | IN_MOVE_SELF) {
      // Elsewhere the folder above tells, and it is the same folder under a new name; here the
      // name that counts is free.
      guard isAtRoot(folder) else { return false }
      uncover(folder)
      if patterns.mayHoldFits(folder: folder) { found.insert(folder) }
      return true
    }
    guard !event.name.isEmpty else { return false }
    let path = Self.path(folder, event.name)
    if event.has(IN_ISDIR) { takeFolder(event, path) } else { takeFile(event, path) }
    return anchors.contains(folder)
  }

  private func takeFolder(_ event: Inotify.Event, _ path: String) {
    if event.has(IN_CREATE | IN_MOVED_TO) { cover(path, tells: true) }
    if event.has(IN_MOVED_FROM | IN_DELETE) {
      // Of a folder that was deleted, each file was told of; of one that was moved, none was.
      if event.has(IN_MOVED_FROM), patterns.mayHoldFits(folder: path) { found.insert(path) }
      uncover(path)
    }
  }

  private func takeFile(_ event: Inotify.Event, _ path: String) {
    guard patterns.fits(path) else { return }
    if event.has(IN_CLOSE_WRITE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO) || isFinished(path) {
      found.insert(path)
    }
  }

  /// Whether nobody will close what was created: a link, or a file that was made without a name.
  /// A file that is only now begun tells again when it is closed.
  private func isFinished(_ path: String) -> Bool {
    var information = stat()
    guard lstat(path, &information) == 0 else { return false }
    return information.st_mode & S_IFMT != S_IFREG || information.st_nlink > 1
      || information.st_size > 0
  }

  // MARK: Folders

  private static func path(_ folder: String, _ name: String) -> String {
    folder == "/" ? "/" + name : folder + "/" + name
  }

  /// Watches each root, or the nearest folder above it while it is missing.
  private func coverRoots(tells: Bool) {
    anchors.removeAll()
    for root in patterns.roots {
      var folder = root
      while !Self.isFolder(folder), folder != "/" { folder = FilePath.folder(of: folder) }
      cover(folder, tells: tells)
      if folder != root { anchors.insert(folder) }
    }
    // What is above a root has many changes that are nobody's business.
    for (folder, watch) in watches where !anchors.contains(folder) && !isWithinRoot(folder) {
      inotify.remove(watch)
      forget(watch)
    }
  }

  /// Begins anew when it is not known what was missed.
  private func coverAgain() {
    forgetAll()
    coverRoots(tells: false)
  }

  private func forgetAll() {
    for watch in paths.keys { inotify.remove(watch) }
    paths.removeAll()
    watches.removeAll()
    isFull = false
  }

  private static func isFolder(_ path: String) -> Bool {
    var information = stat()
    return lstat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFDIR
  }

  private func isWithinRoot(_ folder: String) -> Bool {
    patterns.roots.contains { folder == $0 || folder.hasPrefix($0 == "/" ? "/" : $0 + "/") }
  }

  private func isAtRoot(_ folder: String) -> Bool {
    patterns.roots.contains(folder) || anchors.contains(folder)
  }

  /// Watches a folder and those below it. What fits and is there already is told, too, where it
  /// may have come before the watch did.
  private func cover(_ top: String, tells: Bool) {
    var folders = [top]
    while let folder = folders.popLast() {
      guard patterns.mayHoldFits(folder: folder), beginsToWatch(folder) else { continue }
      do {
        // The watch came first: what is made meanwhile is told twice rather than never.
        for entry in try FolderEntries.all(of: folder) {
          let path = Self.path(folder, entry.name)
          if entry.isFolder {
            folders.append(path)
          } else if tells, patterns.fits(path) {
            found.insert(path)
          }
        }
      } catch {
        tell(error)
      }
    }
  }

  /// False where it cannot be watched, or is already, with what is in it.
  private func beginsToWatch(_ folder: String) -> Bool {
    guard !isFull else { return false }
    do {
      let watch = try inotify.add(folder, Self.mask)
      if watches[folder] == watch, paths[watch] == folder { return false }
      if let other = watches[folder] { paths[other] = nil }
      if let other = paths[watch] { watches[other] = nil }
      paths[watch] = folder
      watches[folder] = watch
      return true
    } catch {
      // ENOTDIR is a link or what took a folder's place, ENOENT what is gone again.
      if error.code == ENOSPC || error.code == ENOMEM {
        isFull = true
        pending.problems.append(.tooManyWatches(limit: Self.limit()))
      } else if error.isOtherThanMissing, error.code != ELOOP {
        tell(error)
      }
      return false
    }
  }

  private func tell(_ error: SystemError) {
    guard error.isOtherThanMissing, told.insert(error.operand).inserted else { return }
    pending.problems.append(.unreadable(error))
  }

  /// `fs.inotify.max_user_watches`.
  private static func limit() -> Int? {
    do {
      let path = "/proc/sys/fs/inotify/max_user_watches"
      let bytes = try FileReading.bytes(ofPath: path, limit: 64)
      return Int(String(decoding: bytes.filter { $0 > 0x20 }, as: UTF8.self))
    } catch {
      return nil
    }
  }

  private func uncover(_ folder: String) {
    for (path, watch) in watches where path == folder || path.hasPrefix(folder + "/") {
      // By now it may be watched under the name that it was moved to.
      if paths[watch] == path {
        inotify.remove(watch)
        paths[watch] = nil
      }
      watches[path] = nil
      told.remove(path)
    }
    isFull = false
  }

  private func forget(_ watch: Int32) {
    guard let path = paths.removeValue(forKey: watch) else { return }
    if watches[path] == watch { watches[path] = nil }
  }
}
#endif
