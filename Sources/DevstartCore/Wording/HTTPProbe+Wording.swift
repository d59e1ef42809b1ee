extension HTTPProbeFailure: CustomStringConvertible {
  package var description: String {
    switch self {
    case .refused: "connection refused"
    case .unreachable(let reason): "cannot be reached: \(reason)"
    case .notConnected: "no connection in time"
    case .noAnswer: "connected, but no answer in time"
    case .unfinishedAnswer: "the answer did not end in time"
    case .closedEarly: "closed before it answered"
    case .headTooLong: "the answer's head is longer than \(HTTPResponseHead.limit / 1024) KB"
    case .noHTTP(let text):
      text.isEmpty ? "no HTTP: an empty line" : "no HTTP: \"\(text.printable)\""
    case .speaksTLS: "no HTTP: it speaks TLS; https is not supported by probes"
    }
  }
}

extension HTTPExpectation {
  /// Why this result is not what was wanted, as in `answered 503, not 200`; nil where it is.
  package func objection(to result: HTTPProbeResult) -> String? {
    switch result {
    case .failed(let failure): failure.description
    case .status(let status) where isMet(by: status): nil
    case .status(let status): "answered \(status), not \(words)"
    }
  }

  private var words: String { status.map(String.init) ?? "200 to 299" }
}
