/// The names of this machine's users, from `/etc/passwd` alone (passwd(5)): a static executable
/// has no name service.
package struct UserNames: Equatable, Sendable {
  private var names: [UInt32: String] = [:]

  /// The content of a passwd file; lines of another shape are passed over, and the first entry
  /// for a number counts.
  package init(parsing bytes: [UInt8]) {
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      let fields = line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
      guard fields.count >= 3, !fields[0].isEmpty,
        let user = UInt32(String(decoding: fields[2], as: UTF8.self)), names[user] == nil
      else { continue }
      names[user] = String(decoding: fields[0], as: UTF8.self)
    }
  }

  /// `/etc/passwd`; numbers stay numbers where it cannot be read.
  package static func load(path: String = "/etc/passwd") -> UserNames {
    do {
      return UserNames(parsing: try FileReading.bytes(ofPath: path, limit: 16 << 20))
    } catch {
      return UserNames(parsing: [])
    }
  }

  /// The user's name, or the number where it has none here.
  package subscript(user: UInt32) -> String { names[user] ?? String(user) }
}
