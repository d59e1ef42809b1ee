import DevstartCore
import DevstartPlatform
import Glibc
import TestSupport
import Testing

/// The logs of one service, `bot`, in a folder of a test's own.
final class LogFolder {
  let path: String
  let files: LaunchFiles
  private(set) var longestStep = Duration.zero
  var log: String { path + "/dev_bot.log" }

  init(_ path: String) throws {
    self.path = path
    files = try LaunchFiles.make(logs: path)
  }

  func earlier(_ number: Int) -> String { "\(log).\(number)" }

  func append(_ bytes: [UInt8]) throws {
    let number = try systemCall("open", log) {
      open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    }
    defer { close(number) }
    let count = try systemCall("write", log) { write(number, bytes, bytes.count) }
    #expect(count == bytes.count)
  }

  func append(_ text: String) throws { try append(Array(text.utf8)) }

  /// Numbered lines of a width that no block is a multiple of.
  func appendLines(_ numbers: ClosedRange<Int>) throws {
    try append(numbers.map { "line \($0) \(String(repeating: ".", count: $0 % 89))\n" }.joined())
  }

  /// Steps until there is nothing more to do; what came of it.
  @discardableResult
  func run(_ size: LogSize) -> [LogSize.Step] {
    var steps: [LogSize.Step] = []
    repeat {
      let began = ContinuousClock.now
      steps.append(size.step(in: files))
      longestStep = max(longestStep, ContinuousClock.now - began)
    } while Self.goesOn(steps.last)
    return steps
  }

  private static func goesOn(_ step: LogSize.Step?) -> Bool {
    switch step {
    case .more, .done: true
    case .notNeeded, .unsupported, .failed, nil: false
    }
  }

  /// All that is there, the oldest first.
  func whole() -> [UInt8] {
    var names = [log]
    var number = 1
    while Files.exists(earlier(number)) {
      names.insert(earlier(number), at: 0)
      number += 1
    }
    return names.flatMap { Files.bytes($0) ?? [] }
  }

  /// The numbers of all lines; -1 for one that is not whole. Blank ones are left out.
  func numbers() -> [Int] {
    var numbers: [Int] = []
    whole().withUnsafeBytes { bytes in
      var start = 0
      while start < bytes.count, let base = bytes.baseAddress {
        let end = memchr(base + start, 0x0a, bytes.count - start)
        let length = end.map { UnsafeRawPointer($0) - (base + start) } ?? bytes.count - start
        let line = UnsafeRawBufferPointer(start: base + start, count: length)
        if !line.allSatisfy({ $0 == 0x20 }) { numbers.append(Self.number(line)) }
        start += length + 1
      }
    }
    return numbers
  }

  /// `line 12` and whatever follows that is no digit.
  private static func number(_ line: UnsafeRawBufferPointer) -> Int {
    guard line.starts(with: "line ".utf8) else { return -1 }
    var number = 0
    for byte in line.dropFirst(5) {
      guard byte >= 0x30, byte <= 0x39 else { break }
      number = number * 10 + Int(byte - 0x30)
    }
    return number
  }

  /// Nothing of a move is left.
  var leftovers: [String] {
    Files.names(in: path + "/.devstart").filter { $0.contains("dev_bot.log") }
  }
}

/// Where heads of files can be removed: `/tmp`, or an ext4 image that only root can mount. Where
/// neither is to be had, the tests are skipped, and say so.
enum Collapsing {
  static let folder: String? = {
    do {
      var result: LogSize.Step = .notNeeded
      try withTemporaryFolder { path in
        let folder = try LogFolder(path)
        try folder.appendLines(1...1000)
        result = folder.run(LogSize(of: "bot", maxSize: 8192, keep: 0)).first ?? .notNeeded
      }
      if case .done = result { return "/tmp" }
    } catch {
      print("/tmp cannot be used: \(error)")
    }
    return nil
  }()

  static let why: Comment = "the file system of /tmp cannot remove the head of a file"
}

/// A small ext4 file system of a test's own, in an image.
func withImage(megabytes: Int, _ body: (String) throws -> Void) throws {
  try withTemporaryFolder { base in
    let (image, mount) = (base + "/image", base + "/mount")
    try Files.makeFolder(mount)
    func run(_ words: String...) throws {
      var plan = RunningCommand.Plan(program: "/usr/bin/env", arguments: ["env"] + words)
      plan.environment = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]
      let result = try RunningCommand(plan).wait()
      try #require(result.status == 0, "\(words): \(result.output)")
    }
    try run("truncate", "-s", "\(megabytes)M", image)
    try run("mkfs.ext4", "-q", "-F", "-m", "0", image)
    try run("mount", "-o", "loop", image, mount)
    defer { umount2(mount, Int32(MNT_DETACH)) }
    try body(mount)
  }
}
