#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A log that is being written: gives what was added since the last look, through truncation,
/// rotation, deletion, and while its head moves to `.log.1` because it has grown large
/// (`LogSize`). Links are not followed.
package final class GrowingFile {
  package let path: String
  private var number: Int32 = -1
  private var inode: UInt64 = 0
  private var block = 4096
  private var offset: Int
  /// The inode of the latest earlier log of which nothing is left to be read here; 0 for none.
  private var earlier: UInt64 = 0
  /// How much more may be handed over at this look.
  private var room = 0
  /// Whether there was more than one look hands over: look again, with nothing to wait for.
  package private(set) var hasMore = false

  /// A log may grow as fast as it is read, and whoever reads it has more to look at.
  private static let mostAtOnce = 1 << 20

  /// Begins `offset` bytes into the file, which need not be there yet.
  package init(path: String, offset: Int) {
    self.path = path
    self.offset = offset
    _ = reopen()
  }

  deinit { if number >= 0 { _ = close(number) } }

  /// Hands over what was added, in pieces of at most 64 KB, and about 1 MB of it: then there may
  /// be more (`hasMore`).
  package func read(_ handle: ([UInt8]) -> Void) {
    room = Self.mostAtOnce
    hasMore = false
    repeat {
      // Half moved: what comes is told to whoever watches the folder.
      if isMoving { return }
      takeMoves(handle)
    } while !drain(handle)
    guard !hasMore else { return }
    guard let now = Self.identity(path), now.inode != inode else { return }
    // Rotated or written anew: the old file was read to its end above.
    offset = 0
    if reopen() { _ = drain(handle) }
  }

  private func reopen() -> Bool {
    if number >= 0 { _ = close(number) }
    number = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
    earlier = Self.identity(path + ".1")?.inode ?? 0
    var information = stat()
    guard number >= 0, fstat(number, &information) == 0 else { return false }
    inode = UInt64(information.st_ino)
    block = max(1, Int(information.st_blksize))
    return true
  }

  /// False where the head has moved meanwhile: then the rest is read once more.
  private func drain(_ handle: ([UInt8]) -> Void) -> Bool {
    guard number >= 0 else { return true }
    guard room > 0 else {
      hasMore = true
      return true
    }
    var information = stat()
    if fstat(number, &information) == 0, Int(information.st_size) < offset {
      if hasMoved { return false }
      offset = 0
    }
    while let bytes = Self.bytes(of: number, at: offset, upTo: 65_536) {
      // What was read while the head was removed may be from anywhere.
      if hasMoved { return false }
      take(bytes, handle)
      if room <= 0 {
        hasMore = true
        return true
      }
    }
    return true
  }

  private func take(_ bytes: [UInt8], _ handle: ([UInt8]) -> Void) {
    offset += bytes.count
    room -= bytes.count
    handle(bytes)
  }

  // MARK: Moves

  /// Whether the head is being moved to an earlier log now: nothing is read meanwhile.
  package var isMoving: Bool {
    let parts = path.split(separator: "/")
    guard let name = parts.last else { return false }
    let folder = path.dropLast(name.utf8.count)
    return access("\(folder).devstart/.\(name).copied", F_OK) == 0
  }

  /// Whether it was, since all of that was taken, or is being moved.
  private var hasMoved: Bool {
    guard let place else { return false }
    return isMoving || (Self.identity("\(path).\(place + 1)")?.inode ?? 0) != earlier
  }

  /// Where the open file is by now: 0 at its path, else the number of an earlier log; nil where
  /// it was deleted.
  private var place: Int? {
    if Self.identity(path)?.inode == inode { return 0 }
    var number = 1
    while let other = Self.identity("\(path).\(number)") {
      if other.inode == inode { return number }
      number += 1
    }
    return nil
  }

  /// What was the log's head is in earlier logs now: what of it was not read yet is read there,
  /// and the offset is what it is after the whole blocks of it were removed (`LogCut`).
  private func takeMoves(_ handle: ([UInt8]) -> Void) {
    guard number >= 0, let place else { return }
    var pieces: [(path: String, inode: UInt64, size: Int)] = []
    while let piece = Self.identity("\(path).\(place + 1 + pieces.count)"), piece.inode != earlier {
      pieces.append(("\(path).\(place + 1 + pieces.count)", piece.inode, piece.size))
    }
    for piece in pieces.reversed() {
      if offset < piece.size { readEarlier(piece.path, upTo: piece.size, handle) }
      // The rest of it at the next look.
      guard room > 0 || offset >= piece.size else { return }
      offset = max(offset, piece.size) - piece.size / block * block
      earlier = piece.inode
    }
  }

  private func readEarlier(_ path: String, upTo end: Int, _ handle: ([UInt8]) -> Void) {
    let number = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
    guard number >= 0 else { return }
    defer { _ = close(number) }
    while offset < end, room > 0,
      let bytes = Self.bytes(of: number, at: offset, upTo: min(65_536, end - offset))
    {
      take(bytes, handle)
    }
  }

  // MARK: Files

  private static func identity(_ path: String) -> (inode: UInt64, size: Int)? {
    var information = stat()
    guard lstat(path, &information) == 0 else { return nil }
    return (UInt64(information.st_ino), Int(information.st_size))
  }

  /// nil at the end, and where it cannot be read.
  private static func bytes(of number: Int32, at offset: Int, upTo most: Int) -> [UInt8]? {
    var block = [UInt8](repeating: 0, count: most)
    var count: Int
    repeat { count = pread(number, &block, most, off_t(offset)) } while count < 0 && errno == EINTR
    guard count > 0 else { return nil }
    block.removeLast(most - count)
    return block
  }
}
