package import DevstartCore
package import DevstartPlatform

/// Through what the supervisor is seen from outside: HTTP endpoints, outside of this module. It
/// never blocks; the supervisor's loop waits for its descriptors.
package protocol EndpointServing: AnyObject {
  /// What to read from.
  var readers: [Int32] { get }
  /// What to write to; what comes from there meanwhile is nobody's business.
  var writers: [Int32] { get }
  /// When the oldest connection has had its time; nil while there is none.
  var deadline: Instant? { get }
  /// Begins to listen; throws where it cannot, and then nothing listens.
  func open(_ endpoint: HealthEndpoint, of owner: EndpointOwner) throws(SystemError)
  /// Ends to listen, and the connections that came in there.
  func close(_ owner: EndpointOwner)
  /// Who listens on the port already.
  func owner(ofPort port: UInt16) -> EndpointOwner?
  /// Takes what is there at one of the descriptors; false where it is not among them.
  func attend(
    to descriptor: Int32, at now: Instant, answer: (EndpointDoor, HTTPRequest) -> HTTPResponse
  ) -> Bool
  /// Ends the connections that have had their time.
  func endOverdue(at now: Instant)
}
