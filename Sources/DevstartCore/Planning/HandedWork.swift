/// Work that a service's command gives to a daemon which is not its descendant: no supervisor can
/// see or end that, and `stop` needs a command of its own for it.
package enum HandedWork {
  /// The daemon's client in this command, as `docker run`; nil where there is none.
  package static func client(in command: Command) -> String? {
    let words: [[Substring]] =
      switch command {
      case .arguments(let arguments): [arguments.map { $0[...] }]
      // What a shell runs one after the other, or in a pipe; quotes are not looked into.
      case .shell(let text):
        text.split { $0 == ";" || $0 == "&" || $0 == "|" || $0 == "\n" }.map { part in
          part.split { $0 == " " || $0 == "\t" }
        }
      }
    return words.lazy.compactMap(client).first
  }

  private static func client(in words: [Substring]) -> String? {
    var rest = words[...]
    // `exec`, `sudo -n`, `env A=b` and the like come before the program.
    while let word = rest.first,
      ["exec", "sudo", "env", "nohup", "time", "command"].contains(name(word))
        || word.hasPrefix("-") || word.contains("=")
    {
      rest.removeFirst()
    }
    guard let program = rest.popFirst().map(name) else { return nil }
    let verb = rest.first { !$0.hasPrefix("-") }.map(String.init)
    switch (program, verb) {
    case ("docker", "run"), ("docker", "start"), ("docker", "compose"), ("docker", "container"),
      ("systemctl", "start"), ("systemctl", "restart"):
      return "\(program) \(verb ?? "")"
    case ("docker-compose", _), ("systemd-run", _), ("at", _), ("batch", _): return program
    case ("tmux", nil), ("tmux", "new"), ("tmux", "new-session"): return "tmux"
    case _: return nil
    }
  }

  private static func name(_ word: Substring) -> String {
    String(word.split(separator: "/").last ?? word)
  }
}
