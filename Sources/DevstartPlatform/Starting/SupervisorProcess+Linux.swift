#if os(Linux)
import CDevstart
import Glibc

/// A supervisor that is being started: detached, in the root directory. It is readable when the
/// supervisor listens, or will not.
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

  /// Says it from within the supervisor, and closes the descriptor; false where nobody listens.
  package static func report(_ text: String) -> Bool {
    guard let number = getenv(readyVariable).flatMap({ Int32(String(cString: $0)) }) else {
      return false
    }
    unsetenv(readyVariable)
    let line = Array("\(text)\n".utf8)
    let count = write(number, line, line.count)
    close(number)
    return count == line.count
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
#endif
