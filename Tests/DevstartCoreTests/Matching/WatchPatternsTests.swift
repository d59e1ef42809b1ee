import DevstartCore
import Testing

@Suite struct WatchPatternsTests {
  private func patterns(
    _ paths: [String], ignore: [String] = [], base: String = "/home/me/[x]/app",
    logs: String = "/home/me/[x]/app/logs"
  ) throws -> WatchPatterns {
    try WatchPatterns(paths: paths, ignore: ignore, base: base, logs: logs)
  }

  private func expect(
    _ patterns: WatchPatterns, fits: [String] = [], misses: [String] = [],
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for path in fits { #expect(patterns.fits(path), "\(path)", sourceLocation: sourceLocation) }
    for path in misses { #expect(!patterns.fits(path), "\(path)", sourceLocation: sourceLocation) }
  }

  @Test func `a path that ends in a plain name holds everything below it`() throws {
    expect(
      try patterns(["./src", "conf//app.toml", "apps/*/lib", "b/{c,d}", "e*/"]),
      fits: [
        "src/a/b.py", "src", "./src/x", "conf/app.toml", "apps/x/lib/y/z", "b/d/x", "ex/a/b",
        "/home/me/[x]/app/src/x",
      ],
      misses: ["srcx", "a/src/x", "conf/other", "apps/lib/y", "apps/x/y", "/src/x", "ex/../z"])
    expect(try patterns(["src/*"]), fits: ["src/x"], misses: ["src/a/x", "src"])
    expect(try patterns(["."]), fits: ["x", "a/b"], misses: ["/home/me/[x]/other"])
    expect(try patterns(["**/*.py"]), fits: ["x.py", "a/b/x.py"])
  }

  @Test func `a path may lead out of the project`() throws {
    let shared = try patterns(["../shared/**/*.py", "/opt/lib", "src/../conf", "x/*.c"])
    expect(
      shared, fits: ["/home/me/[x]/shared/a/x.py", "../shared/x.py", "/opt/lib/a/b", "conf/x"],
      misses: ["shared/x.py", "/opt/library", "opt/lib/x"])
    #expect(shared.roots == ["/home/me/[x]/app", "/home/me/[x]/shared", "/opt/lib"])
    #expect(shared.shown("/home/me/[x]/app/conf/x") == "conf/x")
    #expect(shared.shown("/opt/lib/x") == "/opt/lib/x")
    #expect(throws: GlobProblem.climbs) { try patterns(["src/*/../x"]) }
    #expect(throws: GlobProblem.climbs) { try patterns(["{a,../b}"]) }
    #expect(throws: GlobProblem.empty) { try patterns([""]) }
    #expect(throws: GlobProblem.empty) { try patterns(["/"]) }
  }

  @Test func `what is ignored is ignored with all that is below it`() throws {
    let ignoring = try patterns(
      ["**"], ignore: ["*.tmp", "gen", "docs/**", "./top", "a/*/c", "/home/me/[[]x]/app/abs"])
    expect(
      ignoring, fits: ["x", "docsx/y", "sub/top", "a/c", "a/b/d"],
      misses: ["x.tmp", "a/b/x.tmp", "a/gen/x", "docs/x/y", "top", "top/x", "a/b/c/x", "abs/x"])
    #expect(!ignoring.mayHoldFits(folder: "docs"))
    #expect(!ignoring.mayHoldFits(folder: "x/gen"))
    #expect(ignoring.mayHoldFits(folder: "x/general"))
  }

  @Test func `what tools and editors write is ignored unless it is named`() throws {
    let noise = [
      ".git/index", "a/node_modules/x/y.js", "a/__pycache__/x.pyc", "4913", "src/.x.py.swp",
      "x.py~", ".#x.py", "#x.py#", "x.py___jb_tmp___", ".devstart/state.json", "logs/x",
      "logs/dev_bot.log",
    ]
    let all = try patterns(["**"])
    expect(all, fits: ["x~y", "swp", "49131", "sub/logs/x", ".env"], misses: noise)
    #expect(!all.mayHoldFits(folder: "a/node_modules"))
    #expect(!all.mayHoldFits(folder: "logs"))
    expect(
      try patterns(["node_modules/mine/**", "**/.vscode/*.json", "logs/control.json"]),
      fits: ["node_modules/mine/x", "a/.vscode/x.json", "logs/control.json"],
      misses: ["node_modules/mine/node_modules/x", "node_modules/other", "logs/dev_bot.log"])
    expect(
      try patterns(["**"], base: "/x/node_modules/app", logs: "/x/node_modules/app/logs"),
      fits: ["x"], misses: ["node_modules/x"])
  }

  @Test func `logs beside the project's own files are told from them`() throws {
    expect(
      try patterns(["**"], base: "/app", logs: "/app"), fits: ["x.py", "dev_tools.py", "x.log"],
      misses: ["dev_bot.log", "dev_bot.log.2", "dev_bot.pid", ".devstart/control.sock"])
  }

  @Test func `only folders that may hold fits are watched`() throws {
    let some = try patterns(["src/**/*.py", "conf/app.toml"])
    for folder in ["/home/me/[x]/app", "/home/me/[x]", "/", "src", "src/a/b", "conf"] {
      #expect(some.mayHoldFits(folder: folder), "\(folder)")
    }
    for folder in ["lib", "src/.git", "conf/x", "/home/me/[x]/app2", "/usr"] {
      #expect(!some.mayHoldFits(folder: folder), "\(folder)")
    }
  }
}
