/// The text of a PID file: main's PID on one line, as `kill -TERM $(cat dev_bot.pid)` takes it.
package enum PIDFile {
  /// In bytes; what is longer is something else.
  package static let sizeLimit = 63

  package static func text(of pid: Int32) -> [UInt8] { Array("\(pid)\n".utf8) }

  /// The one number in it, with blanks or newlines around; nil where that is no process's.
  package static func pid(in bytes: some Collection<UInt8>) -> Int32? {
    let words = bytes.split { " \t\r\n".utf8.contains($0) }
    guard bytes.count <= sizeLimit, words.count == 1,
      let pid = Int32(String(decoding: words[0], as: UTF8.self)), pid > 0
    else { return nil }
    return pid
  }
}
