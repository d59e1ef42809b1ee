import DevstartCore
import Testing

@Suite struct LivenessTests {
  private var a = ServiceDriver()
  private let probe = Probe.http("http://localhost", status: nil)

  private func alive(
    _ policy: RestartPolicy = .never, failures: Int = 2,
    change: (inout Service) -> Void = { _ in }
  ) -> Service {
    made("a") { service in
      var liveness = Liveness(check: .probe(probe))
      liveness.failures = failures
      service.liveness = liveness
      service.restart.policy = policy
      change(&service)
    }
  }

  private func beating(_ policy: RestartPolicy = .never) -> Service {
    made("a") {
      $0.heartbeat = .seconds(30)
      $0.restart.policy = policy
    }
  }

  @Test mutating func `it is looked at again and again, once it is ready`() {
    a.bringUp(alive())
    for _ in 0..<3 {
      #expect(a.pass(.seconds(10) - .nanoseconds(1)) == [])
      #expect(a.pass(.nanoseconds(1)) == [.probe(probe)])
      #expect(a.tell(.probed(.passed)) == [])
    }
  }

  @Test mutating func `so many failures in a row make it unhealthy`() {
    a.bringUp(alive())
    a.pass(.seconds(10))
    a.tell(.probed(.failed("refused")))
    #expect(a.trouble == nil)
    a.pass(.seconds(10))
    a.tell(.probed(.failed("refused")))
    #expect(a.trouble == "http://localhost: refused, 2 times in a row")
  }

  @Test mutating func `an answer in between counts from the beginning`() {
    a.bringUp(alive())
    for result in [ProbeResult.failed(nil), .passed, .failed(nil)] {
      a.pass(.seconds(10))
      a.tell(.probed(result))
    }
    #expect(a.trouble == nil)
  }

  @Test mutating func `it is healthy again once it answers`() {
    a.bringUp(alive(failures: 1))
    a.pass(.seconds(10))
    a.tell(.probed(.failed(nil)))
    #expect(a.trouble != nil)
    a.pass(.seconds(10))
    a.tell(.probed(.passed))
    #expect(a.trouble == nil)
  }

  @Test mutating func `no answer in time is a failure, and the look is ended`() {
    a.bringUp(alive(failures: 1))
    a.pass(.seconds(10))
    #expect(a.pass(.seconds(5)) == [.endProbe])
    #expect(a.trouble == "http://localhost: no answer within 5.00 s")
  }

  @Test mutating func `what is unhealthy is restarted where it is restarted at all`() {
    a.bringUp(alive(.onFailure, failures: 1))
    a.pass(.seconds(10))
    let done = a.tell(.probed(.failed("refused")))
    #expect(done == [.note, .continueKeeper, .ask(.terminate, .group)])
    a.end(.signal("TERM"))
    #expect(a.pause != nil)
  }

  @Test mutating func `a look that is given up is ended once`() {
    a.bringUp(alive(.always, failures: 1))
    a.pass(.seconds(10))
    #expect(a.pass(.seconds(5)).count { $0 == .endProbe } == 1)
  }

  @Test mutating func `a stop ends the look that is under way`() {
    a.bringUp(alive())
    a.pass(.seconds(10))
    #expect(a.tell(.stop(timeout: nil, isForced: false)).first == .endProbe)
    #expect(a.tell(.probed(.passed)) == [])
  }

  @Test mutating func `each beat moves the moment of silence`() {
    a.bringUp(beating())
    for _ in 0..<3 {
      a.pass(.seconds(20))
      a.tell(.notified(.heartbeat))
    }
    a.pass(.seconds(29))
    #expect(a.trouble == nil)
    a.pass(.seconds(1))
    #expect(a.trouble == "no heartbeat for 30.0 s")
  }

  @Test mutating func `a beat after silence makes it healthy, and is waited for again`() {
    a.bringUp(beating())
    a.pass(.seconds(30))
    a.tell(.notified(.heartbeat))
    #expect(a.trouble == nil)
    a.pass(.seconds(30))
    #expect(a.trouble != nil)
  }

