import DevstartCore
import TestSupport
import Testing

/// `devstart notify`, told to a socket that is not devstart's: it needs neither manifest nor
/// supervisor.
@Suite(.waitsForProcesses) struct NotifyTests {
  private static let everything = [
    "notify", "--ready", "--status", "warm\nREADY=2 \u{1B}[1m", "--heartbeat", "--stopping",
  ]

  /// The addresses that NOTIFY_SOCKET may hold.
  private func receiver(in project: Project, isPath: Bool) throws -> NotifyReceiver {
    try NotifyReceiver(isPath ? "\(project.base)/notify" : "@\(project.base)/notify")
  }

  @Test(arguments: [false, true])
  func `everything is told at once, by one who waits until it has been read`(isPath: Bool) throws {
    try withProject { project in
      let receiver = try receiver(in: project, isPath: isPath)
      let command = try project.spawn(
        Self.everything, environment: ["NOTIFY_SOCKET": receiver.address])
      let news = try receiver.next()
      #expect(news.text == "READY=1\nSTATUS=warm READY=2  [1m\nWATCHDOG=1\nSTOPPING=1")
      #expect(news.pid == command.pid && news.senderWasAlive && !news.hasDescriptor)
      var barrier: NotifyReceiver.Datagram? = try receiver.next()
      #expect(barrier?.text == "BARRIER=1" && barrier?.hasDescriptor == true)
      #expect(!command.handle.hasEnded(within: .milliseconds(50)))
      barrier = nil
      let result = try command.wait()
      #expect(result.status == 0)
      #expect(result.output == "")
      #expect(project.supervisor == nil)
    }
  }

  @Test func `with JSON it says what it told, and to whom`() throws {
    try withProject { project in
      let receiver = try receiver(in: project, isPath: false)
      let command = try project.spawn(
        ["notify", "--status", "", "--json"], environment: ["NOTIFY_SOCKET": receiver.address])
      #expect(try receiver.next().text == "STATUS=")
      _ = try receiver.next()
      let result = try command.wait()
      #expect(result.status == 0)
      let json = try JSON.parse(Array(result.stdout.utf8))
      #expect(json["socket"]?.string == receiver.address)
      #expect(json["told"]?.array?.map(\.string) == ["STATUS="])
    }
  }

  @Test(arguments: [nil, "", "nonsense", "@devstart/nobody", "/nowhere/notify"])
  func `who cannot tell anybody says why and what next`(address: String?) throws {
    try withProject { project in
      let environment = address.map { ["NOTIFY_SOCKET": $0] } ?? [:]
      let result = try project.spawn(["notify", "--ready"], environment: environment).wait()
      #expect(result.status == 1)
      #expect(result.stdout == "")
      #expect(result.stderr.contains("NOTIFY_SOCKET") && result.stderr.contains("nobody is told"))
      let inJSON = try project.spawn(["notify", "--ready", "--json"], environment: environment)
      let json = try JSON.parse(Array(try inJSON.wait().stdout.utf8))
      #expect(json["error"]?["code"]?.integer == 1)
    }
  }

  @Test func `a service manager that does not answer is given up on`() throws {
    try withProject { project in
      let receiver = try receiver(in: project, isPath: false)
      let result = try project.spawn(
        ["notify", "--heartbeat"], environment: ["NOTIFY_SOCKET": receiver.address]
      ).wait()
      #expect(result.status == 1)
      #expect(result.stderr.contains("for 5 s"))
      #expect((.seconds(5) ..< .seconds(15)).contains(result.duration))
      #expect(try receiver.next().text == "WATCHDOG=1")
    }
  }

  @Test func `nothing to tell is a wrong command line`() throws {
    try withProject { project in
      let result = try project.run("notify", exits: 2)
      #expect(result.stderr.contains("--ready"))
      try project.run("notify", "bot", "--ready", exits: 2)
      try project.run("notify", "--status", exits: 2)
    }
  }
}
