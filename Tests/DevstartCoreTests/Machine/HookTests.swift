import DevstartCore
import Testing

@Suite struct HookTests {
  private var a = ServiceDriver()

  private func hooked(_ change: (inout Service) -> Void = { _ in }) -> Service {
    made("a") { service in
      service.hooks.ready = .shell("ready")
      service.hooks.failed = .shell("failed")
      service.hooks.stopped = .shell("stopped")
      service.hooks.restarted = .shell("restarted")
      change(&service)
    }
  }

  @Test mutating func `readiness is told once, with the launch and its process`() {
    a.start(hooked())
    a.tell(.mainStarted(a.main))
    let done = a.tell(.probed(.passed))
    guard case .runHook(let hook) = done.first, done.count == 1 else {
      Issue.record("\(done)")
      return
    }
    #expect(hook.kind == .ready)
    #expect(hook.command == .shell("ready"))
    #expect(hook.pid == 101)
    #expect(hook.specification.launch == "1")
    #expect(a.tell(.probed(.passed)).hooks == [])
  }

  @Test mutating func `without a command nothing is told`() {
    a.bringUp(made("a"))
    #expect(a.end(.code(1)).hooks == [])
  }

  @Test mutating func `a failure is told with its reason and its exit`() {
    a.bringUp(hooked())
    let done = a.end(.code(3))
    #expect(done.hooks == [.failed])
    guard case .runHook(let hook) = done.last else { return }
    #expect(hook.exit == .code(3))
    #expect(hook.reason?.contains("exited 3") == true)
  }

  @Test mutating func `a stop and a clean end are told as such`() {
    a.bringUp(hooked())
    #expect(a.stop().hooks == [.stopped])
    a.bringUp(hooked())
    #expect(a.end(.code(0)).hooks == [.stopped])
  }

  @Test mutating func `a restart is told when it has begun, and its end is not told as a failure`()
  {
    a.bringUp(hooked { $0.restart.policy = .always })
    #expect(a.end(.code(1)).hooks == [])
    #expect(a.pass(.seconds(1)).hooks == [])
    let done = a.tell(.mainStarted(a.main))
    #expect(done.hooks == [.restarted])
    guard case .runHook(let hook) = done.first else { return }
    #expect(hook.restarts == 1)
    #expect(hook.specification.launch == "1.2")
  }

  @Test mutating func `a restart is told of though READY came before its keeper's report`() {
    a.start(
      hooked {
        $0.restart.policy = .always
        $0.restart.backoff = .zero
        $0.readiness.check = .notify
      })
    a.tell(.mainStarted(a.main))
    a.end(.code(1))
    #expect(a.tell(.notified(.ready)).hooks == [.ready])
    #expect(a.tell(.mainStarted(a.main)).hooks == [.restarted])
    #expect(a.tell(.mainStarted(a.main)).hooks == [])
  }

  @Test mutating func `giving up is told as the failure that it is`() {
    a.bringUp(
      hooked {
        $0.restart.policy = .always
        $0.restart.max = 0
      })
    #expect(a.end(.code(0)).hooks == [.failed])
  }

  @Test mutating func `a stop in back-off is told, one at rest is not told twice`() {
    a.bringUp(hooked { $0.restart.policy = .always })
    a.end(.code(1))
    #expect(a.tell(.stop(timeout: nil, isForced: false)).hooks == [.stopped])
    a.bringUp(hooked { $0.watch = Watch(paths: ["*"]) })
    #expect(a.end(.code(1)).hooks == [.failed])
    #expect(a.tell(.stop(timeout: nil, isForced: false)).hooks == [])
  }

  @Test mutating func `what cannot be launched, or not executed, has failed once`() {
    a.start(hooked())
    #expect(a.tell(.launchFailed("no memory")).hooks == [.failed])
    a.start(hooked())
    #expect(a.tell(.executionFailed("no such file")).hooks == [])
    #expect(a.end(.code(127)).hooks == [.failed])
  }

  @Test mutating func `what cannot be launched is stopped where that was asked for before`() {
    a.start(hooked())
    a.tell(.stop(timeout: nil, isForced: false))
    #expect(a.tell(.launchFailed("no memory")).hooks == [.stopped])
    #expect(a.ending == Ending(.stopped, .asked))
  }

  @Test mutating func `a oneshot is told of when it is completed, and not again at its end`() {
    a.start(hooked { $0.isOneshot = true })
    a.tell(.mainStarted(a.main))
    #expect(a.end(.code(0)).hooks == [.ready])
  }

  @Test mutating func `a replaced launch is neither failed nor stopped`() {
    a.bringUp(hooked())
    a.tell(.want(a.specification(hooked(), "2")))
    #expect(a.end(.signal("TERM")).hooks == [])
  }
}
