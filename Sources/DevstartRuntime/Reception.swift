package import DevstartCore
package import DevstartPlatform

/// Through what the supervisor hears its clients: the control socket, outside of this module.
/// It never blocks; the supervisor's loop waits for its descriptors.
package protocol Reception: AnyObject {
  /// What to wait for, each with whether it wants to write, too.
  var descriptors: [(descriptor: Int32, wantsWriting: Bool)] { get }
  /// Whether any client is connected.
  var hasClients: Bool { get }
  /// The processes at the other ends.
  var peers: [Int32] { get }
  /// Takes what is there at one of the descriptors.
  func attend(to descriptor: Int32) -> [ClientArrival]
  /// Says something at the next `flush`; to a client that is gone, nothing.
  func send(_ message: ClientMessage, to client: ClientID)
  /// Sends what was said; who has left may know that it was seen.
  func flush()
  /// Where the socket is, if the control folder's file system has none.
  var socketElsewhere: String? { get }
  /// Takes the socket's name away so that nobody finds it any more; false, and nothing is done,
  /// where somebody has just come.
  func close() -> Bool
  /// Makes the socket anew in the folder, which was deleted.
  func reopen(in files: LaunchFiles) throws(ControlFolder.Refusal)
  /// Lets every descriptor survive execve(2); what the next program needs to go on with them.
  func handOver() -> JSON
  /// The handover did not happen: the descriptors are closed by execve(2) again.
  func keep()
  /// What an earlier program had been asked and not answered.
  func takeInherited() -> [ClientArrival]
}
