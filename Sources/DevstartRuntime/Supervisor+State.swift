import DevstartCore
import DevstartPlatform

extension Supervisor {
  /// Whose launches end with whom: clients', and those of holders that have not come back yet.
  private func leases() -> [StateFile.Lease] {
    let connected = fleet.leasedLaunches().compactMap { client, launches in
      clientIdentities[client].map { StateFile.Lease(holder: $0, launches: launches) }
    }
    let awaited = leaseHolders.map {
      StateFile.Lease(holder: $0.holder.identity, launches: $0.launches)
    }
    return (connected + awaited).sorted { $0.holder.pid < $1.holder.pid }
  }

  /// Writes what is known, if it is more than was written. A state that cannot be written is a
  /// warning: what can be seen is enough to take over.
  func flushState() {
    guard state.isStale else { return }
    writesStateBy = nil
    servicesToNote = []
    state.update(from: fleet)
    state.leases = leases()
    guard let content = state.contentToWrite() else { return }
    do {
      try files.writeControlFile(StateFile.name, content)
    } catch {
      let text = "logs/.devstart/\(StateFile.name) cannot be written: \(error.reason)"
      if !state.warnings.contains(text) { state.warnings.append(text) }
      log.write(text)
    }
  }
}
