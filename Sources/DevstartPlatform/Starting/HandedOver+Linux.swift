#if os(Linux)
import CDevstart
import Glibc

/// What a program leaves to the one that is executed in its place: sealed memory, whose descriptor
/// a variable names. A variable alone holds no more than 128 KB (execve(2)), and the requests of
/// clients that wait hold their environments.
package enum HandedOver {
  private static let variable = "DEVSTART_HANDOVER"
  /// More clients than there may be, each with the longest line.
  private static let limit = 1 << 40

  /// What the program before this one left, once; nil where there was none.
  package static func take() throws(SystemError) -> [UInt8]? {
    guard let number = getenv(variable).flatMap({ Int32(String(cString: $0)) }) else { return nil }
    // The next program in this place is left something else, and services nothing of it.
    unsetenv(variable)
    let memory = OwnedDescriptor(owning: number)
    return try FileReading.bytes(ofPath: "/proc/self/fd/\(memory.number)", limit: limit)
  }

  /// Executes another program in this one's place, and leaves it these bytes; returns only where
  /// that fails.
  package static func execute(
    path: String, arguments: [String], leaving bytes: [UInt8]
  ) -> SystemError {
    do {
      let memory = OwnedDescriptor(
        owning: try systemCall("memfd_create") {
          cd_sealed_memfd("devstart-handover", bytes, bytes.count)
        })
      OwnProcess.setClosedOnExec(memory.number, false)
      return OwnProcess.execute(
        path: path, arguments: arguments,
        environment: OwnProcess.environment() + ["\(variable)=\(memory.number)"])
    } catch {
      return error
    }
  }
}
#endif
