import DevstartCore
import DevstartPlatform

/// The service manager that started this process, as systemd or a container's (sd_notify(3)).
/// Where there is none, nothing is said.
final class ServiceManager {
  /// A manager that is busy for longer does not hear this one.
  private static let limit = Duration.seconds(1)

  /// How often it wants to hear that all is well: half of `WATCHDOG_USEC`, which is another
  /// process's where `WATCHDOG_PID` says so (sd_watchdog_enabled(3)). nil is never.
  let interval: Duration?
  private let output: Output
  private let address: String?
  private var hasComplained = false

  /// `pid` is this process.
  init(output: Output, pid: Int32) {
    self.output = output
    let address = OwnProcess.environmentValue(NotifyClient.variable)
    self.address = address?.isEmpty == true ? nil : address
    let owner = OwnProcess.environmentValue("WATCHDOG_PID")
    let limit = OwnProcess.environmentValue("WATCHDOG_USEC").flatMap { Int64($0) } ?? 0
    let isOurs = owner.map { $0 == String(pid) } ?? true
    interval = self.address != nil && limit > 1 && isOurs ? .microseconds(limit / 2) : nil
  }

  /// Says it; what cannot be told is a problem once, and the services run on.
  func say(_ assignments: [NotifyMessage.Assignment]) {
    guard let address else { return }
    do {
      try NotifyClient.connect(to: address).say(NotifyMessage(assignments), within: Self.limit)
    } catch {
      if !hasComplained { output.problem(NotifyWording.text(of: error, at: address), .yellow) }
      hasComplained = true
    }
  }
}
