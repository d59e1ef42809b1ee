import DevstartCore
import DevstartPlatform
import Glibc
import TestSupport
import Testing

@Suite(.enabled(if: Collapsing.folder != nil, Collapsing.why))
struct LogSizeTests {
  private func withLogs(_ body: (LogFolder) throws -> Void) throws {
    try withTemporaryFolder(in: Collapsing.folder ?? "/tmp") { try body(try LogFolder($0)) }
  }

  @Test(arguments: [
    // With an odd first line, no line of a fixed width ever ends where a block does.
    ["print", "line 0", "print-lines", "400000", "--width", "32"],
    ["print", "line 0", "print-lines", "400000", "--varied"],
  ])
  func `of 400,000 lines none is lost, split or doubled while they are written`(
    words: [String]
  ) throws {
    try withLogs { logs in
      let writer = try startWriter(words + ["exit", "0"], logs)
      let inode = Files.status(logs.log)?.st_ino
      let size = LogSize(of: "bot", maxSize: 100_000, keep: 1000)
      let growth = try LogGrowthWatch()
      var moves = 0
      while writer.isAlive {
        try growth.arm("bot", in: logs.files, isQuiet: true)
        let steps = logs.run(size)
        for case .done in steps { moves += 1 }
        #expect(steps.last == .notNeeded)
        _ = Poll.isReadable(growth.descriptor, within: .milliseconds(100))
      }
      #expect(try writer.wait().status == 0)
      print("MEASURED \(words.last ?? ""): \(moves) moves, the longest step \(logs.longestStep)")
      #expect(moves > 20)
      #expect(Files.status(logs.log)?.st_ino == inode)
      #expect(logs.numbers() == Array(0...400_000))
      #expect(logs.leftovers.isEmpty)
    }
  }

  private func startWriter(_ words: [String], _ logs: LogFolder) throws -> RunningCommand {
    // Makes the file; the writer's descriptor is its own, as a service's is.
    _ = try logs.files.openLog(of: "bot").number
    var plan = RunningCommand.Plan(
      program: "/bin/sh",
      arguments: ["sh", "-c", "exec \"$0\" \"$@\" >>'\(logs.log)'", Build.fixture] + words)
    plan.environment = [:]
    return try RunningCommand(plan)
  }

