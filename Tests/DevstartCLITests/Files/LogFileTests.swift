import DevstartCore
import DevstartPlatform
import Glibc
import Testing

@Suite struct LogFileTests {
  /// A folder of its own, gone at the end.
  private func withFolder(_ body: (String) throws -> Void) throws {
    var template = Array("/tmp/devstart-logs-XXXXXX\0".utf8.map { CChar(bitPattern: $0) })
    guard mkdtemp(&template) != nil else {
      throw SystemError(call: "mkdtemp", operand: "", code: errno)
    }
    let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer {
      for name in FileInspection.names(inFolder: folder) { unlink(folder + "/" + name) }
      rmdir(folder)
    }
    try body(folder)
  }

  private func write(_ text: String, to path: String, flags: Int32 = O_APPEND) throws {
    let number = try systemCall("open", path) { open(path, O_WRONLY | O_CREAT | flags, 0o600) }
    defer { close(number) }
    let bytes = Array(text.utf8)
    try systemCall("write", path) { Glibc.write(number, bytes, bytes.count) }
  }

  private func texts(_ lines: [[UInt8]]) -> [String] {
    lines.map { String(decoding: $0, as: UTF8.self) }
  }

  @Test func `the last lines are found however long the file is`() throws {
    try withFolder { folder in
      let path = folder + "/log"
      try write((1...30_000).map { "line \($0)\n" }.joined(), to: path)
      let tail = try FileTail.lines(3, ofPath: path)
      #expect(texts(tail.lines) == ["line 29998", "line 29999", "line 30000"])
      #expect(tail.isFinished)
      #expect(try FileTail.lines(20_000, ofPath: path).lines.count == 20_000)
      #expect(try FileTail.lines(50_000, ofPath: path).lines.count == 30_000)
      #expect(try FileTail.lines(0, ofPath: path).lines.isEmpty)
      try write("unfinished", to: path)
      let open = try FileTail.lines(2, ofPath: path)
      #expect(texts(open.lines) == ["line 30000", "unfinished"])
      #expect(!open.isFinished)
    }
  }

  @Test func `an empty log has no lines, and a line without an end is cut`() throws {
    try withFolder { folder in
      try write("", to: folder + "/empty")
      #expect(try FileTail.lines(5, ofPath: folder + "/empty").lines.isEmpty)
      try write(String(repeating: "x", count: 300_000), to: folder + "/long")
      let tail = try FileTail.lines(2, ofPath: folder + "/long", longestLine: 1000)
      #expect(tail.lines.map(\.count) == [1000])
      #expect(throws: SystemError.self) { try FileTail.lines(5, ofPath: folder + "/none") }
    }
  }

  @Test func `a log is followed through truncation, rotation and deletion`() throws {
    try withFolder { folder in
      let path = folder + "/log"
      let file = GrowingFile(path: path, offset: 0)
      func added() -> String {
        var bytes: [UInt8] = []
        file.read { bytes += $0 }
        return String(decoding: bytes, as: UTF8.self)
      }
      #expect(added().isEmpty)
      try write("one\n", to: path)
      #expect(added() == "one\n")
      #expect(added().isEmpty)
      try write("two\n", to: path)
      #expect(added() == "two\n")
      try write("3\n", to: path, flags: O_TRUNC)
      #expect(added() == "3\n")
      try write("last of the old\n", to: path)
      rename(path, path + ".1")
      try write("first of the new\n", to: path)
      #expect(added() == "last of the old\nfirst of the new\n")
      unlink(path)
      #expect(added().isEmpty)
      try write("again\n", to: path)
      #expect(added() == "again\n")
    }
  }

  @Test func `one look hands over about 1 MB, of earlier logs too, and says that there is more`()
    throws
  {
    try withFolder { folder in
      let path = folder + "/log"
      let file = GrowingFile(path: path, offset: 0)
      let text = (1...400_000).map { "line \($0)\n" }.joined()
      try write(text, to: path)
      // What is read here was the log's head; its last block is in both (`LogCut`).
      let cut = text.utf8.count / 4096 * 4096
      var bytes: [UInt8] = []
      for look in 0... {
        let before = bytes.count
        file.read { bytes += $0 }
        #expect(bytes.count - before <= 1 << 20 + 65_536)
        guard file.hasMore else { break }
        if look == 0 {
          try write(text, to: path + ".1")
          try write(
            String(decoding: text.utf8.dropFirst(cut), as: UTF8.self), to: path, flags: O_TRUNC)
          try write("last\n", to: path)
        }
      }
      #expect(String(decoding: bytes, as: UTF8.self) == text + "last\n")
    }
  }

  @Test func `a watch tells of files in a folder that is made again`() throws {
    try withFolder { folder in
      let logs = folder + "/logs"
      let watch = try FolderWatch(folder: logs, parent: folder)
      let long = Clock.now() + .seconds(5)
      mkdir(logs, 0o700)
      #expect(try Waiting.wait(for: [watch], until: long) == [true])
      watch.clear()
      try write("x", to: logs + "/log")
      #expect(try Waiting.wait(for: [watch], until: long) == [true])
      unlink(logs + "/log")
      rmdir(logs)
      mkdir(logs, 0o700)
      watch.clear()
      try write("x", to: logs + "/log")
      #expect(try Waiting.wait(for: [watch], until: long) == [true])
      watch.clear()
      #expect(try Waiting.wait(for: [watch], until: Clock.now()) == [false])
      unlink(logs + "/log")
      rmdir(logs)
    }
  }
}
