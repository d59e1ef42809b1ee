import DevstartCore
import Testing

@Suite struct ServiceMachineTests {
  private var machine = ServiceMachine(name: "a")
  private var now = Instant(nanoseconds: 1_000_000_000)
  private let main = ProcessIdentity(pid: 101, startTicks: 1)

  private mutating func tell(_ event: ServiceEvent) -> [ServiceEffect] {
    machine.handle(event, at: now)
  }

  private mutating func tell(_ event: LaunchEvent) -> [ServiceEffect] {
    machine.hear(event, of: machine.life.launch?.id ?? "none", at: now)
  }

  private mutating func pass(_ duration: Duration) -> [ServiceEffect] {
    now = now + duration
    return tell(.timePassed)
  }

  private func specification(_ service: Service, _ launch: String = "1") -> LaunchSpecification {
    LaunchSpecification(
      project: "p", launch: launch, service: service,
      caller: Caller(identity: main, environment: [], umask: 0, limits: []))
  }

  private mutating func start(_ service: Service = made("a")) {
    _ = tell(.want(specification(service)))
    _ = tell(.permit)
  }

  private mutating func bringUp(_ service: Service = made("a")) {
    start(service)
    _ = tell(.mainStarted(main))
    _ = tell(.probed(.passed))
  }

  private var ending: Ending? {
    machine.life.ending
  }

  private var step: Stopping.Step? {
    if case .stopping(_, let stopping) = machine.life { stopping.step } else { nil }
  }

  // MARK: Starting

  @Test mutating func `what is wanted waits until it is permitted`() {
    let wanted = specification(made("a"))
    #expect(tell(.permit) == [])
    #expect(tell(.want(wanted)) == [])
    #expect(machine.life == .waiting(wanted))
    #expect(tell(.permit) == [.launch(wanted)])
    #expect(machine.life.launch?.id == "1")
  }

  @Test mutating func `ports are probed soon, then less and less often`() {
    start()
    #expect(pass(.milliseconds(1)) == [])
    _ = tell(.mainStarted(main))
    var pauses: [Duration] = []
    for _ in 0..<6 {
      guard let next = machine.deadline else { break }
      pauses.append(next - now)
      #expect(pass(next - now) == [.probe(.listening([8000]))])
      #expect(tell(.probed(.failed(nil))) == [])
    }
    #expect(pauses.map(\.nanoseconds) == pauses.map(\.nanoseconds).sorted())
    #expect(pauses.first == .milliseconds(4))
    #expect(pauses.last == .milliseconds(50))
  }

  @Test mutating func `a probe that finds nothing changes nothing`() {
    start()
    _ = tell(.mainStarted(main))
    #expect(tell(.probed(.failed(nil))) == [])
    #expect(machine.life.launch?.readyAfter == nil)
    now = now + .milliseconds(70)
    _ = tell(.probed(.passed))
    #expect(machine.life.launch?.readyAfter == .milliseconds(70))
    #expect(machine.deadline == nil)
  }

  @Test mutating func `a delay makes ready by itself`() {
    start(made("a") { $0.readiness = .byDefault(ports: []) })
    _ = tell(.mainStarted(main))
    #expect(pass(.milliseconds(199)) == [])
    #expect(pass(.milliseconds(1)) == [])
    #expect(machine.life.launch?.readyAfter == .milliseconds(200))
  }

