import DevstartCore
import Glibc
import TestSupport
import Testing

@testable import DevstartPlatform

/// Real services, which the fixture plays, on a real socket.
@Suite struct NotifySocketTests {
  private typealias TestHandle = TestSupport.ProcessHandle

  private let socket: NotifySocket

  init() throws {
    socket = try NotifySocket(name: NotifySocket.newName(launch: "0123456789abcdef"))
  }

  /// A process that performs these words with `NOTIFY_SOCKET` set.
  private func service(_ words: String...) throws -> ChildProcess {
    try ChildProcess([Build.fixture] + words, environment: ["NOTIFY_SOCKET=\(socket.name)"])
  }

  /// The next datagrams, as many as are asked for.
  private func arrivals(_ count: Int) throws -> [NotifySocket.Arrival] {
    try Self.arrivals(count, on: socket)
  }

  static func arrivals(_ count: Int, on socket: NotifySocket) throws -> [NotifySocket.Arrival] {
    var arrivals: [NotifySocket.Arrival] = []
    while arrivals.count < count {
      try #require(Poll.isReadable(socket.descriptor, within: .seconds(10)), "nothing arrives")
      arrivals += socket.arrivals()
    }
    return arrivals
  }

  // MARK: Who sends

  @Test func `a message arrives with who sent it`() throws {
    let child = try service("notify", "READY=1\nSTATUS=up")
    let arrival = try #require(try arrivals(1).first)
    #expect(arrival.message.assignments == [.ready, .status("up")])
    #expect(arrival.sender.process == .alive(try child.identity()))
    #expect(arrival.sender.user == getuid())
    #expect(arrival.barrier == nil)
    #expect(socket.arrivals().isEmpty)
  }

  @Test(arguments: [false, true])
  func `a sender that has ended is gone, whether or not it was reaped`(isReaped: Bool) throws {
    let child = try service("notify", "READY=1", "exit", "0")
    child.awaitEnd()
    if isReaped { _ = child.reap() }
    let arrival = try #require(try arrivals(1).first)
    #expect(arrival.sender.process == .gone(pid: child.pid))
    #expect(arrival.sender.user == getuid())
    #expect(arrival.message.assignments == [.ready])
  }

  /// SO_PASSPIDFD, Linux 6.5.
  private static let kernelTellsWhoSent: Bool = {
    let number = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    defer { close(number) }
    var yes: Int32 = 1
    return setsockopt(number, SOL_SOCKET, 76, &yes, socklen_t(MemoryLayout<Int32>.size)) == 0
  }()

  @Test(
    .enabled(if: Build.isRoot, "only root may choose a PID"),
    .enabled(if: kernelTellsWhoSent, "before Linux 6.5 the PID has to do"))
  func `a process that has the sender's PID by now is not taken for it`() throws {
    let child = try service("notify", "READY=1", "exit", "0")
    _ = child.reap()
    // Who says on another socket that the PID is taken leaves the first datagram unread.
    let other = try NotifySocket(name: NotifySocket.newName(launch: "other"))
    let maker = try ChildProcess(
      [Build.fixture, "as-pid", String(child.pid), "notify", "READY=1"],
      environment: ["NOTIFY_SOCKET=\(other.name)"])
    let taken = try Self.arrivals(1, on: other)
    let innocent = try #require(TestHandle(pid: child.pid))
    defer { innocent.kill() }
    #expect(taken.first?.sender.process == .alive(try maker.identity()))
    #expect(innocent.isAlive && innocent.process.parent == maker.pid)
    #expect(try arrivals(1).first?.sender.process == .gone(pid: child.pid))
  }

  @Test(.enabled(if: Build.isRoot, "only root can send as another user"))
  func `another user is told apart`() throws {
    var plan = RunningCommand.Plan(
      program: Build.fixture, arguments: ["devstart-fixture", "notify", "READY=1", "exit", "0"])
    plan.environment = ["NOTIFY_SOCKET": socket.name]
    plan.user = Build.ordinaryUser
    #expect(try RunningCommand(plan).wait().status == 0)
    #expect(try arrivals(1).first?.sender.user == Build.ordinaryUser)
  }

