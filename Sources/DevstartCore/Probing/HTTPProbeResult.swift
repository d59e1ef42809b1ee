/// What became of one HTTP probe.
package enum HTTPProbeResult: Equatable, Sendable {
  /// The server answered; whether that is what was wanted, `HTTPExpectation` says.
  case status(Int)
  case failed(HTTPProbeFailure)
}

/// Why an HTTP probe got no status.
package enum HTTPProbeFailure: Error, Equatable, Sendable {
  /// Nobody listens there.
  case refused
  /// There is no way to it: the reason in the system's words.
  case unreachable(String)
  /// The time passed before a connection was there.
  case notConnected
  /// The time passed before the first byte of an answer.
  case noAnswer
  /// The time passed in the middle of an answer's head.
  case unfinishedAnswer
  case closedEarly
  case headTooLong
  /// What answers speaks something else: the beginning of it.
  case noHTTP(String)
  case speaksTLS
}

/// Which status makes a service ready, or shows that it is alive. Redirects are not followed: a
/// 301 is a 301, wanted only by a manifest that says `"status": 301`.
package struct HTTPExpectation: Equatable, Sendable {
  /// `status` in the manifest; where it is nil, every success (200 to 299) will do.
  package var status: Int?

  package init(status: Int? = nil) { self.status = status }

  package func isMet(by status: Int) -> Bool {
    self.status.map { $0 == status } ?? (200..<300).contains(status)
  }
}
