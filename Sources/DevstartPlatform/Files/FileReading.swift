#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Reads whole files, with a bound.
package enum FileReading {
  /// The bytes of the file at `path`, which may be any that can be read: `/proc` files have no
  /// size. Throws `EFBIG` past `limit` bytes.
  package static func bytes(
    ofPath path: String, limit: Int, followsLinks: Bool = true
  ) throws(SystemError) -> [UInt8] {
    let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | (followsLinks ? 0 : O_NOFOLLOW)
    let file = OwnedDescriptor(owning: try systemCall("open", path) { open(path, flags) })
    return try bytes(of: file, named: path, limit: limit)
  }

  /// The rest of an open file.
  package static func bytes(
    of file: borrowing OwnedDescriptor, named path: String, limit: Int
  ) throws(SystemError) -> [UInt8] {
    let number = file.number
    var content: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = try systemCall("read", path) { read(number, &chunk, chunk.count) }
      if count == 0 { return content }
      content.append(contentsOf: chunk[..<count])
      if content.count > limit { throw SystemError(call: "read", operand: path, code: EFBIG) }
    }
  }
}
