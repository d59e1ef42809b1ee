package import Foundation

/// Short ways to files; a test fails where one of these throws.
package enum Files {
  private static let starting = NSLock()

  /// For whoever starts a program, and for whoever has something open the closing of which counts:
  /// until a program is executed, it has all open that this process has, and after that what was
  /// opened without `O_CLOEXEC`, as Foundation does. What is open to be written cannot be executed
  /// (execve(2), ETXTBSY).
  package static func exclusively<Result>(_ body: () throws -> Result) rethrows -> Result {
    try starting.withLock(body)
  }

  package static func bytes(_ path: String) -> [UInt8]? {
    // Not through Foundation: it asks for the size first, and files of `/proc` have none.
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var content: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = read(file, &chunk, chunk.count)
      if count == 0 { return content }
      if count < 0 { if errno == EINTR { continue } else { return nil } }
      content.append(contentsOf: chunk[..<count])
    }
  }

  package static func text(_ path: String) -> String? {
    bytes(path).map { String(decoding: $0, as: UTF8.self) }
  }

  package static func lines(_ path: String) -> [String] {
    (text(path) ?? "").split(separator: "\n").map(String.init)
  }

  package static func write(_ text: String, to path: String, mode: mode_t = 0o644) throws {
    try write(Array(text.utf8), to: path, mode: mode)
  }

  package static func write(_ bytes: [UInt8], to path: String, mode: mode_t = 0o644) throws {
    try makeFolder((path as NSString).deletingLastPathComponent)
    try exclusively { try Data(bytes).write(to: URL(fileURLWithPath: path)) }
    chmod(path, mode)
  }

  package static func makeFolder(_ path: String, mode: mode_t? = nil) throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    if let mode { chmod(path, mode) }
  }

  package static func exists(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }

  package static func status(_ path: String) -> stat? {
    var status = stat()
    return lstat(path, &status) == 0 ? status : nil
  }

  /// The permission bits: `0o644`.
  package static func mode(_ path: String) -> mode_t? { status(path).map { $0.st_mode & 0o7777 } }

  package static func names(in folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
  }

  package static func remove(_ path: String) { try? FileManager.default.removeItem(atPath: path) }

  package static func copy(_ source: String, to path: String) throws {
    try makeFolder((path as NSString).deletingLastPathComponent)
    remove(path)
    try exclusively { try FileManager.default.copyItem(atPath: source, toPath: path) }
  }

  /// A socket as a file, which nobody listens at.
  package static func makeSocket(_ path: String) throws {
    let end = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    defer { close(end) }
    try withUnixAddress(path, "bind") { bind(end, $0, $1) }
  }

  package static func link(_ path: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
  }
}
