import DevstartControl
import DevstartCore
import TestSupport
import Testing

/// A line on the control socket, broken at random places: understood or refused, never a crash.
@Suite struct EnvelopeFuzzTests {
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

  @Test func `a request or an answer that is broken`() {
    let lines = Self.lines.map(\.line)
    let tally = Fuzzing.run(
      seed: 51,
      input: { random in
        lines[Int.random(in: lines.indices, using: &random)].mutated(by: &random)
      },
      read: { bytes in
        do throws(ProtocolError) {
          return try Envelope(line: bytes)
        } catch {
          #expect(!error.text.isEmpty)
          // What is answered can be read by whoever asked.
          if let answer = error.answer {
            #expect(throws: Never.self) { try Envelope(line: answer.line) }
          }
          return nil
        }
      },
      holds: { envelope, _ in try Envelope(line: envelope.line) == envelope })
    #expect(tally.isMixed)
  }
}