  @Test mutating func `an answer does not make up for silence, nor a beat for no answer`() {
    a.bringUp(alive(failures: 1) { $0.heartbeat = .seconds(15) })
    a.pass(.seconds(10))
    a.tell(.probed(.passed))
    a.pass(.seconds(5))
    #expect(a.trouble == "no heartbeat for 15.0 s")
    a.pass(.seconds(5))
    a.tell(.probed(.passed))
    #expect(a.trouble == "no heartbeat for 15.0 s")
    a.tell(.notified(.heartbeat))
    #expect(a.trouble == nil)
    a.pass(.seconds(10))
    a.tell(.probed(.failed("refused")))
    a.tell(.notified(.heartbeat))
    #expect(a.trouble == "http://localhost: refused")
  }

  @Test mutating func `its own word makes it unhealthy until it beats`() {
    a.bringUp(beating())
    a.tell(.notified(.livenessFailed))
    #expect(a.trouble == "it said WATCHDOG=trigger")
    a.tell(.notified(.heartbeat))
    #expect(a.trouble == nil)
  }

  @Test mutating func `its own word is enough to restart it`() {
    a.bringUp(beating(.onFailure))
    a.tell(.notified(.livenessFailed))
    #expect(a.cause == .unhealthy("it said WATCHDOG=trigger"))
  }

  @Test mutating func `who has said good-bye owes no sign of life, though it gives one more`() {
    a.bringUp(alive(.always, failures: 1) { $0.heartbeat = .seconds(15) })
    a.tell(.notified(.stopping))
    a.tell(.notified(.heartbeat))
    #expect(a.machine.deadline == nil)
    a.tell(.notified(.livenessFailed))
    #expect(a.isReady)
  }

  @Test mutating func `beats are liveness where the manifest says so`() {
    a.bringUp(
      made("a") {
        $0.liveness = Liveness(check: .notify)
        $0.liveness?.failures = 2
      })
    a.pass(.seconds(10))
    #expect(a.trouble == nil)
    a.pass(.seconds(10))
    #expect(a.trouble?.hasPrefix("no WATCHDOG=1 for 20.0 s") == true)
    a.tell(.notified(.heartbeat))
    a.pass(.seconds(5))
    a.tell(.notified(.heartbeat))
    a.pass(.seconds(5))
    #expect(a.trouble == nil)
  }

  @Test mutating func `a launch that was taken over is silent only once it was heard`() {
    a.bringUp(beating(.always))
    guard let launch = a.machine.life.launch else { return }
    var entry = StateFile.Entry()
    entry.ready = .init(launch: launch.id, after: .zero)
    a.machine = ServiceMachine(
      name: "a", life: ServiceLife(takingOver: launch, exit: nil, known: entry, at: a.now))
    a.pass(.seconds(60))
    #expect(a.isReady)
    a.tell(.notified(.heartbeat))
    a.pass(.seconds(30))
    #expect(a.cause == .unhealthy("no heartbeat for 30.0 s"))
  }

  @Test mutating func `what was found of a launch that is gone is nobody's`() {
    var driver = FleetDriver()
    let service = made("a") {
      $0.restart.policy = .always
      $0.restart.backoff = .zero
      $0.readiness.check = .notify
    }
    driver.start(1, [service])
    driver.begin("a")
    let old = driver.life("a").launch?.id ?? ""
    driver.end("a", .code(1))
    driver.handle(.launch(old, of: "a", .notified(.ready)))
    #expect(driver.life("a").launch?.readyAfter == nil)
    driver.begin("a")
    driver.handle(.launch("\(old).2", of: "a", .notified(.ready)))
    #expect(driver.life("a").launch?.readyAfter != nil)
  }

  @Test mutating func `the end of an earlier launch's stop command ends no other's`() {
    var a = ServiceDriver()
    a.bringUp(made("a") { $0.stop.command = .shell("stop") })
    a.tell(.stop(timeout: nil, isForced: false))
    let before = a.machine
    #expect(a.machine.hear(.stopCommandEnded, of: "0", at: a.now) == [])
    #expect(a.machine == before)
    #expect(a.tell(.stopCommandEnded) == [.ask(.terminate, .group)])
  }
}
