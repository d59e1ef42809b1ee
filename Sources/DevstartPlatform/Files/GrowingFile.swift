#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A log that is being written: gives what was added since the last look, through truncation,
/// rotation and deletion.
package final class GrowingFile {
  package let path: String
  private var number: Int32 = -1
  private var inode: UInt64 = 0
  private var offset: Int

  /// Begins `offset` bytes into the file, which need not be there yet.
  package init(path: String, offset: Int) {
    self.path = path
    self.offset = offset
    _ = reopen()
  }

  deinit { if number >= 0 { _ = close(number) } }

  /// Hands over what was added, in pieces of at most 64 KB.
  package func read(_ handle: ([UInt8]) -> Void) {
    drain(handle)
    var information = stat()
    guard stat(path, &information) == 0, UInt64(information.st_ino) != inode else { return }
    // Rotated or written anew: the old file was read to its end above.
    offset = 0
    if reopen() { drain(handle) }
  }

  private func reopen() -> Bool {
    if number >= 0 { _ = close(number) }
    number = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    var information = stat()
    guard number >= 0, fstat(number, &information) == 0 else { return false }
    inode = UInt64(information.st_ino)
    return true
  }

  private func drain(_ handle: ([UInt8]) -> Void) {
    guard number >= 0 else { return }
    var information = stat()
    if fstat(number, &information) == 0, Int(information.st_size) < offset { offset = 0 }
    var block = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = pread(number, &block, block.count, off_t(offset))
      if count < 0, errno == EINTR { continue }
      if count <= 0 { return }
      offset += count
      handle(Array(block[..<count]))
    }
  }
}
