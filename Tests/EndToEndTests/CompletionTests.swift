import DevstartCore
import Foundation
import TestSupport
import Testing

/// The scripts in the shells that they are for.
@Suite(.waitsForProcesses) struct CompletionTests {
  private static let services: JSON = [
    "bot": .service("sleep", with: ["category": "workers"]), "api": .service("sleep"),
  ]
  static let hasZsh = Files.exists("/usr/bin/zsh")
  static let hasFish = Files.exists("/usr/bin/fish")

  private func withShells(_ body: (Project) throws -> Void) throws {
    try withProject(Self.services) { project in
      try Files.link("\(project.base)/bin/devstart", to: Build.devstart)
      try Files.write("", to: project.path("some file"))
      try body(project)
      #expect(project.supervisor == nil && !Files.exists(project.path("logs")))
      project.expectNothingLeft()
    }
  }

  private func lines(
    _ project: Project, _ shell: String, _ arguments: [String]
  ) throws -> [String] {
    let result = try project.start(shell, [shell] + arguments).wait()
    #expect(result.stderr == "", "\(arguments)")
    return result.stdout.split(separator: "\n").map(String.init)
  }

  // MARK: bash

  /// What bash would offer where these words have been typed; the last is being typed.
  private func bash(_ project: Project, _ words: [String]) throws -> [String] {
    let script = """
      source <(devstart completion bash) || exit
      [[ $(complete -p devstart) == 'complete -F _devstart devstart' ]] || exit
      COMP_WORDS=(devstart "$@"); COMP_CWORD=$#
      _devstart; printf '%s\\n' "${COMPREPLY[@]}"
      """
    return try lines(project, "/bin/bash", ["--norc", "-c", script, "bash"] + words).sorted()
  }

