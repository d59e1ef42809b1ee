import DevstartCore
import Testing

@Suite struct RestartTests {
  private var a = ServiceDriver()

  private func restarting(
    _ policy: RestartPolicy = .always, max: Int = 5, change: (inout Service) -> Void = { _ in }
  ) -> Service {
    made("a") { service in
      service.restart.policy = policy
      service.restart.max = max
      change(&service)
    }
  }

  @Test(arguments: [
    (RestartPolicy.never, DevstartCore.ExitStatus.code(1), false), (.never, .signal("SEGV"), false),
    (.onFailure, .code(1), true), (.onFailure, .signal("SEGV"), true),
    (.onFailure, .unknown, true), (.onFailure, .code(0), false),
    (.onFailure, .signal("TERM"), false), (.onFailure, .code(143), false),
    (.always, .code(0), true), (.always, .signal("TERM"), true), (.always, .code(1), true),
  ])
  mutating func `an end is followed by a launch as the policy says`(
    policy: RestartPolicy, exit: DevstartCore.ExitStatus, isRestarted: Bool
  ) {
    a.bringUp(restarting(policy))
    a.end(exit)
    #expect((a.pause != nil) == isRestarted)
    #expect((a.ending == nil) == isRestarted)
  }

  @Test mutating func `back-off doubles up to its most, and is a quarter shorter at most`() {
    a.bringUp(
      restarting(max: 100) {
        $0.restart.backoff = .milliseconds(100)
        $0.restart.maxBackoff = .milliseconds(500)
      })
    for longest in [100, 200, 400, 500, 500] {
      a.end(.code(1))
      let pause = a.pause ?? .zero
      #expect(pause <= .milliseconds(longest))
      #expect(pause > .milliseconds(longest * 3 / 4 - 1))
      #expect(a.pass(pause - .nanoseconds(1)) == [])
      #expect(a.pass(.nanoseconds(1)).relaunched != nil)
      a.begin()
    }
  }

  @Test mutating func `without back-off it is launched again at once, under the next name`() {
    a.bringUp(restarting { $0.restart.backoff = .zero })
    #expect(a.end(.code(1)).relaunched == "1.2")
    a.begin()
    #expect(a.end(.code(1)).relaunched == "1.3")
    #expect(a.machine.restarts.count == 2)
  }

  @Test mutating func `past its budget it has failed, with the reason`() {
    a.bringUp(restarting(max: 2) { $0.restart.backoff = .zero })
    for _ in 0..<2 {
      #expect(a.end(.code(1)).relaunched != nil)
      a.begin()
    }
    #expect(a.end(.code(0)).relaunched == nil)
    #expect(a.ending?.kind == .failed)
    guard case .gaveUp(restarts: 2, within: .seconds(60), _) = a.ending?.reason else {
      Issue.record("\(String(describing: a.ending))")
      return
    }
  }

  @Test mutating func `restarts of longer ago do not count`() {
    a.bringUp(restarting(max: 1) { $0.restart.backoff = .zero })
    #expect(a.end(.code(1)).relaunched != nil)
    a.begin()
    a.pass(.seconds(60))
    #expect(a.end(.code(1)).relaunched != nil)
  }

  @Test mutating func `a start gives it its whole budget again`() {
    a.bringUp(restarting(max: 1) { $0.restart.backoff = .zero })
    a.end(.code(1))
    a.start(restarting(max: 1) { $0.restart.backoff = .zero }, "2")
    a.end(.signal("TERM"))
    a.tell(.permit)
    a.begin()
    #expect(a.end(.code(1)).relaunched == "2.2")
  }

  @Test mutating func `what was asked to stop is not launched again`() {
    a.bringUp(restarting { $0.restart.backoff = .zero })
    #expect(a.stop().relaunched == nil)
    #expect(a.ending?.reason == .asked)
  }

  @Test mutating func `a stop in back-off ends the wait`() {
    a.bringUp(restarting())
    a.end(.code(1))
    a.tell(.stop(timeout: nil, isForced: false))
    #expect(a.ending?.reason == .asked)
    #expect(a.machine.deadline == nil)
  }

  @Test mutating func `a start in back-off does not wait for its end`() {
    a.bringUp(restarting())
    a.end(.code(1))
    a.tell(.want(a.specification(restarting(), "2")))
    #expect(a.tell(.permit).contains(.launch(a.specification(restarting(), "2"))))
  }

