extension MatchRule {
  /// What recognises a service that names no rules: exactly the command's own arguments and, for
  /// shell text that is a simple command, its words too, as shells execute it in their place.
  package static func defaults(for command: Command) -> [MatchRule] {
    switch command {
    case .arguments(let arguments): [.command(arguments)]
    case .shell(let text):
      [.command(command.argumentVector)]
        + (SimpleCommand.words(text).map { [.command($0)] } ?? [])
    }
  }

  /// Programs that outlive whoever happened to start them first, because the next one who needs
  /// them will find them running. Each is named by its executable or by the argument that makes
  /// it the daemon: a process that only mentions one of them is not spared.
  package static let sparedByDefault = browsers + agents + sessions + buildDaemons

  private static let browsers = executables([
    "chrome", "google-chrome", "google-chrome-stable", "Google Chrome", "chromium",
    "chromium-browser", "Chromium", "firefox", "firefox-bin", "firefox-esr", "librewolf", "brave",
    "brave-browser", "Brave Browser", "msedge", "microsoft-edge", "Microsoft Edge", "opera",
    "vivaldi", "vivaldi-bin", "epiphany", "Safari",
  ])

  private static let agents =
    executables(["ssh-agent", "gpg-agent", "dirmngr", "scdaemon", "keyboxd"]) + [
      .program("adb", arguments: ["fork-server", "server"])
    ]

  /// `screen`'s server calls itself `SCREEN`; in both programs client and server are one file.
  private static let sessions =
    executables(["tmux", "watchman"]) + [
      .program("zellij", arguments: ["--server"]), .pattern("^(\\S*/)?SCREEN( |$)"),
    ]

  private static let buildDaemons: [MatchRule] =
    executables(["buildkitd"]) + [
      .program("java", arguments: ["org.gradle.launcher.daemon.bootstrap.GradleDaemon"]),
      .program("java", arguments: ["org.jetbrains.kotlin.daemon.KotlinCompileDaemon"]),
      .program("java", arguments: ["com.martiansoftware.nailgun.NGServer"]),
      .program("java", arguments: ["com.facebook.nailgun.NGServer"]),
      // Bazel's server puts its workspace where others put the program.
      .pattern("^bazel\\([^)]+\\) "),
      // Without arguments it is the server; with them a compiler's wrapper.
      .pattern("^(\\S*/)?sccache$"),
      .program("dotnet", arguments: ["/nodemode:1", "/nodeReuse:true"]),
      .pattern("^(\\S*/)?dotnet exec \\S*VBCSCompiler\\.dll "),
      .program("turbo", arguments: ["daemon"]),
    ]

  private static func executables(_ names: [String]) -> [MatchRule] {
    names.map { .program($0, arguments: []) }
  }
}
