import DevstartControl
import DevstartCore
import DevstartPlatform

/// Asks what runs, without ever starting a supervisor.
struct StatusSource {
  let project: Project

  /// The supervisor's answer, else what the launch records and the process table tell. A supervisor
  /// that ends in between counts as none; one that cannot be asked does too, as this only looks.
  func read() -> StatusReply {
    do {
      return try StatusReply(json: try client().call(.status, delegate: Silence()))
    } catch {
      return Seams.offlineStatus(of: project.manifest)
    }
  }

  /// The same; throws where there is a supervisor that does not answer as it should.
  func readStrictly() throws(CommandFailure) -> StatusReply {
    do {
      return try StatusReply(json: try client().call(.status, delegate: Silence()))
    } catch CallError.noSupervisor, CallError.lost {
      return Seams.offlineStatus(of: project.manifest)
    } catch let error as CallError {
      throw CallWording.failure(of: error)
    } catch {
      throw CallWording.failure(
        of: .notUnderstood(ProtocolError(code: .invalidParameters, text: "a status of other shape"))
      )
    }
  }

  func client() -> ControlClient {
    ControlClient(address: project.address, startsSupervisor: false, takesSignals: false)
  }

  /// Nothing is shown while a status is asked for.
  private final class Silence: CallDelegate {
    var wakesAt: Instant? { nil }
    func woke() {}
    func received(_ progress: Progress) {}
    func received(_ status: StatusReply) {}
    func received(_ signal: Signal) -> CallDirective { .carryOn }
    func noted(_ event: CallEvent) {}
  }
}
