/// What the supervisor hears from its clients.
package enum ClientArrival: Equatable, Sendable {
  /// `peer` is the asking process, by the kernel's word.
  case request(ClientID, Greeting, Request, peer: Int32)
  case notification(ClientID, Request)
  /// Its connection has ended.
  case gone(ClientID)
}

/// What the supervisor says to a client.
package enum ClientMessage: Equatable, Sendable {
  case reply(OperationReply)
  case status(StatusReply)
  /// The status again, to a `watch`.
  case changed(StatusReply)
  case refusal(RequestError)
  case progress(Progress)
}
