import DevstartCore
import Testing

@Suite struct LimitsTests {
  private var a = ServiceDriver()

  private func limited(_ change: (inout Limits) -> Void) -> Service {
    made("a") { change(&$0.limits) }
  }

  private func sample(_ cpuSeconds: Double, memory: Int = 0) -> LaunchEvent {
    .sampled(Sample(cpuSeconds: cpuSeconds, memoryBytes: memory, largest: 7))
  }

  @Test mutating func `nothing is measured without a limit`() {
    a.bringUp(made("a"))
    #expect(a.machine.deadline == nil)
  }

  @Test mutating func `it is measured as often as the manifest says, also while it starts`() {
    a.start(limited { $0.memory = 100 })
    a.tell(.mainStarted(a.main))
    a.pass(.milliseconds(4))
    a.tell(.probed(.failed(nil)))
    a.now = a.now + .milliseconds(4996)
    #expect(a.tell(.timePassed) == [.probe(.listening([8000]))])
    #expect(a.tell(.timePassed) == [.sample(memoryLimit: 100)])
    a.tell(.probed(.passed))
    #expect(a.pass(.seconds(5)) == [.sample(memoryLimit: 100)])
  }

  @Test mutating func `too much memory ends it, with the process that has most`() {
    a.bringUp(limited { $0.memory = 100 })
    a.tell(sample(0, memory: 100))
    #expect(a.isReady)
    a.tell(sample(0, memory: 101))
    a.end(.signal("TERM"))
    #expect(a.ending?.kind == .stopped)
    #expect(a.ending?.reason == .exceeded(.memory(101, limit: 100, largest: 7)))
  }

  @Test mutating func `cpu is averaged over the samples`() {
    a.bringUp(
      limited {
        $0.cpu = 50
        $0.samples = 2
      })
    for used in [0.0, 5.0, 5.0, 10.0] {
      a.pass(.seconds(5))
      a.tell(sample(used))
      #expect(a.isReady)
    }
    a.pass(.seconds(5))
    a.tell(sample(15))
    #expect(a.cause == .exceeded(.cpu(100, limit: 50, over: .seconds(10))))
  }

  @Test mutating func `time counts from the launch, and ends it while it starts too`() {
    a.start(limited { $0.maxRuntime = .seconds(10) })
    a.now = a.now + .seconds(1)
    a.tell(.mainStarted(a.main))
    a.pass(.seconds(1))
    a.now = a.now + .seconds(8)
    // The look that nobody answered is over by then, and the next one due.
    for _ in 0..<3 { a.tell(.timePassed) }
    #expect(a.cause == .exceeded(.runtime(limit: .seconds(10))))
  }

  @Test mutating func `what exceeds is launched again where the manifest says so`() {
    a.bringUp(
      limited {
        $0.memory = 100
        $0.onExceed = .restart
      })
    a.tell(sample(0, memory: 101))
    a.end(.signal("TERM"))
    #expect(a.pause != nil)
  }

  @Test mutating func `what is ready before its keeper says that it runs is measured all the same`()
  {
    a.start(
      made("a") {
        $0.readiness.check = .notify
        $0.limits.memory = 100
        $0.limits.maxRuntime = .seconds(60)
      })
    a.tell(.notified(.ready))
    #expect(a.isReady)
    a.tell(.mainStarted(a.main))
    #expect(a.pass(.seconds(5)) == [.sample(memoryLimit: 100)])
  }

  @Test mutating func `a launch that was taken over is measured on, and keeps its time`() {
    a.bringUp(
      limited {
        $0.memory = 100
        $0.maxRuntime = .seconds(60)
      })
    guard let launch = a.machine.life.launch else { return }
    a.now = a.now + .seconds(56)
    a.machine = ServiceMachine(
      name: "a", life: ServiceLife(takingOver: launch, exit: nil, known: nil, at: a.now))
    a.tell(.timePassed)
    a.tell(.probed(.passed))
    #expect(a.machine.deadline == a.now + .seconds(4))
    a.pass(.seconds(4))
    #expect(a.cause == .exceeded(.runtime(limit: .seconds(60))))
  }
}
