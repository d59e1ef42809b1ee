#if os(Linux)
import CDevstart
package import DevstartCore
import Glibc

/// What a keeper tells its supervisor.
package enum KeeperReport: Equatable, Sendable {
  case mainStarted(ProcessIdentity)
  /// Main could not be executed, in words.
  case executionFailed(String)
  case mainExited(ExitStatus)
  case treeEmpty
}

/// Forks keepers, and listens to them.
package enum Keeper {
  /// What a keeper process is called in `/proc/PID/comm`.
  package static let commandName = CD_KEEPER_COMMAND_NAME

  /// What a launch consists of, besides its specification.
  package struct Order: Sendable {
    package var title: String
    package var directory: String
    package var arguments: [String]
    package var environment: [String]
    package var umask: Int
    package var limits: [Caller.Limit]
    package var standardInput = StandardInput.null
    /// The lines of the launch record that the keeper does not know itself.
    package var recordHead = ""

    package init(title: String, directory: String, arguments: [String], caller: Caller) {
      self.title = title
      self.directory = directory
      self.arguments = arguments
      environment = []
      umask = caller.umask
      limits = caller.limits
    }
  }

  /// Forks a keeper that holds the sealed text, appends main's output to the log and writes its
  /// record to that descriptor, where there is one; returns its PID and the pipe on which it reports.
  package static func fork(
    _ order: Order, specification: [UInt8], log: borrowing OwnedDescriptor,
    record: Int32?
  ) throws(SystemError) -> (pid: Int32, reports: ReportPipe) {
    let memory = OwnedDescriptor(
      owning: try systemCall("memfd_create") {
        cd_sealed_memfd(CD_SPECIFICATION_NAME, specification, specification.count)
      })
    let reports = try Pipe()
    var (input, held) = (Int32(-1), Int32(-1))
    if order.standardInput == .open {
      let pipe = try Pipe()
      input = pipe.reading.released()
      held = pipe.writing.released()
    }
    defer {
      for number in [input, held] where number >= 0 { close(number) }
    }
    var launch = cd_launch()
    launch.specification = memory.number
    launch.record = record ?? -1
    launch.report_write = reports.writing.number
    launch.report_read = reports.reading.number
    launch.standard_input = input
    launch.held_input = held
    launch.output = log.number
    launch.umask = mode_t(order.umask)
    cd_title_area(
      CommandLine.unsafeArgv, CommandLine.argc, &launch.title_area, &launch.title_size)
    let pid = try fork(order, &launch)
    return (pid, ReportPipe(reports.reading))
  }

  /// The sealed text that a keeper holds; throws where the process is none, or is gone.
  package static func specification(
    heldBy keeper: ProcessIdentity
  ) throws(SystemError) -> [UInt8] {
    let path = "/proc/\(keeper.pid)/fd/\(CD_KEEPER_SPECIFICATION)"
    let bytes = try FileReading.bytes(ofPath: path, limit: 16 << 20)
    // The PID may have become another's meanwhile.
    guard ProcessTable.stat(of: keeper.pid)?.identity == keeper else {
      throw SystemError(call: "read", operand: path, code: ESRCH)
    }
    return bytes
  }

  private static func fork(
    _ order: Order, _ launch: inout cd_launch
  ) throws(SystemError) -> Int32 {
    let limits = order.limits.map {
      cd_limit(resource: Int32($0.resource), soft: $0.soft, hard: $0.hard)
    }
    launch.argument_count = order.arguments.count
    launch.environment_count = order.environment.count
    return try systemCall("fork") {
      order.texts.withUnsafeBytes { texts in
        limits.withUnsafeBufferPointer { limits in
          launch.texts = texts.baseAddress
          launch.texts_size = texts.count
          launch.limits = limits.baseAddress
          launch.limit_count = limits.count
          return cd_fork_keeper(&launch)
        }
      }
    }
  }
}

extension Keeper.Order {
  /// All of them one after the other, as `cd_launch` wants them: a copy of its own for each text
  /// takes longer than all else that a launch is made of.
  fileprivate var texts: [UInt8] {
    var texts: [UInt8] = []
    texts.reserveCapacity(8192)
    for text in [title, recordHead, directory] + arguments + environment {
      texts.append(contentsOf: text.utf8)
      texts.append(0)
    }
    return texts
  }
}

/// Both ends of a pipe(2).
private struct Pipe: ~Copyable {
  let reading: OwnedDescriptor
  let writing: OwnedDescriptor

  init() throws(SystemError) {
    var ends: [Int32] = [-1, -1]
    try systemCall("pipe2") { cd_pipe(&ends) }
    reading = OwnedDescriptor(owning: ends[0])
    writing = OwnedDescriptor(owning: ends[1])
  }
}

/// The supervisor's end of the pipe on which a keeper reports.
package final class ReportPipe {
  private let reading: OwnedDescriptor
  /// Nobody is left who could report.
  package private(set) var hasEnded = false

  package var descriptor: Int32 { reading.number }

  init(_ reading: consuming OwnedDescriptor) {
    self.reading = reading
    _ = fcntl(self.reading.number, F_SETFL, O_NONBLOCK)
  }

  /// The pipe of a keeper that another supervisor forked, with the reports that nobody read
  /// (proc(5): opening an entry of `/proc/PID/fd` opens the pipe again).
  package static func reopen(keeper: Int32) throws(SystemError) -> ReportPipe {
    let path = "/proc/\(keeper)/fd/\(CD_KEEPER_REPORT_READ)"
    return ReportPipe(
      OwnedDescriptor(
        owning: try systemCall("open", path) { open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }))
  }

  /// The reports that have arrived since the last call.
  package func reports() -> [KeeperReport] {
    var found: [KeeperReport] = []
    var message = cd_report()
    var count = MemoryLayout<cd_report>.size
    while count == MemoryLayout<cd_report>.size {
      count = read(reading.number, &message, MemoryLayout<cd_report>.size)
      if count > 0, let report = KeeperReport(message) { found.append(report) }
    }
    if count == 0 { hasEnded = true }
    return found
  }
}

extension KeeperReport {
  fileprivate init?(_ message: cd_report) {
    switch cd_report_kind(UInt32(bitPattern: message.kind)) {
    case CD_REPORT_MAIN_STARTED:
      self = .mainStarted(ProcessIdentity(pid: message.pid, startTicks: message.start))
    case CD_REPORT_EXEC_FAILED:
      self = .executionFailed(Self.words(stage: message.stage, code: message.value))
    case CD_REPORT_MAIN_EXITED:
      self = .mainExited(message.stage == 0 ? .code(message.value) : .signal(number: message.value))
    case CD_REPORT_TREE_EMPTY: self = .treeEmpty
    case _: return nil
    }
  }

  private static func words(stage: Int32, code: Int32) -> String {
    let reason = String(cString: strerror(code))
    return switch cd_stage(UInt32(bitPattern: stage)) {
    case CD_STAGE_DIRECTORY: "cannot enter its folder: \(reason)"
    case CD_STAGE_EXEC: "cannot execute its command: \(reason)"
    case _: "cannot fork: \(reason)"
    }
  }
}
#endif
