import Testing

@testable import DevstartCore

/// A clock that is set back or forward changes nothing: the machines know monotonic time alone, and
/// nothing of where it begins.
@Suite struct ClockTests {
  /// What a service that crashes, backs off, and is stopped makes of the same moments, `offset` on.
  private func life(from offset: Duration) -> (effects: [[ServiceEffect]], waits: [Duration?]) {
    var service = made("bot")
    service.restart.policy = .onFailure
    service.restart.backoff = .seconds(1)
    let caller = Caller(
      identity: ProcessIdentity(pid: 4, startTicks: 5), environment: [], umask: 0, limits: [])
    let specification = LaunchSpecification(
      project: "p", launch: "1", service: service, caller: caller)
    var machine = ServiceMachine(name: "bot")
    let start = Instant(nanoseconds: offset.nanoseconds)
    let main = ProcessIdentity(pid: 7, startTicks: 1)
    let steps: [(Duration, ServiceEvent)] = [
      (.zero, .want(specification)), (.zero, .permit), (.milliseconds(5), .mainStarted(main)),
      (.milliseconds(300), .timePassed), (.seconds(2), .mainExited(.code(1))),
      (.seconds(2), .treeEmpty), (.seconds(4), .timePassed), (.seconds(5), .mainStarted(main)),
      (.seconds(6), .timePassed), (.seconds(7), .stop(timeout: .seconds(3), isForced: false)),
      (.seconds(10), .timePassed), (.seconds(15), .timePassed), (.seconds(16), .treeEmpty),
    ]
    var effects: [[ServiceEffect]] = []
    var waits: [Duration?] = []
    for (time, event) in steps {
      effects.append(machine.handle(event, at: start + time))
      waits.append(machine.deadline.map { $0 - start })
    }
    return (effects, waits)
  }

  @Test(arguments: [Duration.seconds(86_400), .seconds(400 * 86_400)])
  func `a day more or less is the same life`(offset: Duration) {
    let (first, later) = (life(from: .zero), life(from: offset))
    #expect(first.effects == later.effects)
    #expect(first.waits == later.waits)
    #expect(first.waits.contains { $0 != nil })
  }
}
