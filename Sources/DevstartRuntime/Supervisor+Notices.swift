import DevstartCore
import DevstartPlatform

/// What services say of themselves (sd_notify(3)).
extension Supervisor {
  /// A socket for a new launch. Where there can be none, the service does without, as under a
  /// supervisor that knows no notifications.
  func notifySocket(for specification: inout LaunchSpecification) -> NotifySocket? {
    do {
      let socket = try NotifySocket(name: NotifySocket.newName(launch: specification.launch))
      specification.means.notifySocket = socket.name
      return socket
    } catch {
      log.write("\(specification.service.name): has no notify socket: \(error)")
      return nil
    }
  }

  /// The socket of a launch that an earlier supervisor began, by the name that the service knows.
  func inheritedSocket(of specification: LaunchSpecification) -> NotifySocket? {
    guard let name = specification.means.notifySocket else { return nil }
    if let number = configuration.handover?["notify"]?.int32(specification.launch) {
      return NotifySocket(inherited: number, name: name)
    }
    do {
      return try NotifySocket(name: name, patience: .milliseconds(100))
    } catch {
      log.write("\(specification.service.name): cannot be heard on its notify socket: \(error)")
      return nil
    }
  }

  /// The sockets' descriptors by launch, for the program that takes this one's place: what waits
  /// in them is read, and senders that are connected stay so.
  var notifySockets: JSON {
    let members = launches.values.compactMap { launch in
      launch.notify.map { JSON.Member(key: launch.id, value: JSON(Int($0.descriptor))) }
    }
    return JSON(.object(members))
  }

  func setNotifySocketsClosedOnExec(_ closes: Bool) {
    for launch in launches.values {
      if let socket = launch.notify { OwnProcess.setClosedOnExec(socket.descriptor, closes) }
    }
  }

  func takeNotices(of id: String) {
    guard let launch = launches[id], let socket = launch.notify else { return }
    for arrival in socket.arrivals() {
      if mayTell(arrival.sender, of: launch) {
        take(arrival.message, of: launch)
      } else {
        log.write("\(launch.name): not heard, as it is no member: \(arrival.sender.process)")
      }
      // What it waits for has been decided before anything else is read.
      drainEvents()
      arrival.barrier?.release()
    }
  }

  func endNotices(of launch: LiveLaunch) {
    guard let socket = launch.notify else { return }
    poll.remove(socket.descriptor)
    launch.notify = nil
  }

  /// A living sender must be a member; of one that is gone, nothing but its user is known.
  private func mayTell(_ sender: NotifySender, of launch: LiveLaunch) -> Bool {
    switch sender.process {
    case .alive(let identity):
      identity == launch.mainIdentity || isMember(identity.pid, of: launch)
    case .gone: sender.user == OwnProcess.user
    case .hidden: false
    }
  }

  private func take(_ message: NotifyMessage, of launch: LiveLaunch) {
    for assignment in message.assignments {
      switch assignment {
      case .mainProcess(let text):
        log.write("\(launch.name): MAINPID=\(text) is refused: main is whom its keeper started")
      case .barrier: break
      case .ready, .stopping, .status, .heartbeat, .livenessFailed:
        events.append(.launch(launch.id, of: launch.name, .notified(assignment)))
      }
    }
  }
}