  @Test mutating func `what is not ready in time is stopped and failed`() {
    start()
    _ = tell(.mainStarted(main))
    #expect(pass(.seconds(1)) == [.probe(.listening([8000]))])
    _ = tell(.probed(.failed(nil)))
    #expect(pass(.seconds(29)) == [.probe(.listening([8000]))])
    #expect(tell(.timePassed) == [.endProbe, .note, .continueKeeper, .ask(.terminate, .group)])
    _ = tell(.mainExited(.signal("TERM")))
    #expect(tell(.treeEmpty) == [.note])
    #expect(ending?.kind == .failed)
    #expect(
      ending?.reason == .notReady(.probe(.listening([8000])), after: .seconds(30), found: nil))
  }

  @Test mutating func `what cannot be launched has failed`() {
    start()
    _ = tell(.launchFailed("no memory"))
    #expect(ending == Ending(.failed, .notLaunched("no memory")))
  }

  @Test mutating func `what cannot be launched is over though it is being stopped`() {
    start()
    _ = tell(.want(specification(made("a"), "2")))
    _ = tell(.launchFailed("no memory"))
    #expect(machine.life.planned?.launch == "2")
    #expect(machine.life.launch == nil)
  }

  @Test mutating func `what cannot be executed has failed with the reason`() {
    start()
    #expect(tell(.executionFailed("no such file")) == [.note, .continueKeeper, .kill])
    _ = tell(.mainExited(.code(127)))
    #expect(tell(.treeEmpty) == [.note, .stopKilling])
    #expect(ending == Ending(.failed, .notLaunched("no such file"), exit: .code(127)))
  }

  // MARK: Ending by itself

  @Test(arguments: [
    (DevstartCore.ExitStatus.code(0), Ending.Kind.completed), (.code(1), .failed),
    (.signal("SEGV"), .failed),
    (.signal("TERM"), .stopped), (.signal("INT"), .stopped), (.signal("HUP"), .stopped),
    (.signal("PIPE"), .stopped), (.code(143), .stopped), (.code(130), .stopped),
    (.signal("KILL"), .failed), (.unknown, .failed),
  ])
  mutating func `an end by itself is judged by its status`(
    status: DevstartCore.ExitStatus, kind: Ending.Kind
  ) {
    bringUp()
    #expect(tell(.mainExited(status)) == [.continueKeeper, .askRest(.terminate)])
    _ = tell(.treeEmpty)
    #expect(ending?.kind == kind)
    #expect(ending?.exit == status)
  }

  @Test mutating func `a stop of what ends by itself is noted: nothing is to follow`() {
    bringUp()
    _ = tell(.mainExited(.code(1)))
    #expect(tell(.stop(timeout: nil, isForced: false)) == [.note])
    #expect(tell(.stop(timeout: nil, isForced: false)) == [])
    #expect(tell(.treeEmpty) == [.note])
    #expect(ending == Ending(.stopped, .asked, exit: .code(1)))
  }

  @Test mutating func `a oneshot that ends with 0 is finished, and completed once nothing is left`()
  {
    start(made("a") { $0.isOneshot = true })
    _ = tell(.mainStarted(main))
    #expect(machine.deadline == nil)
    #expect(tell(.mainExited(.code(0))) == [])
    guard case .finished = machine.life else {
      Issue.record("\(machine.life)")
      return
    }
    _ = tell(.treeEmpty)
    #expect(ending?.kind == .completed)
  }

  @Test mutating func `an empty tree ends every state that has a launch`() {
    start()
    _ = tell(.treeEmpty)
    #expect(ending?.kind == .failed)
    bringUp()
    _ = tell(.treeEmpty)
    #expect(ending?.kind == .failed)
    bringUp()
    _ = tell(.stop(timeout: nil, isForced: true))
    #expect(tell(.treeEmpty) == [.note, .stopKilling])
    #expect(ending == Ending(.stopped, .asked))
    let before = machine
    #expect(tell(.treeEmpty) == [])
    #expect(machine.life == before.life)
    _ = tell(.want(specification(made("a"))))
    #expect(tell(.treeEmpty) == [])
    #expect(machine.life.planned != nil)
  }

  // MARK: Stopping

  @Test mutating func `stop asks, then kills, then names who is left`() {
    bringUp()
    #expect(
      tell(.stop(timeout: nil, isForced: false))
        == [.note, .continueKeeper, .ask(.terminate, .group)])
    #expect(pass(.seconds(9)) == [])
    #expect(pass(.seconds(1)) == [.kill])
    #expect(pass(.seconds(5)) == [.stopKilling, .nameSurvivors])
    #expect(step == .naming)
    let survivor = ReportedProcess(
      pid: 101, service: "a", user: "me", command: "a", reason: "", startedAt: 0, memoryBytes: 0)
    _ = tell(.survived([survivor]))
    #expect(step == .stuck)
    #expect(machine.lastStop?.survivors == [survivor])
    #expect(machine.deadline == nil)
    _ = tell(.treeEmpty)
    #expect(ending == Ending(.stopped, .asked))
  }

  @Test mutating func `main's end lets the rest hear the signal`() {
    bringUp()
    _ = tell(.stop(timeout: nil, isForced: false))
    #expect(tell(.mainExited(.signal("TERM"))) == [.askRest(.terminate)])
    _ = tell(.treeEmpty)
    #expect(ending == Ending(.stopped, .asked, exit: .signal("TERM")))
  }

  @Test mutating func `main that was forked after it was asked is asked again`() {
    start()
    _ = tell(.stop(timeout: nil, isForced: false))
    #expect(tell(.mainStarted(main)) == [.ask(.terminate, .group)])
    #expect(machine.life.launch?.main == main)
    _ = pass(.seconds(10))
    #expect(tell(.mainStarted(main)) == [])
  }

  @Test mutating func `no time means the signal and KILL at once`() {
    bringUp(made("a") { $0.stop.timeout = .zero })
    #expect(
      tell(.stop(timeout: nil, isForced: false))
        == [.note, .continueKeeper, .ask(.terminate, .group), .kill])
  }

  @Test mutating func `a second stop may have less time, or none`() {
    bringUp()
    _ = tell(.stop(timeout: nil, isForced: false))
    _ = tell(.stop(timeout: .seconds(1), isForced: false))
    #expect(machine.deadline == now + .seconds(1))
    #expect(tell(.stop(timeout: nil, isForced: true)) == [.kill])
    #expect(tell(.stop(timeout: nil, isForced: true)) == [])
  }

  @Test mutating func `a stop of what is stuck kills once more`() {
    bringUp()
    _ = tell(.stop(timeout: nil, isForced: true))
    _ = pass(.seconds(5))
    _ = tell(.survived([]))
    #expect(tell(.stop(timeout: nil, isForced: false)) == [.kill])
  }

  @Test mutating func `a stop drops what was planned`() {
    _ = tell(.want(specification(made("a"))))
    _ = tell(.stop(timeout: nil, isForced: false))
    #expect(ending == Ending(.stopped, .asked))
    bringUp()
    _ = tell(.want(specification(made("a"), "2")))
    #expect(machine.life.planned?.launch == "2")
    _ = tell(.stop(timeout: nil, isForced: false))
    #expect(machine.life.planned == nil)
  }

  // MARK: Stop commands

  private var commanded: Service { made("a") { $0.stop.command = .shell("bye") } }

  @Test mutating func `the stop command comes before the signal`() {
    bringUp(commanded)
    #expect(
      tell(.stop(timeout: nil, isForced: false))
        == [.note, .continueKeeper, .runStopCommand(.shell("bye"))])
    #expect(tell(.stopCommandEnded) == [.ask(.terminate, .group)])
    #expect(tell(.stopCommandEnded) == [])
  }

  @Test mutating func `a stop command that takes too long is ended`() {
    bringUp(commanded)
    _ = tell(.stop(timeout: nil, isForced: false))
    #expect(pass(.seconds(10)) == [.endStopCommand, .ask(.terminate, .group)])
  }

  @Test mutating func `less time holds for the stop command too`() {
    bringUp(commanded)
    _ = tell(.stop(timeout: nil, isForced: false))
    _ = tell(.stop(timeout: .seconds(1), isForced: false))
    #expect(machine.deadline == now + .seconds(1))
  }

  @Test mutating func `force ends the stop command and kills`() {
    bringUp(commanded)
    _ = tell(.stop(timeout: nil, isForced: false))
    #expect(tell(.stop(timeout: nil, isForced: true)) == [.endStopCommand, .kill])
  }

  @Test mutating func `no stop command is run for what ended by itself`() {
    bringUp(commanded)
    #expect(tell(.mainExited(.code(1))) == [.continueKeeper, .askRest(.terminate)])
  }
}
