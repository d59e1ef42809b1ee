/// The changes of watched files that have not been acted on, and those that were.
package struct FileChanges: Equatable, Sendable {
  /// The first that changed since.
  var path: String?
  /// When the changes have settled.
  var dueAt: Instant?
  /// One that settled while a launch was being ended.
  var settled: String?
  /// The restarts for changes of the last minute.
  var recent: [Instant] = []
  /// Why nothing is watched any more, in words.
  package var endedBecause: String?

  /// So many restarts a minute are a loop: what the service writes itself is being watched.
  static let mostPerMinute = 10

  package init() {}
}

/// Restarts, or a signal, when files change.
extension ServiceMachine {
  /// What is to be watched for this service now.
  package var watched: (watch: Watch, specification: LaunchSpecification)? {
    let specification: LaunchSpecification? =
      switch life {
      case .starting(let launch, _), .ready(let launch, _): launch.specification
      case .resting(let specification, _), .backoff(let specification, _, _): specification
      // What follows a stop that nobody asked for is watched on.
      case .stopping(let launch, let stopping):
        stopping.cause == .asked ? nil : launch.specification
      case .down, .waiting, .finished: nil
      }
    guard let specification, let watch = specification.service.watch, files.endedBecause == nil
    else { return nil }
    return (watch, specification)
  }

  mutating func filesChanged(_ path: String, at now: Instant) -> [ServiceEffect] {
    guard let (watch, _) = watched else { return [] }
    // An editor's save is several changes, a build's output many: the last one counts.
    files.path = files.path ?? path
    files.dueAt = now + watch.debounce
    return []
  }

  /// The changes have settled.
  mutating func filesSettled(at now: Instant) -> [ServiceEffect] {
    let path = files.path ?? "a file"
    files.path = nil
    files.dueAt = nil
    guard let (watch, specification) = watched else { return [] }
    if let signal = watch.signal {
      if case .ready = life { return [.signalMain(signal)] }
      return []
    }
    files.recent.removeAll { $0 + .seconds(60) <= now }
    guard files.recent.count < FileChanges.mostPerMinute else {
      files.endedBecause =
        "its files are watched no more, as they changed \(files.recent.count) times within a minute, "
        + "last \(path): if the service writes them itself, name them in \"ignore\""
      return []
    }
    switch life {
    case .starting(let launch, _), .ready(let launch, _):
      files.recent.append(now)
      return beginStopping(launch, cause: .filesChanged(path), next: nil, at: now)
    case .resting, .backoff:
      files.recent.append(now)
      return launchAgain(specification, filesChanged: path, at: now)
    // What follows the stop sees the change; where nothing does, the change is what follows.
    case .stopping: files.settled = path
    case .down, .waiting, .finished: break
    }
    return []
  }
}
