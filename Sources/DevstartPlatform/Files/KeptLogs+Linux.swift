#if os(Linux)
import Glibc

/// A log's earlier ones: `dev_bot.log.1` is the latest, `dev_bot.log.2` the one before …
struct KeptLogs {
  /// The log's own name.
  let name: String
  /// How many are kept.
  let keep: Int
  /// The folder's descriptor, its owner's.
  let folder: Int32

  func name(of number: Int) -> String { "\(name).\(number)" }

  private func isThere(_ number: Int) -> Bool {
    faccessat(folder, name(of: number), F_OK, AT_SYMLINK_NOFOLLOW) == 0
  }

  /// Makes the first number free, where any is kept; the oldest goes. Begun and not finished, it
  /// can be done again: only what is before the first free number moves.
  func shift() {
    guard keep > 0 else { return }
    var free = 1
    while free < keep, isThere(free) { free += 1 }
    for number in stride(from: free - 1, through: 1, by: -1) {
      _ = renameat(folder, name(of: number), folder, name(of: number + 1))
    }
  }

  /// Removes what is beyond the number that is kept, from when more were.
  func prune() {
    var number = keep + 1
    while unlinkat(folder, name(of: number), 0) == 0 { number += 1 }
  }

  /// The log itself becomes the latest of the earlier ones, or goes where none is kept.
  func takeLog() {
    shift()
    if keep > 0 {
      _ = renameat(folder, name, folder, name(of: 1))
    } else {
      _ = unlinkat(folder, name, 0)
    }
    prune()
  }
}
#endif
