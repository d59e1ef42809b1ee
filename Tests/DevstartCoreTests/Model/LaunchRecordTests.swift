import DevstartCore
import Testing

@Suite struct LaunchRecordTests {
  private let folder = LaunchRecord.FolderIdentity(device: 2049, inode: 131_072)
  private let world = ProcessWorld(bootID: "07072d62", pidNamespace: 4_026_531_836)

  private var head: String { LaunchRecord.head(launch: "0f3c", folder: folder, world: world) }

  @Test func `a record says what its keeper has written so far`() throws {
    let begun = head + "keeper 4711 123456\nmain 0 0\n"
    let record = try #require(LaunchRecord(parsing: begun))
    #expect(record.launch == "0f3c")
    #expect(record.folder == folder)
    #expect(record.world == world)
    #expect(record.keeper == ProcessIdentity(pid: 4711, startTicks: 123_456))
    #expect(record.main == nil)
    let running = head + "keeper 4711 123456\nmain 4712 123457\n"
    #expect(
      LaunchRecord(parsing: running)?.main == ProcessIdentity(pid: 4712, startTicks: 123_457))
    #expect(LaunchRecord(parsing: running)?.exit == nil)
    #expect(LaunchRecord(parsing: running + "exit code 3\n")?.exit == .code(3))
    #expect(LaunchRecord(parsing: running + "exit signal 9\n")?.exit == .signal(9))
  }

  @Test func `half a record is none`() {
    let whole = head + "keeper 4711 123456\nmain 4712 123457\n"
    for count in 0..<whole.count - 20 {
      #expect(LaunchRecord(parsing: String(whole.prefix(count))) == nil, "\(count)")
    }
    for text in ["", "\n", "0\n", "4712\n", whole.replacing("4711", with: "-1")] {
      #expect(LaunchRecord(parsing: text) == nil)
    }
  }
}

@Suite struct LaunchSpecificationTests {
  private func specification(
    _ environment: [String], change: (inout Service, inout Caller) -> Void = { _, _ in }
  ) -> LaunchSpecification {
    var caller = Caller(
      identity: ProcessIdentity(pid: 1, startTicks: 2), environment: environment, umask: 0o022,
      limits: [.init(resource: 7, soft: 1024, hard: .max)])
    var service = made("a", needs: [("b", .started)]) { service in
      service.environment = ["A": "service"]
      service.stop.command = .arguments(["bye"])
      service.match = [.pattern("x.*")]
    }
    change(&service, &caller)
    return LaunchSpecification(project: "p", launch: "1", service: service, caller: caller)
  }

  private func environment(_ caller: [String]) -> [String] {
    let specification = specification(caller)
    return specification.environment(CallerTexts(specification.caller)).sorted()
  }

  @Test func `a specification is read back as it was`() throws {
    let before = specification(["A=1", "B=a=b", "EMPTY="])
    let text = before.bytes(CallerTexts(before.caller))
    #expect(text == before.json.bytes)
    #expect(try LaunchSpecification(json: JSON.parse(text)) == before)
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
    #expect(!one.asksTheSame(as: specification(["A=1"]) { $1.umask = 0o077 }))
    #expect(!one.asksTheSame(as: specification(["A=1"]) { $1.limits = [] }))
    #expect(!one.asksTheSame(as: specification(["A=1"]) { service, _ in service.isOneshot = true }))
  }
}
