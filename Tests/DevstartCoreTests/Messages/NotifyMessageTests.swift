import DevstartCore
import TestSupport
import Testing

@Suite struct NotifyMessageTests {
  private func read(_ text: String) -> [NotifyMessage.Assignment] {
    NotifyMessage(datagram: Array(text.utf8)).assignments
  }

  @Test func `every assignment that means something is read, in its order`() {
    let text = """
      STATUS=Warming up
      READY=1
      WATCHDOG=1
      WATCHDOG=trigger
      STOPPING=1
      MAINPID=4711
      BARRIER=1
      """
    let expected: [NotifyMessage.Assignment] = [
      .status("Warming up"), .ready, .heartbeat, .livenessFailed, .stopping, .mainProcess("4711"),
      .barrier,
    ]
    #expect(read(text) == expected)
    #expect(read("\n\n" + text + "\n") == expected)
    #expect(NotifyMessage(expected).datagram == Array(text.utf8))
  }

  @Test(arguments: [
    "", "\n", "=", "=1", "READY", "READY=", "READY=0", "READY=11", "READY=1 ", " READY=1",
    "ready=1",
    "READY=1\r", "WATCHDOG=", "WATCHDOG=2", "WATCHDOG_USEC=1000", "RELOADING=1", "ERRNO=2",
    "BUSERROR=org.example", "FDSTORE=1", "FDSTOREREMOVE=1", "FDNAME=x", "EXTEND_TIMEOUT_USEC=1",
    "BARRIER=0", "X_READY=1", "XREADY=1", "STATUS", "garbage", "{\"READY\": 1}",
  ])
  func `what was said to another service manager means nothing`(line: String) {
    #expect(read(line) == [])
    #expect(read("\(line)\nREADY=1") == [.ready])
  }

  @Test func `a value may hold equals signs, and a status may be empty`() {
    #expect(read("STATUS=a=b=c") == [.status("a=b=c")])
    #expect(read("STATUS=") == [.status("")])
    #expect(read("STATUS=   ") == [.status("")])
  }

  @Test func `one zero byte at the end is the end of a C string; another is no text`() {
    #expect(read("READY=1\0") == [.ready])
    for text in ["READY=1\0\0", "\0READY=1", "READY=1\nSTATUS=a\0b"] {
      let message = NotifyMessage(datagram: Array(text.utf8))
      #expect(message.assignments == [])
      #expect(message.fault == .noText)
    }
  }

  @Test func `a datagram of the largest size is read, a larger one is not`() {
    let head = Array("READY=1\nSTATUS=".utf8)
    let padding = [UInt8](repeating: 0x61, count: NotifyMessage.sizeLimit - head.count)
    let largest = NotifyMessage(datagram: head + padding)
    #expect(largest.assignments.first == .ready && largest.assignments.count == 2)
    #expect(largest.fault == nil)
    let larger = NotifyMessage(datagram: head + padding + [0x61])
    #expect(larger.assignments == [])
    #expect(larger.fault == .tooLong)
  }

  @Test func `a status is one line that no terminal obeys`() {
    #expect(read("STATUS= \u{1B}[2J\u{7}ok\tthere\u{9B}1m\r") == [.status("[2J ok there 1m")])
    #expect(read("STATUS=a\u{2028}b\u{202E}c") == [.status("a b c")])
    #expect(read("STATUS=größer 日本 👍🏽") == [.status("größer 日本 👍🏽")])
    let broken = Array("STATUS=a".utf8) + [0xFF, 0xC3] + Array("b".utf8)
    #expect(
      NotifyMessage(datagram: broken).assignments == [.status("a\u{FFFD}\u{FFFD}b")])
    #expect(NotifyMessage(datagram: [0xFF, 0xFE]).assignments == [])
  }

  @Test func `a long status is cut, whatever it is made of`() {
    let limit = NotifyMessage.statusLimit
    let just = String(repeating: "x", count: limit)
    #expect(NotifyMessage.statusLine(just) == just)
    #expect(NotifyMessage.statusLine(just + "y") == just.dropLast() + "…")
    let heap = "a" + String(repeating: "\u{301}", count: 1900)
    #expect(NotifyMessage.statusLine(heap).unicodeScalars.count == limit)
  }

  @Test func `what is to be sent cannot hold a line of its own`() {
    let message = NotifyMessage([.status("fine\nREADY=1\0"), .heartbeat])
    #expect(String(decoding: message.datagram, as: UTF8.self) == "STATUS=fine READY=1\nWATCHDOG=1")
  }

  private static let starts = ["READY=", "STATUS=", "WATCHDOG=", "MAINPID=", "BARRIER=", "X="]
  private static let ends: [[UInt8]] =
    ["1", "1", "1", "trigger", "=", "é", "👍🏽", " ", "\r"].map { Array($0.utf8) }
    + [[0x1B, 0x5B, 0x4A], [0xFF], [0xE2, 0x80], [0xAE], [0xC2, 0x9B], [0xE2, 0x80, 0xA8], []]

  /// Lines that nearly make sense, some with a byte that does not, a few of them very long.
  private func garbage(_ generator: inout SeededRandom) -> [UInt8] {
    var bytes: [UInt8] = []
    for _ in 0..<Int.random(in: 0..<8, using: &generator) {
      bytes += Array((Self.starts.randomElement(using: &generator) ?? "").utf8)
      for _ in 0..<Int.random(in: 0..<3, using: &generator) {
        bytes += Self.ends.randomElement(using: &generator) ?? []
      }
      bytes.append(UInt8(ascii: "\n"))
    }
    for _ in 0..<Int.random(in: 0..<3, using: &generator) where !bytes.isEmpty {
      let highest: UInt8 = Bool.random(using: &generator) ? 15 : 255
      bytes[Int.random(in: bytes.indices, using: &generator)] = .random(
        in: 0...highest, using: &generator)
    }
    let isLong = Int.random(in: 0..<20, using: &generator) == 0
    return isLong ? bytes + [UInt8](repeating: bytes.first ?? 65, count: 4050) : bytes
  }

  @Test func `garbage of any kind is read, and what is read is bounded and harmless`() {
    var (found, tooLong, noText) = (0, 0, 0)
    Fuzzing.run(
      seed: 31, input: { garbage(&$0) }, read: { NotifyMessage(datagram: $0) },
      holds: { message, bytes in
        found += message.assignments.count
        tooLong += message.fault == .tooLong ? 1 : 0
        noText += message.fault == .noText ? 1 : 0
        return (message.fault == nil || message.assignments.isEmpty)
          && (message.fault == .tooLong) == (bytes.count > NotifyMessage.sizeLimit)
          && message.assignments.allSatisfy(isHarmless)
          // What was read is what would be said again.
          && NotifyMessage(datagram: message.datagram).assignments == message.assignments
      })
    #expect(found > Fuzzing.count / 2 && tooLong > 0 && noText > 0)
  }

  private func isHarmless(_ assignment: NotifyMessage.Assignment) -> Bool {
    switch assignment {
    case .status(let text), .mainProcess(let text):
      let isPlain = text.unicodeScalars.allSatisfy {
        $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value)
      }
      return isPlain && text.unicodeScalars.count <= NotifyMessage.statusLimit
    case .ready, .stopping, .heartbeat, .livenessFailed, .barrier: return true
    }
  }
}
