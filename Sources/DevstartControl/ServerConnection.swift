package import DevstartPlatform

/// The supervisor's end of one command's connection: lines in, lines out, never blocking.
package final class ServerConnection {
  private let stream: SocketStream
  private var input = LineBuffer()
  private var output: [UInt8] = []

  /// What a look at the connection gave.
  package enum Arrival {
    case lines([[UInt8]])
    /// The command is gone, or sends what no devstart would.
    case end
  }

  /// With what an earlier program had received of a line, and had not sent yet.
  package init(_ stream: SocketStream, received: [UInt8] = [], unsent: [UInt8] = []) {
    self.stream = stream
    input.append(received)
    output = unsent
  }

  /// The beginning of a line whose end has not arrived.
  package var received: ArraySlice<UInt8> { input.rest }
  package var unsent: [UInt8] { output }

  package var descriptor: Int32 { stream.descriptor }

  /// Whether a write has to wait until the command has read more.
  package var wantsWriting: Bool { !output.isEmpty }

  /// What has arrived, whole lines only.
  package func receive() -> Arrival {
    var lines: [[UInt8]] = []
    while true {
      switch stream.receive() {
      case .bytes(let bytes):
        input.append(bytes)
        do {
          while let line = try input.next() { lines.append(line) }
        } catch {
          return .end
        }
      case .nothing: return .lines(lines)
      case .end: return lines.isEmpty ? .end : .lines(lines)
      }
    }
  }

  /// The next look meets the command's end.
  package func giveUp() { stream.endReceiving() }

  /// Keeps a line for the next `flush`.
  package func queue(_ line: [UInt8]) { output += line }

  /// Sends what is left; false where the command is gone, or has not read for far too long.
  package func flush() -> Bool {
    if output.isEmpty { return true }
    guard let count = stream.send(output) else { return false }
    output.removeFirst(count)
    return output.count <= 4 * LineBuffer.longestLine
  }
}
