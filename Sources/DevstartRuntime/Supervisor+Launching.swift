import DevstartCore
import DevstartPlatform

extension Supervisor {
  /// Forks a keeper for a launch. Where it follows another by itself, its log goes on.
  func launch(_ specification: LaunchSpecification, continuesLog: Bool) {
    let service = specification.service
    do {
      let log =
        continuesLog
        ? try files.openLogAgain(of: service.name)
        : try files.openLog(of: service.name, keep: service.log.keep)
      let record = try files.openRecord(of: service.name)
      try leaveDescriptors()
      var order = Keeper.Order(
        title: "\(DevstartOwn.keeperTitle)\(service.name)", directory: service.workingDirectory,
        arguments: service.command.argumentVector, caller: specification.caller)
      var specification = specification
      specification.means.logStart = continuesLog ? LaunchFiles.size(of: log) : 0
      let notify = notifySocket(for: &specification)
      let texts = texts(of: specification.caller)
      order.environment = specification.environment(texts)
      order.standardInput = service.standardInput
      order.recordHead = LaunchRecord.head(
        launch: specification.launch, folder: try files.folderIdentity(), world: world)
      let (pid, reports) = try Keeper.fork(
        order, specification: specification.bytes(texts), log: log, record: record.number)
      let launch = LiveLaunch(
        specification, keeper: HeldProcess.hold(child: pid), reports: reports)
      launch.notify = notify
      watch(launch)
    } catch {
      events.append(.service(service.name, .launchFailed("cannot be launched: \(error)")))
    }
  }

  /// Refuses what would take the last descriptors: they are for ending what runs. Used are those
  /// that are waited for, one for each main, which may have to come yet, and the fixed ones with
  /// what a launch takes while it is made.
  func leaveDescriptors() throws(SystemError) {
    let waitedFor = poll.count + reception.descriptors.count
    try OwnProcess.leaveReserve(with: waitedFor + launches.count + 24)
  }

  /// What the launches of one request have in common is worked out once.
  func texts(of caller: Caller) -> CallerTexts {
    if let callerTexts, callerTexts.caller == caller { return callerTexts }
    let texts = CallerTexts(caller)
    callerTexts = texts
    return texts
  }

  /// Waits for what the launch's keeper says, and for its end.
  func watch(_ launch: LiveLaunch) {
    launches[launch.id] = launch
    if let reports = launch.reports { poll.add(reports.descriptor, .reports(launch: launch.id)) }
    if let keeper = launch.keeper {
      awaitEnd(of: keeper, as: .keeper(launch: launch.id))
    }
    careForLog(of: launch)
    if let notify = launch.notify { poll.add(notify.descriptor, .notify(launch: launch.id)) }
  }
}
