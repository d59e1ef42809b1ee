import DevstartCore
import DevstartPlatform

/// A service's files while they are watched.
struct FileWatch {
  let watch: Watch
  let watcher: FileWatcher
}

extension Supervisor {
  /// Begins or ends to watch a service's files, as its life wants it now.
  func watchFiles(of name: String) {
    let wanted = fleet.services[name]?.watched?.watch
    guard fileWatches[name]?.watch != wanted else { return }
    if let old = fileWatches.removeValue(forKey: name) {
      poll.remove(old.watcher.descriptor)
      old.watcher.end()
      idleWatchers.append(old.watcher)
    }
    guard let wanted else { return }
    do {
      let patterns = try WatchPatterns(
        paths: wanted.paths, ignore: wanted.ignore, base: configuration.folder,
        logs: configuration.logs)
      let watcher = try watcher(of: patterns)
      fileWatches[name] = FileWatch(watch: wanted, watcher: watcher)
      poll.add(watcher.descriptor, .files(service: name))
      log.write("\(name): watches \(watcher.folderCount) folders")
      takeFileChanges(of: name)
    } catch {
      report("\(name): its files are not watched: \(error)")
    }
  }

  private func watcher(of patterns: WatchPatterns) throws(SystemError) -> FileWatcher {
    guard let idle = idleWatchers.popLast() else { return try FileWatcher(patterns) }
    idle.begin(patterns)
    return idle
  }

  func takeFileChanges(of name: String) {
    guard let changes = fileWatches[name]?.watcher.changes() else { return }
    for problem in changes.problems { report("\(name): \(problem)") }
    if let path = changes.overflowed ? "more than can be told" : changes.paths.first {
      log.write("\(name): \(path) changed")
      events.append(.service(name, .filesChanged(path)))
    }
  }

  /// Tells people with the next reply.
  private func report(_ text: String) {
    log.write(text)
    if !state.warnings.contains(text) { state.warnings.append(text) }
  }
}
