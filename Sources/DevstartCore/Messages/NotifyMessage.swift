/// What one datagram on a notify socket says: assignments, a line each (sd_notify(3)).
package struct NotifyMessage: Equatable, Sendable {
  /// What means something to a supervisor; everything else that a service may say is passed over,
  /// as it was said to another service manager.
  package enum Assignment: Equatable, Sendable {
    /// `READY=1`.
    case ready
    /// `STOPPING=1`: it has begun to end.
    case stopping
    /// `STATUS=…`: for people, on one line and harmless to a terminal; empty takes the last one back.
    case status(String)
    /// `WATCHDOG=1`: it lives.
    case heartbeat
    /// `WATCHDOG=trigger`: it says itself that its liveness has failed.
    case livenessFailed
    /// `BARRIER=1`: the sender waits until what it said before has been read.
    case barrier
    /// `MAINPID=…`, to be refused: main is whom the keeper started. The text that it was given.
    case mainProcess(String)
  }

  /// Why nothing of a datagram was taken.
  package enum Fault: Equatable, Sendable {
    /// More than `sizeLimit` bytes.
    case tooLong
    /// A zero byte that is not the last one: it is no text.
    case noText
  }

  /// The most bytes that a datagram may have; service managers take a page (PIPE_BUF).
  package static let sizeLimit = 4096
  /// The most Unicode scalars of a status that are kept.
  package static let statusLimit = 256

  /// In the order of their lines.
  package var assignments: [Assignment]
  package var fault: Fault?

  package init(_ assignments: [Assignment]) { self.assignments = assignments }

  /// Reads a datagram; any bytes are one.
  package init(datagram: some Collection<UInt8>) {
    assignments = []
    guard datagram.count <= Self.sizeLimit else {
      fault = .tooLong
      return
    }
    var text = Array(datagram)
    // C programs send the end of their string along.
    if text.last == 0 { text.removeLast() }
    guard !text.contains(0) else {
      fault = .noText
      return
    }
    assignments = text.split(separator: UInt8(ascii: "\n")).compactMap(Assignment.init(line:))
  }

  /// As it is sent.
  package var datagram: [UInt8] { Array(assignments.map(\.line).joined(separator: "\n").utf8) }
}

extension NotifyMessage.Assignment {
  /// nil where the line means nothing here.
  fileprivate init?(line: ArraySlice<UInt8>) {
    guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else { return nil }
    let value = String(decoding: line[(equals + 1)...], as: UTF8.self)
    switch (String(decoding: line[..<equals], as: UTF8.self), value) {
    case ("READY", "1"): self = .ready
    case ("STOPPING", "1"): self = .stopping
    case ("STATUS", _): self = .status(NotifyMessage.statusLine(value))
    case ("WATCHDOG", "1"): self = .heartbeat
    case ("WATCHDOG", "trigger"): self = .livenessFailed
    case ("BARRIER", "1"): self = .barrier
    case ("MAINPID", _): self = .mainProcess(NotifyMessage.statusLine(value))
    case _: return nil
    }
  }

  /// `READY=1`.
  package var line: String {
    switch self {
    case .ready: "READY=1"
    case .stopping: "STOPPING=1"
    case .status(let text): "STATUS=" + NotifyMessage.statusLine(text)
    case .heartbeat: "WATCHDOG=1"
    case .livenessFailed: "WATCHDOG=trigger"
    case .barrier: "BARRIER=1"
    case .mainProcess(let text): "MAINPID=" + NotifyMessage.statusLine(text)
    }
  }
}

extension NotifyMessage {
  /// A text that anybody wrote as one short line: blanks in the place of line breaks and of all
  /// that a terminal would obey, none at its ends, and `…` where it was cut.
  package static func statusLine(_ text: String) -> String {
    var scalars = text.unicodeScalars.map { isUnprintable($0) ? " " : $0 }
    scalars = Array(scalars.drop { $0 == " " })
    while scalars.last == " " { scalars.removeLast() }
    var line = String.UnicodeScalarView(scalars.prefix(statusLimit))
    if scalars.count > statusLimit {
      line.removeLast()
      line.append("…")
    }
    return String(line)
  }

  private static func isUnprintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F...0x9F: true
    // Line and paragraph separators; what turns the direction of writing (UAX #9).
    case 0x2028...0x202E, 0x2066...0x2069: true
    case _: false
    }
  }
}
