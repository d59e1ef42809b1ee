import DevstartControl
import DevstartCore
import DevstartPlatform
import TestSupport
import Testing

/// The supervisor's side of the conversation.
@Suite struct ControlServerTests {
  private func withServer(_ body: (ControlServer, String) throws -> Void) throws {
    let project = try Project()
    defer { Files.remove(project.base) }
    let logs = project.path("logs")
    let files = try LaunchFiles.make(logs: logs)
    try body(try ControlServer(project: "p", files: files, runtimeFolder: nil), logs)
  }

  /// Takes who has come.
  private func admit(to server: ControlServer) -> [ClientArrival] {
    guard let listener = server.descriptors.last?.descriptor else { return [] }
    return server.attend(to: listener)
  }

  private func hasEnded(_ connection: ControlConnection) -> Bool {
    if case .end = connection.receive() { true } else { false }
  }

  @Test func `clients are heard in the order in which they came`() throws {
    try withServer { server, logs in
      let folder = try ControlFolder.make(inLogs: logs)
      let request = Envelope.request(
        id: 1,
        greeting: Greeting(
          protocolVersion: protocolVersion, programVersion: programVersion, executable: "/d"),
        request: .status)
      let connections = try (0..<20).map { _ in
        let connection = try ControlConnection(to: folder)
        #expect(admit(to: server).isEmpty)
        return connection
      }
      for connection in connections.reversed() { connection.send(request.line) }
      let late = try ControlConnection(to: folder)
      late.send(request.line)
      let heard = server.descriptors.flatMap { server.attend(to: $0.descriptor) }
      let clients = heard.compactMap { arrival in
        if case .request(let client, _, .status, _) = arrival { client } else { nil }
      }
      #expect(clients == (1...21).map { ClientID($0) })
    }
  }

  @Test func `who does not read is let go before what is kept for it has no end`() throws {
    try withServer { server, logs in
      let client = try ControlConnection(to: try ControlFolder.make(inLogs: logs))
      #expect(admit(to: server).isEmpty)
      let large = ServiceStatus(name: String(repeating: "x", count: 4 << 20))
      var looks = PollSet<Int>()
      var isLetGo = false
      for _ in 0..<20 where !isLetGo {
        server.send(.changed(StatusReply(supervisor: nil, services: [large])), to: ClientID(1))
        server.flush()
        let ready = try looks.wait(until: Clock.now(), alsoFor: server.descriptors).others
        isLetGo = ready.flatMap { server.attend(to: $0) }.contains(.gone(ClientID(1)))
      }
      #expect(isLetGo && !server.hasClients)
      server.flush()
      withExtendedLifetime(client) {}
    }
  }

  @Test func `who leaves is let go once the socket is removed, or stays`() throws {
    try withServer { server, logs in
      let folder = try ControlFolder.make(inLogs: logs)
      let socket = "\(folder.path)/\(ControlFolder.socketName)"
      let clients = [try ControlConnection(to: folder), try ControlConnection(to: folder)]
      #expect(admit(to: server).isEmpty)
      for (client, isLast) in zip(clients, [false, true]) {
        client.endSending()
        #expect(server.descriptors.contains { !server.attend(to: $0.descriptor).isEmpty })
        #expect(!hasEnded(client))
        if isLast {
          #expect(!server.hasClients)
          #expect(server.close())
          #expect(!Files.exists(socket))
          #expect(!hasEnded(client))
        }
        server.flush()
        #expect(hasEnded(client))
        #expect(Files.exists(socket) != isLast)
      }
    }
  }
}
