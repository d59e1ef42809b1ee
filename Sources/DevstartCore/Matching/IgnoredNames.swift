/// Names that are never meant by a pattern with wildcards: what tools write as they run, so that
/// a restart would cause the next, and what editors make on the way to a saved file.
package enum IgnoredNames {
  /// Version control; dependencies; caches and build folders with unmistakable names (`build` and
  /// `target` are also names of ordinary folders); editors' settings.
  package static let folders: Set<String> = [
    ".git", ".hg", ".svn", ".jj",
    "node_modules", ".venv", ".tox", ".nox", ".direnv",
    "__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis", ".cache",
    ".build", ".gradle", ".next", ".nuxt", ".svelte-kit", ".parcel-cache", ".turbo",
    ".idea", ".vscode", ".devstart",
  ]

  /// Vim's test whether it may write, and what file managers leave behind.
  private static let files: Set<String> = ["4913", ".DS_Store"]

  /// Beginnings and ends of temporary files: Emacs's autosaves and locks, Vim's swap files and
  /// backups, Kate's, JetBrains' and GNOME's.
  private static let affixes: [(before: String, after: String)] = [
    ("#", "#"), (".#", ""), ("", "~"), (".", ".swp"), (".", ".swo"), (".", ".swn"), (".", ".swx"),
    (".", ".kate-swp"), ("", "___jb_tmp___"), ("", "___jb_old___"), (".goutputstream-", ""),
  ]

  static func contains(_ name: Substring.UnicodeScalarView) -> Bool {
    let name = String(name)
    return folders.contains(name) || files.contains(name) || isTemporary(name)
  }

  private static func isTemporary(_ name: String) -> Bool {
    affixes.contains { before, after in
      name.utf8.count > before.utf8.count + after.utf8.count
        && name.utf8.starts(with: before.utf8)
        && name.utf8.reversed().starts(with: after.utf8.reversed())
    }
  }

  /// `dev_bot.log`, its earlier ones and `dev_bot.pid`, where they are beside the project's files.
  static func isLog(_ path: Substring.UnicodeScalarView) -> Bool {
    let name = String(path)
    guard name.utf8.starts(with: "dev_".utf8), !name.contains("/") else { return false }
    return name.hasSuffix(".pid") || name.hasSuffix(".log") || name.contains(".log.")
  }
}
