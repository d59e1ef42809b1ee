import DevstartCore
import Glibc
import TestSupport
import Testing

@testable import DevstartPlatform

/// A launch's socket outlives its supervisor by its name, or by its descriptor.
@Suite struct NotifySocketNameTests {
  private let name = NotifySocket.newName(launch: "0123456789abcdef")

  private func notify(_ text: String) throws {
    let child = try ChildProcess(
      [Build.fixture, "notify", text, "exit", "0"], environment: ["NOTIFY_SOCKET=\(name)"])
    try #require(child.reap() == .code(0))
  }

  private static func code(_ body: () throws(SystemError) -> NotifySocket) -> Int32? {
    do {
      _ = try body()
      return nil
    } catch {
      return error.code
    }
  }

  @Test func `a name says whose it is, cannot be guessed, and fits`() {
    let names = (0..<100).map { _ in NotifySocket.newName(launch: "0123456789abcdef") }
    #expect(Set(names).count == 100)
    for name in names {
      #expect(name.hasPrefix("@devstart/0123456789abcdef/") && name.utf8.count == 27 + 32)
    }
  }

  @Test func `the next supervisor binds the same name, and old environments lead to it`() throws {
    var socket: NotifySocket? = try NotifySocket(name: name)
    #expect(Self.code { () throws(SystemError) in try NotifySocket(name: name) } == EADDRINUSE)
    try notify("STATUS=to the first")
    socket = nil
    // A program that another test is starting has the first one until it is executed.
    socket = try NotifySocket(name: name, patience: .seconds(10))
    try notify("STATUS=to the second")
    #expect(socket?.arrivals().map(\.message.assignments) == [[.status("to the second")]])
  }

  @Test func `a name that is about to be free is waited for`() throws {
    var first: NotifySocket? = try NotifySocket(name: name)
    #expect(first != nil)
    let name = name
    let second = OtherThread {
      Self.code { () throws(SystemError) in
        try NotifySocket(name: name, patience: .seconds(10))
      }
    }
    first = nil
    #expect(try second.value() == nil)
  }

  @Test func `a name that another keeps is given up on`() throws {
    let first = try NotifySocket(name: name)
    let began = Clock.now()
    let code = Self.code { () throws(SystemError) in
      try NotifySocket(name: name, patience: .milliseconds(20))
    }
    #expect(code == EADDRINUSE)
    #expect(Clock.now() - began >= .milliseconds(20))
    try notify("READY=1")
    #expect(first.arrivals().count == 1)
  }

  @Test(arguments: ["", "@", "devstart/x", "/tmp/x", "@" + String(repeating: "x", count: 108)])
  func `what is no abstract name is refused`(text: String) {
    #expect(Self.code { () throws(SystemError) in try NotifySocket(name: text) } == EINVAL)
  }

  @Test func `an inherited socket still has what waits in it, and its connected senders`() throws {
    var first: NotifySocket? = try NotifySocket(name: name)
    try notify("READY=1")
    let connected = try NotifyClient.connect(to: name)
    let kept = dup(try #require(first).descriptor)
    first = nil
    let second = NotifySocket(inherited: kept, name: name)
    #expect(fcntl(kept, F_GETFD) & FD_CLOEXEC != 0)
    #expect(throws: NotifyClient.Failure.silent(.zero)) {
      try connected.tell(NotifyMessage([.heartbeat]), within: .zero)
    }
    let messages = second.arrivals().map(\.message.assignments)
    #expect(messages == [[.ready], [.heartbeat], [.barrier]])
  }
}
