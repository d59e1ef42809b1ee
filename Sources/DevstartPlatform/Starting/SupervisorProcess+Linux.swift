#if os(Linux)
import CDevstart
import Glibc

/// A supervisor that is being started: detached, in the root directory. It is readable when the
/// supervisor listens, or will not. The supervisor waits for whoever started it for as long as
/// this is kept.
package final class SupervisorProcess: Waitable {
  /// The variable that tells it on which descriptor to say that it is ready.
  package static let readyVariable = "DEVSTART_READY_FD"

  private let report: OwnedDescriptor
  private var said: [UInt8] = []

  package var number: Int32 { report.number }

  /// Runs this same program again with these arguments, its output going to the folder's
  /// supervisor log.
  package init(
    arguments: [String], environment: [String], folder: borrowing ControlFolder
  ) throws(SystemError) {
    let log = try folder.openLog()
    let input = OwnedDescriptor(
      owning: try systemCall("open", "/dev/null") { open("/dev/null", O_RDONLY | O_CLOEXEC) })
    var ends: [Int32] = [-1, -1]
    try systemCall("pipe2") { cd_pipe(&ends) }
    report = OwnedDescriptor(owning: ends[0])
    let ready = OwnedDescriptor(owning: ends[1])
    let descriptors = [input.number, log.number, log.number, ready.number]
    try systemCall("posix_spawn", "/proc/self/exe") {
      withCStrings(arguments) { arguments in
        withCStrings(environment + ["\(Self.readyVariable)=3"]) { environment in
          cd_spawn_detached("/proc/self/exe", arguments, environment, descriptors)
        }
      }
    }
  }

  /// What it has said so far; nil at the end, `ready` or the reason why it is not.
  package enum Report: Equatable {
    case none
    case ready
    /// It ended, or says that it cannot: its own line, empty where it left none.
    case failed(String)
  }

  /// Reads what it says; call when readable.
  package func read() -> Report {
    var block = [UInt8](repeating: 0, count: 4096)
    var count: Int
    repeat { count = Glibc.read(number, &block, block.count) } while count < 0 && errno == EINTR
    if count > 0 { said += block[..<count] }
    let line = said.split(separator: UInt8(ascii: "\n")).first.map(Array.init) ?? []
    if count > 0, !said.contains(UInt8(ascii: "\n")) { return .none }
    if line == Array("ready".utf8) { return .ready }
    return .failed(String(decoding: line, as: UTF8.self))
  }
}

/// Who started this supervisor, as the supervisor sees it: the other end of a `SupervisorProcess`.
package final class SupervisorStarter {
  private let pipe: OwnedDescriptor

  /// Ready, in `PollSet`, when nobody is at the other end any more: who started this supervisor
  /// has connected to it, or never will.
  package var descriptor: Int32 { pipe.number }

  /// nil where nobody waits to hear of it.
  package init?() {
    let variable = SupervisorProcess.readyVariable
    guard let text = getenv(variable), let number = Int32(String(cString: text)) else {
      return nil
    }
    unsetenv(variable)
    pipe = OwnedDescriptor(owning: number)
    OwnProcess.setClosedOnExec(number, true)
  }

  /// Says a line; false where nobody listens.
  package func say(_ text: String) -> Bool {
    let line = Array("\(text)\n".utf8)
    return write(pipe.number, line, line.count) == line.count
  }
}
#endif
