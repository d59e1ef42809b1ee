import DevstartCore
import DevstartPlatform

/// Why a service could not tell something of itself.
enum NotifyWording {
  static let noAddress =
    "nobody is told: \(NotifyClient.variable) is not set, which every service of devstart has in "
    + "its environment; run 'notify' from inside a service, and where a program between has "
    + "cleared the environment (sudo, env -i), let it keep that variable"

  static func text(of failure: NotifyClient.Failure, at address: String) -> String {
    let place = "\(NotifyClient.variable)=\(TextWidth.harmless(address))"
    switch failure {
    case .notAnAddress:
      return "nobody is told: \(place) is neither an absolute path nor @ with a name, of 107 bytes "
        + "at most; leave the variable as the service manager has set it"
    case .nobody:
      return "nobody is told: nothing listens at \(place); its supervisor has ended or this launch "
        + "has: 'devstart start' takes over what still runs"
    case .silent(let limit):
      return "nobody has read it for \(Int(limit.seconds)) s: the service manager at \(place) is "
        + "stopped or too busy; once it goes on, say it again"
    case .failed(let error):
      return "nobody is told: cannot reach \(place): \(error.description); check what this service "
        + "may do (a sandbox, a limit)"
    }
  }
}
