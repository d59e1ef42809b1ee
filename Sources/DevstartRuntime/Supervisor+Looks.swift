import DevstartCore
import DevstartPlatform

/// What is under way to find out how a service is.
enum Look: Equatable {
  /// A probe's command, by its launch identifier.
  case command(String)
}

extension Supervisor {
  /// Looks once.
  func look(_ probe: Probe, of launch: LiveLaunch) {
    switch probe {
    case .listening(let ports):
      events.append(.service(launch.name, .probed(listening(ports, launch))))
    case .http: break
    case .command(let command): runProbe(command, of: launch)
    }
  }

  private func listening(_ ports: [UInt16], _ launch: LiveLaunch) -> ProbeResult {
    let members = memberPIDs(of: launch)
    for port in ports {
      do {
        if try !ListenerTable.isListening(port: port, amongMembers: members) { return .failed(nil) }
      } catch {
        log.write("\(launch.name): cannot see who listens on port \(port): \(error)")
        return .failed("cannot see who listens: \(error)")
      }
    }
    return .passed
  }

  func follow(_ pattern: String, of launch: LiveLaunch) {}

  /// Nobody waits any more for what would be found.
  func endLook(of launch: LiveLaunch) {
    switch launch.look {
    case .command(let id): endCommand(id)
    case nil: break
    }
    launch.look = nil
  }

  /// Measures the tree.
  func sample(_ launch: LiveLaunch, memoryLimit: Int?) {
    let figures = self.figures(of: launch)
    events.append(
      .service(
        launch.name,
        .sampled(
          Sample(
            cpuSeconds: figures.cpuSeconds, memoryBytes: figures.residentBytes, largest: nil))))
  }
}