  @Test(arguments: LogMove.Phase.allCases.dropLast(), [0, 1])
  func `killed after any step, the next supervisor finishes it`(
    last: LogMove.Phase, lineLength: Int
  ) throws {
    for isNewStart in [false, true] {
      try withLogs { logs in
        // With an odd line first, a blank line is needed at the cut.
        if lineLength == 1 {
          try logs.append("line 0 \n" + (1...500).map { _ in "line 0 " }.joined() + "\n")
        }
        let lines = lineLength == 1 ? 1...900 : 1...2000
        try logs.append(
          lineLength == 1
            ? lines.map { "line \($0 + 1000) \(String(repeating: ".", count: 53))\n" }.joined()
            : "")
        if lineLength == 0 { try logs.appendLines(lines) }
        try Files.write("line 999999 \n", to: logs.earlier(1))
        let before = logs.numbers()
        #expect(
          LogSize(of: "bot", maxSize: 20_000, keep: 5).step(in: logs.files, upTo: last).isDone)
        #expect(logs.leftovers.count == 1)
        try logs.append("line 7 \n")
        if isNewStart {
          _ = try logs.files.openLog(of: "bot", keep: 5).number
          #expect(Files.bytes(logs.log) == [])
        } else {
          logs.run(LogSize(of: "bot", maxSize: 20_000, keep: 5))
        }
        #expect(logs.numbers() == before + [7])
        #expect(logs.leftovers.isEmpty)
      }
    }
  }

  @Test func `killed while it copies, or between earlier logs, nothing is lost`() throws {
    try withLogs { logs in
      for _ in 0..<3 { try logs.append([UInt8](repeating: 0x61, count: 4 << 20) + [0x0a]) }
      let whole = logs.whole()
      #expect(LogSize(of: "bot", maxSize: 8 << 20, keep: 4).step(in: logs.files) == .more)
      #expect(logs.leftovers.count == 1)
      // Another supervisor, which would leave the log alone but for what was begun.
      try LogSize.recover("bot", keep: 4, in: logs.files)
      #expect(logs.whole() == whole && logs.leftovers.isEmpty)
      #expect(LogSize(of: "bot", maxSize: 8 << 20, keep: 4).step(in: logs.files) == .more)
      logs.run(LogSize(of: "bot", maxSize: 8 << 20, keep: 4))
      #expect(Files.bytes(logs.earlier(1)) == whole)
      #expect(Files.text(logs.log) == "  \n")
      #expect(logs.leftovers.isEmpty)
    }
    try withLogs { logs in
      try logs.appendLines(1...1000)
      #expect(
        LogSize(of: "bot", maxSize: 8192, keep: 3).step(in: logs.files, upTo: .collapse).isDone)
      // As when the second had become the third, and no more.
      try Files.write("one", to: logs.earlier(1))
      try Files.write("three", to: logs.earlier(3))
      try LogSize.recover("bot", keep: 3, in: logs.files)
      #expect(Files.text(logs.earlier(2)) == "one")
      #expect(Files.text(logs.earlier(3)) == "three")
      #expect(Files.text(logs.earlier(1))?.hasPrefix("line 1 ") == true)
    }
  }

  @Test func `a log that says nothing is not kept`() throws {
    try withLogs { logs in
      _ = try logs.files.openLog(of: "bot")
      _ = try logs.files.openLog(of: "bot")
      #expect(!Files.exists(logs.earlier(1)))
      try logs.append("words\n")
      _ = try logs.files.openLog(of: "bot")
      _ = try logs.files.openLog(of: "bot")
      #expect(Files.text(logs.earlier(1)) == "words\n")
      #expect(!Files.exists(logs.earlier(2)))
    }
  }

  @Test func `no more earlier logs are kept than asked for`() throws {
    try withLogs { logs in
      for round in 0..<6 {
        try logs.appendLines((round * 1000 + 1)...(round * 1000 + 1000))
        logs.run(LogSize(of: "bot", maxSize: 8192, keep: round < 5 ? 3 : 2))
      }
      let names = Files.names(in: logs.path).filter { $0.hasPrefix("dev_bot.log") }
      #expect(names == ["dev_bot.log", "dev_bot.log.1", "dev_bot.log.2"])
      let numbers = logs.numbers()
      #expect(numbers == Array((numbers.first ?? 0)...6000))
      _ = try logs.files.openLog(of: "bot", keep: 0).number
      #expect(Files.names(in: logs.path).filter { $0.hasPrefix("dev_bot") } == ["dev_bot.log"])
      try logs.appendLines(1...1000)
      logs.run(LogSize(of: "bot", maxSize: 8192, keep: 0))
      let rest = logs.numbers()
      #expect(rest == Array((rest.first ?? 0)...1000) && rest.count < 300)
      #expect(Files.names(in: logs.path).filter { $0.hasPrefix("dev_bot") } == ["dev_bot.log"])
      #expect(logs.leftovers.isEmpty)
    }
  }

  @Test func `a line is whole unless it is longer than the limit, and no byte is lost`() throws {
    try withLogs { logs in
      let size = LogSize(of: "bot", maxSize: 100_000, keep: 9)
      try logs.append("short\n" + String(repeating: "a", count: 95_000))
      #expect(size.step(in: logs.files) == .notNeeded)
      try logs.append(String(repeating: "b", count: 4_000))
      for _ in 0..<3 {
        try logs.append(String(repeating: "c", count: 1_000))
        #expect(size.step(in: logs.files) == .notNeeded)
      }
      try logs.append("\nnext\n")
      #expect(logs.run(size).first?.isDone == true)
      #expect(Files.bytes(logs.earlier(1))?.count == 6 + 102_000 + 1)
      #expect(Files.text(logs.log)?.hasSuffix("\nnext\n") == true)
    }
    try withLogs { logs in
      let size = LogSize(of: "bot", maxSize: 100_000, keep: 9)
      var steps: [LogSize.Step] = []
      for _ in 0..<10 {
        try logs.append(String(repeating: "é", count: 15_000))
        steps += logs.run(size)
      }
      #expect(steps.contains { $0.isDone })
      #expect(logs.whole() == Array(String(repeating: "é", count: 150_000).utf8))
    }
  }

  @Test func `a hole in a log takes no room in the earlier one`() throws {
    try withLogs { logs in
      try logs.appendLines(1...10)
      #expect(truncate(logs.log, 4 << 20) == 0)
      try logs.append("\n")
      try logs.appendLines(11...3000)
      let whole = logs.whole()
      let size = LogSize(of: "bot", maxSize: 3 << 20, keep: 2)
      let steps = logs.run(size)
      #expect(steps.contains { $0.isDone })
      #expect(
        logs.whole().filter { $0 != 0x20 && $0 != 0x0a }
          == whole.filter { $0 != 0x20 && $0 != 0x0a })
      #expect((Files.status(logs.earlier(1))?.st_blocks ?? .max) < 1000)
    }
  }

  @Test func `a log that is gone, emptied or replaced meanwhile stops the move`() throws {
    func begun(_ logs: LogFolder) throws -> LogSize {
      for _ in 0..<3 { try logs.append([UInt8](repeating: 0x61, count: 4 << 20) + [0x0a]) }
      let size = LogSize(of: "bot", maxSize: 8 << 20, keep: 2)
      #expect(size.step(in: logs.files) == .more)
      #expect(logs.leftovers.count == 1)
      return size
    }
    try withLogs { logs in
      let size = try begun(logs)
      unlink(logs.log)
      #expect(logs.run(size) == [.notNeeded])
      #expect(logs.leftovers.isEmpty)
      try logs.append("new\n")
      #expect(logs.run(size) == [.notNeeded])
    }
    try withLogs { logs in
      let size = try begun(logs)
      #expect(truncate(logs.log, 0) == 0)
      #expect(logs.run(size).last == .notNeeded)
      #expect(logs.leftovers.isEmpty && !Files.exists(logs.earlier(1)))
    }
    try withLogs { logs in
      let size = try begun(logs)
      rename(logs.log, logs.path + "/mine")
      symlink("mine", logs.log)
      guard case .failed(let error) = size.step(in: logs.files) else {
        Issue.record("a link was followed")
        return
      }
      #expect(error.code == ELOOP)
      #expect(logs.leftovers.isEmpty && Files.status(logs.path + "/mine")?.st_size == 12_582_915)
    }
  }

  @Test func `where removing the head fails after all, the log is as it was`() throws {
    try withLogs { logs in
      let text = "x\n" + String(repeating: String(repeating: "y", count: 63) + "\n", count: 600)
      // ext4 cannot do it for a file that is mapped in the old way, block by block; which only a
      // file can become that has all its blocks in a row.
      var plan = RunningCommand.Plan(
        program: "/usr/bin/env", arguments: ["env", "chattr", "-e", logs.log])
      plan.environment = ["PATH": "/usr/bin:/bin"]
      var isMapped = false
      for _ in 0..<20 where !isMapped {
        unlink(logs.log)
        try logs.append(text)
        isMapped = try RunningCommand(plan).wait().status == 0
      }
      try #require(isMapped, "'chattr -e' is refused")
      let whole = logs.whole()
      for keep in [3, 0] {
        let steps = logs.run(LogSize(of: "bot", maxSize: 8192, keep: keep))
        #expect(steps.last == .unsupported(fileSystem: "ext"), "\(steps)")
        #expect(Files.bytes(logs.log) == whole)
        #expect(logs.leftovers.isEmpty && !Files.exists(logs.earlier(1)))
      }
    }
  }

  @Test func `50 MB are moved in short steps`() throws {
    try withLogs { logs in
      let line = Array((String(repeating: "z", count: 63) + "\n").utf8)
      let megabyte = [[UInt8]](repeating: line, count: 1 << 14).flatMap { $0 }
      for _ in 0..<60 { try logs.append(megabyte) }
      let size = LogSize(of: "bot", maxSize: 50 << 20, keep: 3)
      var times: [Duration] = []
      var step = LogSize.Step.more
      while step == .more {
        let began = ContinuousClock.now
        step = size.step(in: logs.files)
        times.append(ContinuousClock.now - began)
      }
      #expect(step.isDone)
      #expect(times.count > 6)
      print("MEASURED 60 MB: \(times)")
      #expect(logs.whole().count == 60 << 20)
    }
  }
}

