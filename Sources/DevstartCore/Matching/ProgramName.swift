/// The name of a program, comparable without regard to where it stands and, where that is safe,
/// to its version: `/usr/bin/python3.11` is `python3` and `python`, but `worker2` is not `worker`.
struct ProgramName: Equatable, Sendable {
  /// The last component of the path.
  let name: String
  private let stem: String
  private let version: String

  init(path: String) {
    name = Self.lastComponent(path)
    let utf8 = name.utf8
    var start = utf8.endIndex
    while start > utf8.startIndex, Self.isVersion(utf8[utf8.index(before: start)]) {
      start = utf8.index(before: start)
    }
    var stem = String(name[..<start])
    if stem.utf8.last == UInt8(ascii: "-"), start < utf8.endIndex { stem.removeLast() }
    self.stem = stem
    version = String(name[start...])
  }

  /// Whether it executes the program text that it is given.
  var isInterpreter: Bool { Self.interpreters.contains(stem) }

  /// Whether both name the same program: alike, or one says more of the version than the other
  /// (`python3` and `python3.11`). Only an interpreter's bare digits are a version: `worker1` and
  /// `worker2` are two programs.
  func isSameProgram(as other: ProgramName) -> Bool {
    if name == other.name { return true }
    guard !stem.isEmpty, stem == other.stem else { return false }
    let longer = version.utf8.count > other.version.utf8.count ? self : other
    let shorter = longer == self ? other : self
    guard longer.isInterpreter || longer.version.utf8.contains(UInt8(ascii: ".")) else {
      return false
    }
    if shorter.version.isEmpty { return true }
    // `3` is the beginning of `3.11`, but not of `31`.
    let rest = longer.version.utf8.dropFirst(shorter.version.utf8.count)
    return longer.version.hasPrefix(shorter.version) && rest.first == UInt8(ascii: ".")
  }

  /// The name for a rule: an interpreter's without its version (`python` for `python3.11`).
  var withoutVersion: String { isInterpreter ? stem : name }

  /// Programs that become the one that their arguments name.
  static let launchers: Set<String> = ["env", "nohup", "setsid"]

  static func lastComponent(_ path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return path }
    return String(path[path.utf8.index(after: slash)...])
  }

  private static func isVersion(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || byte == UInt8(ascii: ".")
  }

  private static let interpreters: Set<String> = [
    "sh", "bash", "dash", "ash", "zsh", "ksh", "mksh", "fish", "pwsh",
    "python", "pypy", "node", "nodejs", "deno", "bun", "ruby", "jruby", "perl", "php", "lua",
    "luajit", "tclsh", "guile", "racket", "julia", "Rscript", "escript", "elixir", "osascript",
  ]

  /// Programs that people read and write files with: no rule that names just a file means them.
  static let viewers: Set<String> = [
    "vi", "vim", "nvim", "view", "emacs", "emacsclient", "nano", "pico", "micro", "hx", "helix",
    "kak", "joe", "ed", "code", "codium", "subl", "gedit", "kate", "zed", "idea", "pycharm",
    "less", "more", "most", "bat", "cat", "tail", "head", "multitail", "lnav", "watch", "entr",
    "grep", "rg", "ag", "ack", "sed", "awk", "find", "fd", "diff", "git", "tig", "strace",
    "gdb", "lldb", "ps", "pgrep", "pkill", "kill", "cp", "mv", "rm", "scp", "rsync", "tar",
    "man", "file", "stat", "wc", "sort", "chmod", "touch", "ssh",
  ]
}
