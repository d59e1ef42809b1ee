import DevstartCore
import DevstartPlatform

/// What is under way to find out how a service is.
enum Look {
  /// A probe's command, by its launch identifier.
  case command(String)
  case http(HTTPProbe, HTTPExpectation)
  /// Its log is followed.
  case log
}

extension Supervisor {
  /// Looks once.
  func look(_ probe: Probe, of launch: LiveLaunch) {
    switch probe {
    case .listening(let ports): found(listening(ports, launch), of: launch)
    case .http(let address, let status):
      do {
        try ask(address, HTTPExpectation(status: status), of: launch)
      } catch {
        found(.failed("\(error)"), of: launch)
      }
    case .command(let command): runProbe(command, of: launch)
    }
  }

  func found(_ result: ProbeResult, of launch: LiveLaunch) {
    events.append(.launch(launch.id, of: launch.name, .probed(result)))
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

  // MARK: HTTP

  /// Asks where the launch's own members listen, and nobody where there are none: a stranger's
  /// answer says nothing of the service.
  private func ask(
    _ text: String, _ expectation: HTTPExpectation, of launch: LiveLaunch
  ) throws {
    let address = try HTTPAddress(text)
    let own = try ListenerTable.addresses(
      address.host.addresses, port: address.port, heldBy: memberPIDs(of: launch))
    guard let probe = try HTTPProbe(address, at: own) else {
      found(.failed("it does not listen on port \(address.port)"), of: launch)
      return
    }
    launch.look = .http(probe, expectation)
    poll.add(
      probe.descriptor, .look(launch: launch.id), forWriting: probe.wantsWriting)
  }

  func advanceLook(of id: String) {
    guard let launch = launches[id], case .http(let probe, let expectation) = launch.look else {
      return
    }
    guard let result = probe.advance() else {
      poll.change(probe.descriptor, forWriting: probe.wantsWriting)
      return
    }
    endLook(of: launch)
    found(expectation.objection(to: result).map { .failed($0) } ?? .passed, of: launch)
  }

  // MARK: Logs

  func follow(_ pattern: String, of launch: LiveLaunch) {
    do {
      let probes = try logProbes ?? LogProbes()
      if logProbes == nil {
        logProbes = probes
        poll.add(probes.descriptor, .logs)
      }
      try probes.begin(
        launch.id, path: files.logPath(of: launch.name),
        from: launch.specification.means.logStart, pattern: pattern)
      launch.look = .log
    } catch {
      // It is looked again, as for any other probe, until the time is over.
      found(.failed("its log cannot be followed: \(error)"), of: launch)
    }
  }

  func takeLogMatches() {
    for id in logProbes?.advance() ?? [] {
      guard let launch = launches[id] else { continue }
      launch.look = nil
      events.append(.launch(id, of: launch.name, .logMatched))
    }
  }

  // MARK: Ending

  /// Nobody waits any more for what would be found.
  func endLook(of launch: LiveLaunch) {
    switch launch.look {
    case .command(let id): endCommand(id)
    case .http(let probe, _): poll.remove(probe.descriptor)
    case .log: logProbes?.end(launch.id)
    case nil: break
    }
    launch.look = nil
  }

  // MARK: Limits

  /// Measures the tree.
  func sample(_ launch: LiveLaunch, memoryLimit: Int?) {
    let sample = measure(launch, memoryLimit: memoryLimit)
    events.append(.launch(launch.id, of: launch.name, .sampled(sample)))
  }

  /// What the tree uses and has used; its memory exactly where it seems to be above the limit.
  func measure(_ launch: LiveLaunch, memoryLimit: Int? = nil) -> Sample {
    let meter = launch.meter ?? LaunchMeter()
    launch.meter = meter
    guard let gauge = gauge(of: launch) else {
      return meter.sample(of: memberPIDs(of: launch), memoryLimit: memoryLimit)
    }
    return meter.sample(gauge, main: launch.mainIdentity, memoryLimit: memoryLimit)
  }
}
