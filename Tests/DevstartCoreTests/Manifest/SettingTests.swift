import DevstartCore
import Testing

@Suite struct SettingTests {
  private func decode(_ settings: [String]) throws(ManifestProblems) -> Manifest {
    let text = """
      {"services": {"bot": {"command": "serve", "stop": {"timeout": "9s", "scope": "main"}},
        "my.svc": {"command": ["x"]}}}
      """
    var source = ManifestSource(
      manifest: .init(displayPath: "devstart.json", bytes: Array(text.utf8)),
      path: "/project/devstart.json", environment: { _ in nil },
      envFile: { _ in .failure(.missing) })
    source.settings = settings.compactMap { Setting($0) }
    return try source.decode()
  }

  @Test func `one key is another, and those beside it stay`() throws {
    let manifest = try decode([
      "services.bot.stop.timeout=1s", "services.bot.limits.cpu=50", "services.bot.oneshot=true",
      "services.bot.command=[\"run\", \"--now\"]",
    ])
    let bot = try #require(manifest["bot"])
    #expect(bot.stop.timeout == .seconds(1) && bot.stop.scope == .main)
    #expect(bot.limits.cpu == 50 && bot.isOneshot)
    #expect(bot.command == .arguments(["run", "--now"]))
  }

  @Test func `a name with a dot is found`() throws {
    let manifest = try decode(["services.my.svc.env.A=b=c"])
    #expect(manifest["my.svc"]?.environment == ["A": "b=c"])
    #expect(manifest.services.count == 2)
  }

  @Test func `what is wrong is said at the flag`() {
    do throws(ManifestProblems) {
      _ = try decode(["services.bot.stop.timeout=soon", "services.bot.stopp=1"])
      Issue.record("it was accepted")
    } catch {
      let lines = error.list.map(\.description)
      #expect(lines.count == 2)
      #expect(lines.contains { $0.hasPrefix("--set services.bot.stop.timeout:1:1: ") })
      #expect(lines.contains { $0.contains("stopp") && $0.contains("did you mean") })
    }
  }
}