  @Test mutating func `a stop while its remains are ended is the last word`() {
    a.bringUp(restarting())
    a.tell(.mainExited(.code(1)))
    a.tell(.stop(timeout: nil, isForced: false))
    a.tell(.treeEmpty)
    #expect(a.ending?.reason == .asked)
  }

  @Test mutating func `a completed oneshot is not launched again, a failed one is`() {
    let oneshot = restarting { $0.isOneshot = true }
    a.start(oneshot)
    a.tell(.mainStarted(a.main))
    a.end(.code(1))
    #expect(a.pause != nil)
    a.pass(.seconds(1))
    a.tell(.mainStarted(a.main))
    a.end(.code(0))
    #expect(a.ending?.kind == .completed)
  }

  @Test mutating func `what cannot be executed is not tried again`() {
    a.start(restarting())
    a.tell(.executionFailed("no such file"))
    a.end(.code(127))
    #expect(a.ending?.reason == .notLaunched("no such file"))
  }

  @Test mutating func `what cannot be executed is stopped where that was asked for before`() {
    a.start(restarting { $0.watch = Watch(paths: ["*"]) })
    a.tell(.stop(timeout: nil, isForced: false))
    a.tell(.executionFailed("no such file"))
    a.end(.code(127))
    #expect(a.machine.life == .down(Ending(.stopped, .asked, exit: .code(127))))
  }

  @Test mutating func `what was not ready in time is launched again`() {
    a.start(restarting())
    a.tell(.mainStarted(a.main))
    a.pass(.seconds(30))
    a.tell(.timePassed)
    a.end(.signal("TERM"))
    #expect(a.pause != nil)
  }

  @Test func `the restarts that count are on disk before the first of them`() throws {
    var driver = FleetDriver()
    let service = restarting()
    driver.bringUp([service])
    driver.end("a", .code(1))
    let world = ProcessWorld(bootID: "b", pidNamespace: 1)
    var state = StateFile(world: world)
    state.update(from: driver.fleet)
    let read = try StateFile(parsing: state.contentToWrite() ?? [], world: world)
    #expect(read.entries["a"]?.restarts.recent == [driver.now])
  }

  @Test func `restarts count for the launches that follow by themselves, and for no other`() {
    var entry = StateFile.Entry()
    entry.launch = "1"
    entry.restarts = RestartHistory(count: 1, recent: [a.now])
    #expect(entry.restarts(before: a.specification(restarting(), "1.2")).count == 1)
    #expect(entry.restarts(before: a.specification(restarting(), "2")) == RestartHistory())
  }

  @Test(arguments: [true, false])
  func `a stop does not end what was started after it and has crashed since`(isGone: Bool) {
    var driver = FleetDriver()
    let needed = restarting()
    let needing = made("b", needs: [("a", .ready)])
    driver.bringUp([needed, needing])
    driver.pass(.seconds(1))
    driver.stop(1, [needed, needing])
    driver.end("a", .code(1))
    driver.pass(.milliseconds(1))
    driver.start(2, [needed])
    driver.begin("a")
    driver.handle(.service("a", .mainExited(.code(1))))
    if isGone { driver.handle(.service("a", .treeEmpty)) }
    driver.end("b")
    if !isGone { driver.handle(.service("a", .treeEmpty)) }
    guard case .backoff = driver.life("a") else {
      Issue.record("\(driver.life("a"))")
      return
    }
  }

  @Test mutating func `a stop of all ends what an earlier supervisor's launch became`() {
    var driver = FleetDriver()
    let needed = restarting { $0.restart.backoff = .zero }
    let needing = made("b", needs: [("a", .ready)])
    driver.bringUp([needed, needing])
    // A later supervisor was not told when somebody asked for it.
    guard let launch = driver.life("a").launch else { return }
    driver.fleet.adopt(
      ServiceMachine(
        name: "a",
        life: ServiceLife(takingOver: launch, exit: nil, known: nil, at: driver.now)))
    driver.pass(.seconds(1))
    driver.stop(1, [needed, needing])
    driver.pass(.milliseconds(1))
    driver.end("a", .code(1))
    #expect(driver.taken().contains("launch a again"))
    driver.end("b")
    #expect(driver.taken().contains("ask a TERM group"))
  }
}
