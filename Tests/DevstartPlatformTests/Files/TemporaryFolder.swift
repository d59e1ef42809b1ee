import DevstartPlatform
import Glibc
import TestSupport

/// A folder of a test's own, gone at the end.
func withTemporaryFolder(in parent: String = "/tmp", _ body: (String) throws -> Void) throws {
  var template = Array("\(parent)/devstart-files-XXXXXX\0".utf8)
  let made = template.withUnsafeMutableBytes { bytes in
    bytes.withMemoryRebound(to: CChar.self) { text in text.baseAddress.flatMap { mkdtemp($0) } }
  }
  guard made != nil else { throw SystemError(call: "mkdtemp", operand: parent, code: errno) }
  let folder = String(decoding: template.dropLast(), as: UTF8.self)
  defer { Files.remove(folder) }
  try body(folder)
}