  @Test func `without a pidfd the PID has to do`() throws {
    func sender(_ pid: Int32) -> NotifySender.Process {
      NotifySender(pid: pid, user: 1, proof: .none).process
    }
    let child = try ChildProcess(["/bin/sleep", "60"])
    #expect(sender(child.pid) == .alive(try child.identity()))
    kill(child.pid, SIGKILL)
    child.awaitEnd()
    #expect(sender(child.pid) == .gone(pid: child.pid))  // a zombie
    _ = child.reap()
    #expect(sender(child.pid) == .gone(pid: child.pid))
    #expect(sender(0) == .hidden)
    // The kernel's word counts for more than what has the PID now.
    #expect(NotifySender(pid: getpid(), user: 1, proof: .ended).process == .gone(pid: getpid()))
  }

  // MARK: Barriers and other descriptors

  @Test func `a barrier holds its sender until it is released`() throws {
    let child = try service(
      "notify", "STATUS=1", "notify", "STATUS=2", "notify-barrier", "exit", "0")
    let process = try #require(TestHandle(pid: child.pid))
    let arrivals = try arrivals(3)
    #expect(arrivals.map(\.message.assignments) == [[.status("1")], [.status("2")], [.barrier]])
    #expect(arrivals[0].barrier == nil && arrivals[1].barrier == nil)
    let barrier = try #require(arrivals[2].barrier)
    #expect(!process.hasEnded(within: .milliseconds(50)))
    barrier.release()
    #expect(child.reap() == .code(0))
  }

  @Test func `a barrier that is forgotten lets its sender go`() throws {
    let child = try service("notify-barrier", "exit", "0")
    var arrivals = try arrivals(1)
    arrivals.removeAll()
    #expect(child.reap() == .code(0))
  }

  @Test(arguments: [
    ("READY=1", 1), ("READY=1", 2), ("FDSTORE=1", 253), ("", 253), ("BARRIER=1", 2),
    ("BARRIER=1", 253), ("BARRIER=0", 1),
  ])
  func `descriptors that come without a proper barrier are closed at once`(
    text: String, count: Int
  ) throws {
    let child = try service(
      "notify", text, "--descriptors", String(count), "--times", "3", "exit", "0")
    // The fixture sends the next only when the last one's descriptors are closed.
    let arrivals = try arrivals(3)
    #expect(arrivals.allSatisfy { $0.barrier == nil })
    #expect(arrivals.first?.sender.user == getuid())
    #expect(child.reap() == .code(0))
  }

  @Test func `a barrier may come with news, and one without a descriptor keeps nobody waiting`()
    throws
  {
    let both = try service("notify", "READY=1\nBARRIER=1", "--descriptors", "1", "exit", "0")
    let arrival = try #require(try arrivals(1).first)
    #expect(arrival.message.assignments == [.ready, .barrier])
    try #require(arrival.barrier).release()
    #expect(both.reap() == .code(0))
    let without = try service("notify", "BARRIER=1", "exit", "0")
    #expect(try arrivals(1).first?.barrier == nil)
    #expect(without.reap() == .code(0))
  }

  // MARK: Too much

  @Test func `a flood is taken in pieces, and nothing of it is lost`() throws {
    let child = try service("notify", "WATCHDOG=1", "--times", "500", "exit", "0")
    var total = 0
    while total < 500 {
      try #require(Poll.isReadable(socket.descriptor, within: .seconds(10)))
      let arrivals = socket.arrivals(atMost: 3)
      #expect((1...3).contains(arrivals.count))
      #expect(arrivals.allSatisfy { $0.message.assignments == [.heartbeat] })
      total += arrivals.count
    }
    #expect(total == 500)
    #expect(child.reap() == .code(0))
  }

  @Test(arguments: [4082, 4083, 5000, 100_000])
  func `a datagram that is too long is dropped, and the next one read`(padding: Int) throws {
    let child = try service(
      "notify", "READY=1\nSTATUS=", "--pad", String(padding), "notify", "STOPPING=1")
    let arrivals = try arrivals(2)
    let isTooLong = padding > NotifyMessage.sizeLimit - 15
    #expect(arrivals[0].message.fault == (isTooLong ? .tooLong : nil))
    #expect(arrivals[0].message.assignments.first == (isTooLong ? nil : .ready))
    #expect(arrivals[0].sender.process == .alive(try child.identity()))
    #expect(arrivals[1].message.assignments == [.stopping])
  }

  @Test func `an empty datagram is a message that says nothing`() throws {
    let child = try service("notify", "", "notify", "READY=1")
    let arrivals = try arrivals(2)
    #expect(arrivals.map(\.message.assignments) == [[], [.ready]])
    #expect(arrivals[0].sender.process == .alive(try child.identity()))
  }
}
