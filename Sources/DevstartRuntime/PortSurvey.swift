package import DevstartCore
package import DevstartPlatform

/// Finds who holds the ports that services declare.
package struct PortSurvey {
  private let users: UserNames

  package init(users: UserNames = .load()) { self.users = users }

  /// The holders of the services' ports, in the services' order; `members`, asked only if there
  /// are any, says of which service's launch a process is a member.
  package func holders(
    of services: [Service], members: () -> [Int32: String] = { [:] }
  ) throws(SystemError) -> [PortHolder] {
    let ports = services.flatMap(\.ports)
    guard !ports.isEmpty else { return [] }
    let held = try ListenerTable.holders(ofPorts: ports)
    guard !held.isEmpty else { return [] }
    let members = members()
    return services.flatMap { service in
      held.filter { service.ports.contains($0.listener.port) }.map { entry in
        holder(entry, of: service.name, members: members)
      }
    }
  }

  /// Who holds a port; nil where nobody does any more.
  package func holder(ofPort port: UInt16) throws(SystemError) -> PortHolder? {
    let held = try ListenerTable.holders(ofPorts: [port]).first
    return held.map { holder($0, of: "", members: [:]) }
  }

  private func holder(
    _ entry: HeldListener, of service: String, members: [Int32: String]
  ) -> PortHolder {
    var holder = PortHolder(
      service: service, port: entry.listener.port, user: users[entry.listener.user])
    if let facts = entry.process {
      holder.pid = facts.identity.pid
      holder.user = users[facts.user]
      holder.command = facts.arguments.joined(separator: " ")
      holder.age = Clock.now() - Clock.instant(startTicks: facts.identity.startTicks)
      holder.memberOf = members[facts.identity.pid]
    }
    return holder
  }
}
