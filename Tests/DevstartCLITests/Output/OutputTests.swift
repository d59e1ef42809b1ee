import DevstartCLI
import DevstartCore
import DevstartPlatform
import Testing

@Suite struct OutputTests {
  private final class Written {
    var writes: [(stream: StandardStream, text: String)] = []
    var loss: StandardStream.Loss?
  }

  private func output(
    isJSON: Bool = false, terminal: Output.Terminal = .init(output: false, error: false)
  ) -> (Output, Written) {
    let written = Written()
    let output = Output(isJSON: isJSON, terminal: terminal, screenSize: { (80, 24) }) {
      written.writes.append(($0, String(decoding: $1, as: UTF8.self)))
      return $0 == .output ? written.loss : nil
    }
    return (output, written)
  }

  @Test func `everything is written at once`() {
    let (output, written) = output()
    for number in 0..<100 { output.line("\(number)") }
    #expect(written.writes.isEmpty)
    output.flush()
    output.flush()
    #expect(written.writes.count == 1)
  }

  @Test func `output that cannot be written is an error`() {
    let (output, written) = output()
    written.loss = .failed(SystemError(call: "write", operand: "the output", code: 28))
    #expect(CommandLineTool.run(["version"], output) == 1)
    #expect(
      written.writes.last?.text == "devstart: cannot write the output: No space left on device\n")
    #expect(written.writes.last?.stream == .error)
  }

  @Test func `who closes a pipe has read enough`() {
    let (output, written) = output()
    written.loss = .readerGone
    #expect(CommandLineTool.run(["version"], output) == 0)
    output.line("more")
    output.flush()
    #expect(written.writes.map(\.stream) == [.output])
  }

  @Test func `with JSON nothing else is on standard output`() {
    let (output, written) = output(isJSON: true)
    output.line("for people")
    output.bytes([0x41])
    output.problem("wrong")
    output.json(["a": 1])
    output.flush()
    #expect(written.writes.filter { $0.stream == .output }.map(\.text) == ["{\n  \"a\": 1\n}\n"])
    #expect(written.writes.filter { $0.stream == .error }.map(\.text) == ["devstart: wrong\n"])
  }

  @Test func `colours and live lines are for terminals alone`() {
    let terminal = Output.Terminal(output: true, error: true, type: "xterm")
    #expect(output(terminal: terminal).0.style.isColoured)
    #expect(output(terminal: terminal).0.isLive)
    #expect(!output().0.style.isColoured)
    #expect(!output().0.isLive)
    #expect(!output(isJSON: true, terminal: terminal).0.isLive)
  }

  @Test func `NO_COLOR, CI and a dumb terminal are honoured`() {
    let plain = Output.Terminal(output: true, error: true, noColour: "1", type: "xterm")
    #expect(!output(terminal: plain).0.style.isColoured)
    #expect(!output(terminal: plain).0.problemStyle.isColoured)
    #expect(output(terminal: plain).0.isLive)
    let empty = Output.Terminal(output: true, error: true, noColour: "", type: "xterm")
    #expect(output(terminal: empty).0.style.isColoured)
    for terminal in [
      Output.Terminal(output: true, error: true, continuousIntegration: "true", type: "xterm"),
      Output.Terminal(output: true, error: true, type: "dumb"),
    ] {
      #expect(!output(terminal: terminal).0.style.isColoured)
      #expect(!output(terminal: terminal).0.isLive)
    }
  }

  @Test func `a sweep says how many ended by what, and what was freed`() {
    var sweep = SweepReport()
    #expect(SweepWording.summary(of: sweep, isDryRun: false) == nil)
    sweep.found = (1...33).map {
      ReportedProcess(
        pid: $0, service: "bot", user: "me", command: "python -m bot", reason: "match apps.bot",
        startedAt: 0, memoryBytes: 1 << 20)
    }
    sweep.ended = (1...32).map { .init(pid: $0, signal: $0 == 5 ? .kill : .terminate) }
    sweep.failed = [.init(pid: 33, reason: "no permission")]
    sweep.freedBytes = 32 << 20
    #expect(
      SweepWording.summary(of: sweep, isDryRun: false)
        == "found 33 strays, 31 by TERM, 1 by KILL, 1 not ended; 32.0 MB freed")
    #expect(SweepWording.summary(of: sweep, isDryRun: true) == "would end 33 strays")
    let lines = SweepWording.lines(of: sweep, most: 8)
    #expect(lines.count == 9)
    #expect(lines[0] == "1  bot  TERM    1.0 MB  match apps.bot  python -m bot")
    #expect(lines[8] == "… and 25 more")
    #expect(SweepWording.lines(of: sweep)[32].contains("alive"))
  }
}
