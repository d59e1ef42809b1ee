import DevstartCore
import Testing

@Suite struct LaunchSpecificationTests {
  private func specification(
    _ environment: [String], umask: Int = 0o022, limits: [Caller.Limit] = [],
    isOneshot: Bool = false
  ) -> LaunchSpecification {
    let caller = Caller(
      identity: ProcessIdentity(pid: 1, startTicks: 2), environment: environment, umask: umask,
      limits: limits)
    let service = made("a", needs: [("b", .started)]) { service in
      service.environment = ["A": "service"]
      service.stop.command = .arguments(["bye"])
      service.match = [.pattern("x.*")]
      service.isOneshot = isOneshot
    }
    return LaunchSpecification(project: "p", launch: "1", service: service, caller: caller)
  }

  private func environment(_ given: [String]) -> [String] {
    let made = specification(given)
    return made.environment(CallerTexts(made.caller)).sorted()
  }

  @Test func `a specification is read back as it was`() throws {
    let before = specification(
      ["A=1", "B=a=b", "EMPTY=", "QUOTES=\"\\\n"],
      limits: [.init(resource: 7, soft: 1024, hard: .max)])
    for bytes in [before.json.bytes, before.bytes(CallerTexts(before.caller))] {
      #expect(try LaunchSpecification(json: JSON.parse(bytes)) == before)
    }
  }

  @Test func `the environment is the caller's, then the manifest's, then ours`() {
    let values = environment([
      "A=1", "B=a=b", "PWD=/home", "OLDPWD=/", "NOTIFY_SOCKET=@x", "WATCHDOG_PID=1",
      "DEVSTART_ID=p/z/0",
    ])
    #expect(
      values == ["A=service", "B=a=b", "DEVSTART_ID=p/a/1", "PWD=/", "PYTHONUNBUFFERED=1"])
    #expect(environment(["PYTHONUNBUFFERED="]).contains("PYTHONUNBUFFERED="))
  }

  @Test func `what a shell changes by itself asks for the same`() {
    let one = specification(["A=1", "_=/bin/x", "SHLVL=1", "PWD=/a"])
    #expect(one.asksTheSame(as: specification(["SHLVL=2", "A=1", "OLDPWD=/"])))
    #expect(!one.asksTheSame(as: specification(["A=2"])))
    #expect(!one.asksTheSame(as: specification(["A=1"], umask: 0o077)))
    #expect(
      !one.asksTheSame(as: specification(["A=1"], limits: [.init(resource: 7, soft: 1, hard: 1)])))
    #expect(!one.asksTheSame(as: specification(["A=1"], isOneshot: true)))
  }
}