/// What needs no file system that can.
@Suite struct LogSizeElsewhereTests {
  @Test func `where heads cannot be removed, the log grows and the file system is named`() throws {
    try withTemporaryFolder(in: "/dev/shm") { path in
      let logs = try LogFolder(path)
      try logs.appendLines(1...1000)
      let size = LogSize(of: "bot", maxSize: 8192, keep: 3)
      #expect(logs.run(size) == [.unsupported(fileSystem: "tmpfs")])
      #expect(logs.run(size) == [.unsupported(fileSystem: "tmpfs")])
      #expect(logs.numbers() == Array(1...1000))
      #expect(logs.leftovers.isEmpty)
      #expect(truncate(logs.log, 100) == 0)
      #expect(logs.run(size) == [.notNeeded])
    }
  }

  @Test(.enabled(if: Build.isRoot, "only root can mount an image"))
  func `on a full disk all is kept, and it is tried again later`() throws {
    try withImage(megabytes: 24) { mount in
      let logs = try LogFolder(mount + "/logs")
      let size = LogSize(of: "bot", maxSize: 1 << 20, keep: 3)
      var last = 0
      while Files.status(logs.log)?.st_size ?? 0 < 5 << 20 {
        try logs.appendLines((last + 1)...(last + 1000))
        last += 1000
      }
      // The first 2 MB can be moved, the next cannot: the earlier log takes their room.
      Files.exclusively {
        let filler = open(mount + "/filler", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        let block = [UInt8](repeating: 0, count: 65_536)
        while write(filler, block, block.count) == block.count {}
        close(filler)
      }
      guard case .failed(let error) = logs.run(size).last else {
        Issue.record("the disk was not full")
        return
      }
      #expect(error.code == ENOSPC)
      #expect(logs.numbers() == Array(1...last))
      #expect(logs.leftovers.isEmpty)
      #expect(size.step(in: logs.files) == .notNeeded)
      unlink(mount + "/filler")
      try logs.appendLines((last + 1)...(last + 6000))
      last += 6000
      let steps = logs.run(size)
      #expect(steps.contains { $0.isDone }, "\(steps)")
      #expect(logs.numbers().last == last)
    }
  }

  @Test func `a quiet log that begins to grow is told of once`() throws {
    try withTemporaryFolder { path in
      let logs = try LogFolder(path)
      let watch = try LogGrowthWatch()
      func isReadable() -> Bool { Poll.isReadable(watch.descriptor, within: .zero) }
      #expect(throws: SystemError.self) { try watch.arm("bot", in: logs.files, isQuiet: true) }
      try logs.append("before\n")
      try watch.arm("bot", in: logs.files, isQuiet: true)
      #expect(!isReadable() && watch.stirred().isEmpty)
      try logs.append("one\n")
      try logs.append("two\n")
      #expect(isReadable())
      #expect(watch.stirred() == ["bot"])
      try logs.append("three\n")
      #expect(!isReadable())
      try watch.arm("bot", in: logs.files, isQuiet: true)
      try watch.arm("bot", in: logs.files, isQuiet: true)
      try Files.write("other", to: path + "/dev_api.log")
      try watch.arm("api", in: logs.files, isQuiet: true)
      watch.disarm("api")
      try logs.append("four\n")
      #expect(watch.stirred() == ["bot"])
      try watch.arm("bot", in: logs.files, isQuiet: true)
      unlink(logs.log)
      #expect(watch.stirred() == ["bot"])
      #expect(watch.stirred().isEmpty)
    }
  }

  @Test func `a log that grows is told of only when it is taken away`() throws {
    try withTemporaryFolder { path in
      let logs = try LogFolder(path)
      let watch = try LogGrowthWatch()
      try logs.append("before\n")
      try watch.arm("bot", in: logs.files, isQuiet: false)
      try logs.append("one\n")
      #expect(!Poll.isReadable(watch.descriptor, within: .zero))
      rename(logs.log, logs.log + ".away")
      #expect(watch.stirred() == ["bot"])
    }
  }
}

extension LogSize.Step {
  var isDone: Bool {
    if case .done = self { true } else { false }
  }
}
