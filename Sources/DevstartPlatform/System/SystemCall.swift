#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A system call that failed: which one, on what, and why.
package struct SystemError: Error, Equatable, Sendable {
  /// The call's name: `open`, `flock` …
  package var call: String
  /// The path, address or number it was about.
  package var operand: String
  /// errno(3).
  package var code: Int32

  package init(call: String, operand: String, code: Int32) {
    self.call = call
    self.operand = operand
    self.code = code
  }

  /// The reason in the system's words: `No such file or directory`.
  package var reason: String { String(cString: strerror(code)) }
}

extension SystemError: CustomStringConvertible {
  package var description: String { "\(call) \(operand): \(reason)" }
}

/// The one gate for system calls: runs `body` again while it is interrupted (EINTR), and throws
/// what errno says where it returns -1.
@discardableResult
package func systemCall<Result: SignedInteger>(
  _ name: String, _ operand: @autoclosure () -> String = "", _ body: () -> Result
) throws(SystemError) -> Result {
  while true {
    let result = body()
    if result != -1 { return result }
    let code = errno
    if code != EINTR { throw SystemError(call: name, operand: operand(), code: code) }
  }
}
