import DevstartCore
import DevstartPlatform
import Glibc
import TestSupport
import Testing

@Suite struct LogProbesTests {
  /// A log in a folder of its own, gone at the end.
  private final class LogFile {
    let path: String

    init(_ text: String = "") throws {
      path = "/tmp/devstart-probe-\(getpid())-\(UInt32.random(in: 0 ... .max)).log"
      try append(text)
    }

    deinit { unlink(path) }

    func append(_ text: String, flags: Int32 = O_APPEND) throws {
      let file = OwnedDescriptor(
        owning: try systemCall("open", path) { open(path, O_WRONLY | O_CREAT | flags, 0o600) })
      let (number, bytes) = (file.number, Array(text.utf8))
      try systemCall("write", path) { write(number, bytes, bytes.count) }
    }
  }

  private func isReadable(_ probes: LogProbes, within time: Duration = .seconds(10)) -> Bool {
    Poll.isReadable(probes.descriptor, within: time)
  }

  /// Attends to what is there until there is nothing, as the loop does.
  private func found(_ probes: LogProbes) -> [String] {
    var found: [String] = []
    while isReadable(probes, within: .zero) { found += probes.advance() }
    return found
  }

  @Test func `a line is found when it is written, and nothing wakes the loop before`() throws {
    let log = try LogFile("ready: an earlier launch\n")
    let probes = try LogProbes()
    try probes.begin("l1", path: log.path, from: 25, pattern: "^ready: (now|soon)$")
    #expect(found(probes).isEmpty)
    #expect(!isReadable(probes, within: .milliseconds(50)))
    try log.append("starting\nready: n")
    #expect(isReadable(probes) && found(probes).isEmpty)
    try log.append("ow\n")
    #expect(isReadable(probes) && found(probes) == ["l1"])
    try log.append("ready: now\n")
    #expect(!isReadable(probes, within: .milliseconds(50)))
  }

  @Test func `what stood there before the probe began counts, from the launch's own beginning`()
    throws
  {
    let log = try LogFile("ready\nrestarted\n")
    let probes = try LogProbes()
    try probes.begin("l2", path: log.path, from: 6, pattern: "^ready$")
    #expect(isReadable(probes, within: .zero) && found(probes).isEmpty)
    try probes.begin("l1", path: log.path, from: 0, pattern: "^ready$")
    #expect(isReadable(probes, within: .zero) && found(probes) == ["l1"])
  }

  @Test func `several logs have one descriptor, and each its own end`() throws {
    let logs = try (0..<5).map { _ in try LogFile() }
    let probes = try LogProbes()
    for (index, log) in logs.enumerated() {
      try probes.begin("l\(index)", path: log.path, from: 0, pattern: "ready")
    }
    #expect(found(probes).isEmpty)
    probes.end("l3")
    for index in [1, 3, 4] { try logs[index].append("ready") }
    #expect(Set(found(probes)) == ["l1", "l4"])
    try logs[0].append("ready")
    #expect(found(probes) == ["l0"])
  }

  @Test func `one call reads a bounded part, and a talker hides nobody's line`() throws {
    let talker = try LogFile(String(repeating: "chatter, chatter\n", count: 20_000))
    let other = try LogFile("ready\n")
    let probes = try LogProbes()
    try probes.begin("talker", path: talker.path, from: 0, pattern: "never")
    try probes.begin("other", path: other.path, from: 0, pattern: "ready")
    // One call takes little time, too: on a busy machine it may be over before the other's turn.
    var found: [String] = []
    for _ in 0..<5 where found.isEmpty { found = probes.advance() }
    #expect(found == ["other"])
    #expect(isReadable(probes, within: .zero))
    try talker.append("never\n")
    #expect(probes.advance().isEmpty && isReadable(probes, within: .zero))
    #expect(self.found(probes) == ["talker"])
  }

  @Test func `the log is the service's own, renamed, deleted or emptied`() throws {
    let log = try LogFile("old\n")
    let probes = try LogProbes()
    let service = OwnedDescriptor(
      owning: try systemCall("open") { open(log.path, O_WRONLY | O_APPEND | O_CLOEXEC) })
    try probes.begin("l1", path: log.path, from: 4, pattern: "^ready$")
    try log.append("", flags: O_TRUNC)
    #expect(found(probes).isEmpty)
    unlink(log.path)
    try log.append("ready\n")
    #expect(found(probes).isEmpty)
    #expect(write(service.number, "ready\n", 6) == 6)
    #expect(isReadable(probes) && found(probes) == ["l1"])
    #expect(try FileInspection.size(of: service) == 6)
  }

  @Test func `what cannot be followed says why`() throws {
    let log = try LogFile()
    let probes = try LogProbes()
    #expect(throws: LogProbes.Failure.noPattern("(")) {
      try probes.begin("l1", path: log.path, from: 0, pattern: "(")
    }
    #expect(throws: LogProbes.Failure.self) {
      try probes.begin("l1", path: log.path + ".none", from: 0, pattern: "x")
    }
    #expect(found(probes).isEmpty)
    probes.end("l1")
  }
}
