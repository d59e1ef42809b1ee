import DevstartCore
import Glibc
import enum TestSupport.Build
import func TestSupport.eventually
import Testing

@testable import DevstartPlatform

@Suite struct ProcessHandleTests {
  private struct NoHandle: Error {}

  private func handle(_ opened: consuming ProcessHandle.Opened) throws -> ProcessHandle {
    switch consume opened {
    case .opened(let handle): return handle
    case .gone: throw NoHandle()
    case .notPermitted: throw NoHandle()
    case .failed(let error): throw error
    }
  }

  private func isGone(_ opened: consuming ProcessHandle.Opened) -> Bool {
    switch consume opened {
    case .gone: true
    case .opened: false
    case .notPermitted: false
    case .failed: false
    }
  }

  // A handle cannot be copied into an expectation.
  private func check(
    _ handle: borrowing ProcessHandle, isDead: Bool,
    at location: SourceLocation = #_sourceLocation
  ) {
    let found = handle.isDead
    #expect(found == isDead, sourceLocation: location)
  }

  private func check(
    _ sent: ProcessHandle.Sent, _ expected: ProcessHandle.Sent,
    at location: SourceLocation = #_sourceLocation
  ) {
    #expect(sent == expected, sourceLocation: location)
  }

  private let noPidfd = ProcessCalls(openPidfd: { _ in
    errno = ENOSYS
    return -1
  })

  @Test(arguments: [false, true])
  func `a handle signals its process and sees its end`(withoutPidfd: Bool) throws {
    let child = try ChildProcess(["/bin/sleep", "60"])
    let handle = try handle(
      withoutPidfd
        ? ProcessHandle.open(child.identity(), noPidfd)
        : ProcessHandle.open(child.identity()))
    check(handle, isDead: false)
    let descriptor = handle.descriptor
    #expect((descriptor >= 0) == !withoutPidfd)
    check(handle.send(.terminate), .sent)
    child.awaitEnd()
    check(handle, isDead: true)  // a zombie, not yet reaped
    #expect(child.reap() == .signal("TERM"))
    check(handle, isDead: true)
    check(handle.send(.kill), .alreadyGone)
  }

  @Test(arguments: [false, true])
  func `another start time is another process`(withoutPidfd: Bool) throws {
    let child = try ChildProcess(["/bin/sleep", "60"])
    var identity = try child.identity()
    identity.startTicks -= 1
    let isRefused = isGone(
      withoutPidfd
        ? ProcessHandle.open(identity, noPidfd) : ProcessHandle.open(identity))
    #expect(isRefused)
  }

  @Test func `what has ended has no handle`() throws {
    let child = try ChildProcess(["/bin/sleep", "0"])
    let identity = try child.identity()
    _ = child.reap()
    for pid in [identity.pid, -1, 0] {
      let isGone = isGone(
        ProcessHandle.open(ProcessIdentity(pid: pid, startTicks: identity.startTicks)))
      #expect(isGone)
    }
  }

  @Test func `running out of descriptors is a failure, not an end`() throws {
    let full = ProcessCalls(openPidfd: { _ in
      errno = EMFILE
      return -1
    })
    let opened = ProcessHandle.open(try ProcessTable.current, full)
    switch consume opened {
    case .failed(let error): #expect(error.code == EMFILE)
    case .opened: Issue.record("a handle")
    case .gone: Issue.record("gone")
    case .notPermitted: Issue.record("not permitted")
    }
  }

  @Test func `a group is signalled through its leader, or not at all`() throws {
    let child = try ChildProcess(["/bin/sh", "-c", "sleep 60 & wait"], ownGroup: true)
    let handle = try handle(ProcessHandle.open(child.identity()))
    switch handle.sendToGroup(.terminate) {
    case .sent: #expect(child.reap() == .signal("TERM"))
    case .unsupported: check(handle, isDead: false)
    case .alreadyGone, .notPermitted: Issue.record("the group is there")
    }
    let old = try self.handle(
      ProcessHandle.open(try ProcessTable.current, noPidfd))
    let sent = old.sendToGroup(.continue)
    #expect(sent == .unsupported)
  }

  @Test func `a process that leads no group has none to signal`() throws {
    let child = try ChildProcess(["/bin/sleep", "60"])
    let handle = try handle(ProcessHandle.open(child.identity()))
    let sent = handle.sendToGroup(.terminate)
    #expect([.alreadyGone, .unsupported].contains(sent))
    check(handle, isDead: false)
  }

  /// The first instant at which kill(-n) would reach somebody else.
  @Test(.enabled(if: Build.isRoot, "needs root, to choose PIDs"))
  func `a group is not signalled when its number is another's`() throws {
    let child = try ChildProcess(["/bin/sleep", "60"], ownGroup: true)
    let number = child.pid
    let handle = try handle(ProcessHandle.open(child.identity()))
    check(handle.send(.kill), .sent)
    _ = child.reap()
    let parent = try ChildProcess([Build.fixture, "as-pid", String(number), "sleep"])
    eventually("another leads a group of that number") {
      ProcessTable.stat(of: number)?.group == number
    }
    let stat = try #require(ProcessTable.stat(of: number))
    let innocent = try self.handle(ProcessHandle.open(stat.identity))
    let sent = handle.sendToGroup(.kill)
    #expect([.alreadyGone, .unsupported].contains(sent))
    check(innocent, isDead: false)
    check(innocent.send(.kill), .sent)
    withExtendedLifetime(parent) {}
  }

  @Test func `signals have names both ways`() {
    for signal in Signal.allCases {
      #expect(Signal.name(ofNumber: signal.number) == signal.rawValue)
      #expect(Signal.number(named: "SIG" + signal.rawValue) == signal.number)
    }
    #expect(DevstartCore.ExitStatus.signal(number: SIGSEGV) == .signal("SEGV"))
    #expect(DevstartCore.ExitStatus.signal(number: 40) == .signal("40"))
    #expect(DevstartCore.ExitStatus(waitStatus: 3 << 8) == .code(3))
    #expect(DevstartCore.ExitStatus(waitStatus: SIGABRT | 0x80) == .signal("ABRT"))
    #expect(Signal.number(named: "NONE") == nil)
  }
}
