import DevstartCore
import DevstartPlatform

/// `notify`: what a service that is a script says of itself. It needs no manifest and no
/// supervisor of devstart's: whoever set `NOTIFY_SOCKET` is told.
struct NotifyCommand {
  /// A supervisor answers in a millisecond; one that is busy for longer than this is stopped.
  private static let limit = Duration.seconds(5)

  let invocation: Invocation
  let output: Output

  func run() throws(CommandFailure) -> ExitCode {
    guard let address = OwnProcess.environmentValue(NotifyClient.variable), !address.isEmpty else {
      throw CommandFailure(.failed, NotifyWording.noAddress)
    }
    let message = NotifyMessage(invocation.notifications)
    do {
      try NotifyClient.connect(to: address).tell(message, within: Self.limit)
    } catch {
      throw CommandFailure(.failed, NotifyWording.text(of: error, at: address))
    }
    if output.isJSON {
      output.json([
        "socket": JSON(address), "told": JSON(message.assignments.map(\.line)),
      ])
    }
    return .done
  }
}
