import DevstartControl
import DevstartCore
import DevstartPlatform
import DevstartRuntime

/// Asks what runs, without ever starting a supervisor.
struct StatusSource {
  /// What was learnt, and which files made no sense, in words.
  struct Reading {
    var reply: StatusReply
    var problems: [String] = []
  }

  let project: Project
  var early: EarlyQuestion?

  /// The supervisor's answer, else what the launch records and the process table tell. A supervisor
  /// that ends in between counts as none; throws where there is one that does not answer as it
  /// should, or where the files are not ours to read.
  func read() throws(CommandFailure) -> Reading {
    let silence = Silence()
    do {
      return Reading(reply: try StatusReply(json: try client().call(.status, delegate: silence)))
    } catch CallError.noSupervisor, CallError.lost {
      var reading = try offline()
      reading.problems += silence.notes
      return reading
    } catch CallError.connection(let failure) where failure.isDeafness {
      var reading = try offline()
      reading.problems.append(CallWording.text(of: failure))
      return reading
    } catch let error as CallError {
      throw CallWording.failure(of: error)
    } catch {
      throw CallWording.failure(
        of: .notUnderstood(ProtocolError(code: .invalidParameters, text: "a status of other shape"))
      )
    }
  }

  /// What can be known where no supervisor runs.
  func offline() throws(CommandFailure) -> Reading {
    do {
      let (reply, problems) = try OfflineStatus.read(project.supervisor)
      return Reading(reply: reply, problems: problems)
    } catch {
      throw CommandFailure(.failed, CallWording.text(of: error))
    }
  }

  private func client() -> ControlClient {
    if let early, early.logs == project.manifest.logs { return early.client }
    return ControlClient(address: project.address, startsSupervisor: false, takesSignals: false)
  }

  /// Nothing is shown while a status is asked for.
  private final class Silence: CallDelegate {
    var notes: [String] = []
    var wakesAt: Instant? { nil }
    func woke() {}
    func received(_ progress: Progress) {}
    func received(_ status: StatusReply) {}
    func received(_ signal: Signal) -> CallDirective { .carryOn }
    func noted(_ event: CallEvent) { notes.append(CallWording.text(of: event)) }
  }
}

/// The question for the status, sent before the manifest is decoded: both take as long. Most
/// manifests leave the logs where they are by default; else it was asked in vain.
final class EarlyQuestion {
  /// The folder of logs, absolute, where it was asked.
  private(set) var logs = ""
  private(set) lazy var client = ControlClient(
    address: SupervisorAddress(manifestPath: "", logs: logs, environment: []),
    startsSupervisor: false, takesSignals: false)

  func ask(besides location: ManifestFile.Location) {
    logs = Manifest.defaultLogs(besides: location.path)
    client.ask(.status)
  }
}
