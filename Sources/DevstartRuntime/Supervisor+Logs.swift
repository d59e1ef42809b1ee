import DevstartCore
import DevstartPlatform

/// One service's log while it is kept below its size.
final class LogCare {
  let size: LogSize
  let maxSize: Int
  /// How large it was at the last look, and when that was.
  var last: (size: Int, at: Instant)
  /// Which file the service writes to.
  let inode: UInt64?
  /// When to look again; nil while it is quiet.
  var nextLook: Instant?

  init(_ service: Service, inode: UInt64?, size: Int, at now: Instant) {
    self.inode = inode
    self.size = LogSize(of: service.name, maxSize: service.log.maxSize, keep: service.log.keep)
    maxSize = service.log.maxSize
    last = (size, now)
  }

  /// Looks twice before it can be too large, if it grows on as it did, between a second and a
  /// minute.
  func pause(at size: Int, _ now: Instant) -> Duration {
    let grown = Double(size - last.size) / max(0.001, (now - last.at).seconds)
    let left = Double(max(0, maxSize - size))
    return .milliseconds(Int(min(60, max(1, left / max(1, grown) / 2)) * 1000))
  }
}

extension Supervisor {
  /// Begins to keep the log of a launch below its size.
  func careForLog(of launch: LiveLaunch) {
    guard launch.role == .service else { return }
    do {
      let watch = try logGrowth ?? LogGrowthWatch()
      if logGrowth == nil {
        logGrowth = watch
        poll.add(watch.descriptor, .logGrowth)
      }
      let now = Clock.now()
      let care = LogCare(
        launch.specification.service, inode: files.logInode(of: launch.name),
        size: files.logSize(of: launch.name), at: now)
      logCares[launch.name] = care
      try watch.arm(launch.name, in: files, isQuiet: true)
      if files.logSize(of: launch.name) > care.maxSize { care.nextLook = now }
    } catch {
      log.write("\(launch.name): its log is not kept below its size: \(error)")
    }
  }

  /// The launch is gone: nothing writes to its log any more.
  func forgetLog(of launch: LiveLaunch) {
    guard launch.role == .service, let care = logCares.removeValue(forKey: launch.name) else {
      return
    }
    care.size.abandon(in: files)
    logGrowth?.disarm(launch.name)
  }

  func takeLogGrowth() {
    let now = Clock.now()
    for name in logGrowth?.stirred() ?? [] {
      guard let care = logCares[name] else { continue }
      // How fast it grows is counted from its first write, not from the end of the last ones.
      care.last.at = now
      care.nextLook = now + .seconds(1)
    }
  }

  /// Looks at every log that it is time for.
  func lookAtLogs() {
    let now = Clock.now()
    for (name, care) in logCares where care.nextLook.map({ $0 <= now }) == true {
      look(at: care, of: name, now)
    }
  }

  private func look(at care: LogCare, of name: String, _ now: Instant) {
    // A pattern is looked for from a place in it.
    if let id = fleet.services[name]?.life.launch?.id, case .log = launches[id]?.look {
      care.nextLook = now + .seconds(1)
      return
    }
    if isTakenAway(care, of: name) {
      care.nextLook = nil
      return
    }
    switch care.size.step(in: files) {
    case .more: care.nextLook = now
    case .done(let bytes):
      log.write("\(name): its log's first \(Figures.bytes(bytes)) are another file now")
      care.nextLook = now
      care.last = (files.logSize(of: name), now)
    case .unsupported(let fileSystem):
      launch(of: name)?.logProblem =
        "its log grows beyond \(Figures.bytes(care.maxSize)): \(fileSystem) cannot shorten a file "
        + "from its beginning"
      care.nextLook = nil
    case .failed(let error):
      launch(of: name)?.logProblem = "its log grows beyond \(Figures.bytes(care.maxSize)): \(error)"
      log.write("\(name): its log cannot be kept below its size: \(error)")
      lookLater(care, of: name, now)
    case .notNeeded: lookLater(care, of: name, now)
    }
  }

  /// A service goes on writing to the file that it has open: that is not the log any more.
  private func isTakenAway(_ care: LogCare, of name: String) -> Bool {
    guard let inode = care.inode, files.logInode(of: name) != inode else { return false }
    launch(of: name)?.logProblem =
      "its log was taken away: what it writes goes to a file that is not there any more, until it "
      + "is restarted"
    return true
  }

  private func launch(of name: String) -> LiveLaunch? {
    (fleet.services[name]?.life.launch?.id).flatMap { launches[$0] }
  }

  /// While it grows, again in time; else when it grows.
  private func lookLater(_ care: LogCare, of name: String, _ now: Instant) {
    let size = files.logSize(of: name)
    let isQuiet = size == care.last.size
    care.nextLook = isQuiet ? nil : now + care.pause(at: size, now)
    care.last = (size, now)
    do {
      try logGrowth?.arm(name, in: files, isQuiet: isQuiet)
      // What was written before it was armed is not told.
      if isQuiet, files.logSize(of: name) != size { care.nextLook = now + .seconds(1) }
    } catch {
      log.write("\(name): its log is not watched: \(error)")
    }
  }
}
