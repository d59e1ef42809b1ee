/// Who asked: one connection to the supervisor.
package struct ClientID: Hashable, Comparable, Sendable {
  package var number: Int

  package init(_ number: Int) { self.number = number }

  package static func < (left: ClientID, right: ClientID) -> Bool { left.number < right.number }
}

/// Who listens on a port that a service declares.
package struct PortHolder: Equatable, Sendable {
  package var service: String
  package var port: UInt16
  /// nil where it cannot be seen: another user's, without root.
  package var pid: Int32?
  package var command: String?
  package var user: String
  /// Since its start.
  package var age: Duration?
  /// The service whose current launch it is a member of.
  package var memberOf: String?

  package init(service: String, port: UInt16, user: String) {
    self.service = service
    self.port = port
    self.user = user
  }
}

/// What a look at the process table and the listeners found for some services.
package struct Survey: Equatable, Sendable {
  package var strays: [Stray] = []
  /// `found`, `spared` and `foreign` in words.
  package var report = SweepReport()
  /// Who holds a declared port now.
  package var holders: [PortHolder] = []

  package init() {}
}

/// What happens to the fleet.
package enum FleetEvent: Equatable, Sendable {
  /// `callerBegan` is when the asking command itself was started.
  case start(ClientID, StartRequest, callerBegan: Instant)
  case stop(ClientID, StopRequest)
  case clean(ClientID, CleanRequest)
  case wait(ClientID, WaitRequest)
  case cancel(ClientID, isForced: Bool)
  case lease(ClientID, launches: [String])
  case disconnected(ClientID)
  case surveyed(ClientID, Survey)
  /// The strays of one service are gone, or named as failed.
  case straysEnded(ClientID, service: String, SweepReport)
  case service(String, ServiceEvent)
  /// What was heard or found of one launch of a service: nobody's where it is that no more.
  case launch(String, of: String, LaunchEvent)
  case timePassed
}

/// What the runtime is to do, in this order.
package enum FleetEffect: Equatable, Sendable {
  case service(String, ServiceEffect)
  /// Look for strays of these services, and for holders of their ports.
  case survey(ClientID, [Service])
  /// TERM them, KILL them after the time, each through its handle.
  case endStrays(ClientID, service: String, [Stray], timeout: Duration, isForced: Bool)
  case reply(ClientID, OperationReply)
  case refuse(ClientID, RequestError)
  /// The service's state is another now.
  case changed(String)
}
