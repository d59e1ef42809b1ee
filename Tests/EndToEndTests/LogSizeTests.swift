import DevstartCore
import Glibc
import TestSupport
import Testing

/// `log: {"maxSize": …, "keep": …}` while a service writes.
@Suite(.waitsForProcesses) struct LogSizeTests {
  private static let lines = 400_000

  private func bot(keep: Int = 500, gate: String) -> JSON {
    .service(
      "print", "begin", "gate", gate, "print-lines", String(Self.lines), "--varied", "--paced",
      "print", "the end",
      with: ["log": ["maxSize": "1MB", "keep": JSON(keep)]])
  }

  /// What all logs say, the oldest first, without the blank lines at a log's head.
  private func everything(_ project: Project) -> [Substring] {
    var texts: [String] = []
    var number = 1
    while let text = Files.text(project.path("logs/dev_bot.log.\(number)")) {
      texts.insert(text, at: 0)
      number += 1
    }
    texts.append(project.log("bot"))
    return texts.flatMap { text in
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      let isBlankHead = lines.first?.allSatisfy { $0 == " " } == true
      return isBlankHead ? Array(lines.dropFirst()) : Array(lines)
    }.filter { !$0.isEmpty }
  }

  private func expectEveryLine(_ lines: [Substring], sourceLocation: SourceLocation) {
    var expected = 1
    for line in lines {
      guard line.hasPrefix("line \(expected)"),
        !line.dropFirst("line \(expected)".count).contains(where: { $0 != "." })
      else {
        Issue.record("«\(line)» instead of line \(expected)", sourceLocation: sourceLocation)
        return
      }
      expected += 1
    }
    #expect(expected == Self.lines + 1, sourceLocation: sourceLocation)
  }

  @Test(.timeLimit(.minutes(10)))
  func `no line is lost or split, whoever is killed, and who follows sees each once`() throws {
    try withProject { project in
      let gate = Gate("\(project.base)/gate")
      try project.write(["bot": bot(gate: gate.path), "api": .service("sleep")])
      // Not `run`, which waits until services have settled: this one has by then written it all.
      try #expect(project.spawn("start").wait().status == 0)
      let seen = "\(project.base)/seen"
      let follower = try project.start(
        "/bin/sh", ["sh", "-c", "exec \(Build.devstart) logs bot -f -n 1000000 > \(seen)"])
      let inode = Files.status(project.path("logs/dev_bot.log"))?.st_ino
      try waitForFile(seen) { $0 == "begin\n" }
      gate.open()
      // Whenever a head has moved, the supervisor is KILLed and another takes over.
      var kills = 0
      func latest() -> ino_t? { Files.status(project.path("logs/dev_bot.log.1"))?.st_ino }
      while kills < 3, !project.log("bot").hasSuffix("the end\n") {
        let before = latest()
        eventually("a head has moved, or all is written", within: .seconds(30)) {
          latest() != before || project.log("bot").hasSuffix("the end\n")
        }
        guard latest() != before else { break }
        kills += 1
        project.supervisor?.kill()
        try #expect(project.spawn("start", "api", "--if-running", "keep").wait().status == 0)
      }
      #expect(kills > 0)
      let here = SourceLocation(
        fileID: #fileID, filePath: #filePath, line: #line, column: #column)
      try waitForFile(seen, within: .seconds(30)) { $0.hasSuffix("the end\n") }
      follower.handle.signal(SIGINT)
      _ = try follower.wait()
      try project.run("stop", exits: 0)
      let all = everything(project)
      #expect(all.last == "the end")
      expectEveryLine(all.dropFirst().dropLast(), sourceLocation: here)
      let followed = (Files.text(seen) ?? "").split(separator: "\n").filter { line in
        !line.allSatisfy { $0 == " " }
      }
      expectEveryLine(followed.dropFirst().dropLast(), sourceLocation: here)
      #expect(Files.status(project.path("logs/dev_bot.log"))?.st_ino == inode)
    }
  }

  @Test(.timeLimit(.minutes(10)))
  func `only so many are kept`() throws {
    try withProject { project in
      let gate = Gate("\(project.base)/gate")
      try project.write(["bot": bot(keep: 1, gate: gate.path)])
      try project.run("start", exits: 0)
      gate.open()
      try project.waitForRecord("settled", within: .seconds(60))
      eventually("it is small", within: .seconds(30)) {
        (Files.status(project.path("logs/dev_bot.log"))?.st_size ?? .max) <= 1 << 20
      }
      #expect(Files.exists(project.path("logs/dev_bot.log.1")))
      #expect(!Files.exists(project.path("logs/dev_bot.log.2")))
      try project.run("stop", exits: 0)
    }
  }
}