  @Test func `bash completes commands, targets, flags and values`() throws {
    try withShells { project in
      let cases: [([String], [String])] = [
        (["st"], ["start", "status", "stop"]), (["bo"], ["bot"]), (["wor"], ["workers"]),
        (["stop", ""], ["all", "api", "bot", "workers"]), (["bot", "a"], ["all", "api"]),
        (["start", "--no"], ["--no-deps", "--no-wait"]), (["bot", "--dry"], ["--dry-run"]),
        (["stop", "--timeout", "5s", "b"], ["bot"]), (["stop", "--timeout", "b"], []),
        (["start", "--if-running", ""], ["fail", "keep", "replace"]),
        (["wait", "--for", "=", "re"], ["ready"]), (["wait", "--for", "="], ["ready", "stopped"]),
        (["export", "s"], ["supervisord", "systemd"]), (["export", "systemd", "ap"], ["api"]),
        (["help", "no"], ["notify"]), (["completion", ""], ["bash", "fish", "zsh"]),
        (["check", "--manifest", "some"], ["some file"]), (["notify", ""], []),
        (["smoke", "all", "--", "devsta"], ["devstart"]),
        (["smoke", "all", "--", "cat", "some"], ["some file"]),
        (["--js"], ["--json"]), (["--json", "sto"], ["stop"]), (["--vers"], ["--version"]),
      ]
      for (words, offered) in cases { try #expect(bash(project, words) == offered, "\(words)") }
    }
  }

  @Test func `targets are those of the manifest that is named, and nothing is said without one`()
    throws
  {
    try withShells { project in
      let other = "\(project.base)/other dir"
      try Files.write(#"{"services": {"zeta": {}, "$(touch pwned)": {}}}"#, to: "\(other)/m.json")
      let named = ["stop", "--manifest", "\(other)/m.json", ""]
      #expect(try bash(project, named) == ["all", "zeta"])
      #expect(try bash(project, ["stop", "--manifest", "=", "\(other)/m.json", "z"]) == ["zeta"])
      #expect(!Files.exists(project.path("pwned")))
      for broken in ["{", "", "{\"services\": {\"bot\": {\"comand\": 1}}}"] {
        try Files.write(broken, to: project.manifestPath)
        let result = try project.run("completion", "targets", exits: 0)
        #expect(result.stderr == "" && result.stdout.contains("bot") == (broken.count > 9))
      }
      Files.remove(project.manifestPath)
      #expect(try project.run("completion", "targets", exits: 0).output == "")
      Files.remove(other)
    }
  }

  @Test(arguments: [
    (["completion"], "bash, zsh or fish"), (["completion", "zhs"], "did you mean 'zsh'?"),
    (["completion", "bash", "zsh"], "takes one shell"),
  ])
  func `a shell has to be named`(words: [String], hint: String) throws {
    try withProject { project in
      let result = try project.spawn(words).wait()
      #expect(result.status == 2 && result.stdout == "" && result.stderr.contains(hint))
    }
  }

  // MARK: zsh and fish

  /// What is on zsh's command line after these keys, as the words of the command that it then runs.
  private func zsh(_ project: Project, _ keys: String) throws -> String {
    let script = #"""
      zmodload zsh/zpty
      zpty pty zsh -f -i
      zpty -w pty 'PS1= PS2= RPS1=; unsetopt zle_bracketed_paste; autoload -Uz compinit; compinit -u -D'
      zpty -w pty 'source <(devstart completion zsh); show() { print -r -- "RES""ULT:$*:" }'
      zpty -w pty 'compdef _devstart show; print REA""DY'
      zpty -r pty text '*READY*'
      zpty -w -n pty "$1"$'\n'
      zpty -r pty text $'*RESULT:*:\r*'
      print -r -- ${${text##*RESULT:}%%:*}
      zpty -d pty
      """#
    return try lines(project, "/usr/bin/zsh", ["-f", "-c", script, "zsh", keys]).last ?? ""
  }

  @Test(.enabled(if: hasZsh, "*** zsh is not installed: its completions are not tried"))
  func `zsh completes commands, targets, flags and values`() throws {
    try withShells { project in
      for (keys, words) in [
        ("show expo\tsyst\tap\t", "export systemd api"), ("show wor\t", "workers"),
        ("show stop --forc\tb\t", "stop --force bot"), ("show bot --dry\t", "bot --dry-run"),
        ("show wait --for st\ta\tp\t", "wait --for stopped api"),
        ("show start --if-running kee\t", "start --if-running keep"),
        ("show smoke all -- devsta\t", "smoke all -- devstart"),
        ("show check --manifest som\t", "check --manifest some file"),
      ] {
        let line = try zsh(project, keys).split(separator: " ").joined(separator: " ")
        #expect(line == words, "\(keys)")
      }
    }
  }

  private func fish(_ project: Project, _ line: String) throws -> [String] {
    let script = "devstart completion fish | source; complete -C $argv[1]"
    let home = ["XDG_CONFIG_HOME": "\(project.base)/fish", "XDG_DATA_HOME": "\(project.base)/fish"]
    let result = try project.start(
      "/usr/bin/fish", ["fish", "--no-config", "-c", script, line], environment: home
    ).wait()
    #expect(result.stderr == "", "\(line)")
    return result.stdout.split(separator: "\n").map { line in
      String(line.split(separator: "\t").first ?? "")
    }.sorted()
  }

  @Test(.enabled(if: hasFish, "*** fish is not installed: its completions are not tried"))
  func `fish completes commands, targets, flags and values`() throws {
    try withShells { project in
      for (line, offered) in [
        ("devstart st", ["start", "status", "stop"]), ("devstart wor", ["workers"]),
        ("devstart stop ", ["all", "api", "bot", "workers"]),
        ("devstart bot --dry", ["--dry-run"]),
        ("devstart start --no-", ["--no-deps", "--no-wait"]),
        ("devstart stop --timeout 5s b", ["bot"]),
        ("devstart start --if-running ", ["fail", "keep", "replace"]),
        ("devstart wait --for=re", ["--for=ready"]),
        ("devstart export s", ["supervisord", "systemd"]), ("devstart export systemd ap", ["api"]),
        ("devstart completion ", ["bash", "fish", "zsh"]),
        ("devstart check --manifest some", ["some file"]),
        ("devstart smoke all -- devsta", ["devstart"]), ("devstart notify b", []),
      ] {
        try #expect(fish(project, line) == offered, "\(line)")
      }
    }
  }
}
