import DevstartControl
import DevstartCore
import TestSupport
import Testing

/// A line on the control socket, broken at random places: understood or refused, never a crash.
@Suite struct EnvelopeFuzzTests {
  private static let count = Build.isLong ? 1_000_000 : 3_000

  private func broken(_ line: [UInt8], by generator: inout SeededRandom) -> [UInt8] {
    var bytes = line
    for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
      let place = Int.random(in: bytes.indices, using: &generator)
      let end = min(bytes.count, place + Int.random(in: 0...12, using: &generator))
      switch Int.random(in: 0..<5, using: &generator) {
      case 0: bytes[place] = .random(in: 0...255, using: &generator)
      case 1: bytes.removeSubrange(place..<end)
      case 2: bytes.insert(contentsOf: bytes[place..<end], at: place)
      case 3: bytes[place] = Array("\"{}[],:-0919 ".utf8).randomElement(using: &generator) ?? 0
      default: bytes.insert(contentsOf: Array("99999999999999999999".utf8), at: place)
      }
    }
    return bytes
  }

  private static let lines: [Envelope] = {
    let greeting = Greeting(protocolVersion: 1, programVersion: "1", executable: "/bin/devstart")
    let service = Service(
      name: "bot", command: .shell("sleep 1"), workingDirectory: "/a b", match: [],
      readiness: .byDefault(ports: [8000]))
    var stop = StopRequest(services: [service], targets: ["bot", "api"])
    stop.timeout = .seconds(3)
    return [
      .request(
        id: 1, greeting: greeting,
        request: .stop(stop)),
      .request(id: 2, greeting: greeting, request: .lease(launches: ["a1", "b2"])),
      .request(id: 3, greeting: greeting, request: .status),
      .notification(.cancel(isForced: true)),
      .refusal(id: 4, RequestError(verdict: .failed, text: "no")),
      .failure(id: nil, ProtocolError(code: .parseError, text: "what")),
    ]
  }()

  @Test func `a request or an answer that is broken`() throws {
    var generator = SeededRandom(seed: 51)
    var (read, refused) = (0, 0)
    for _ in 0..<Self.count {
      let envelope = try #require(Self.lines.randomElement(using: &generator))
      do {
        _ = try Envelope(line: broken(envelope.line, by: &generator))
        read += 1
      } catch {
        refused += 1
        #expect(!error.text.isEmpty)
        // What is answered can be read by whoever asked.
        if let answer = error.answer { _ = try Envelope(line: answer.line) }
      }
    }
    #expect(read > 0 && refused > 0, "\(read) read, \(refused) refused")
  }
}
