import DevstartCore
import Testing

@Suite struct FileChangeTests {
  private var a = ServiceDriver()

  private func watching(
    _ signal: Signal? = nil, change: (inout Service) -> Void = { _ in }
  ) -> Service {
    made("a") { service in
      service.watch = Watch(paths: ["*"])
      service.watch?.signal = signal
      change(&service)
    }
  }

  private mutating func change() { a.tell(.filesChanged("a.py")) }

  private mutating func changeAndSettle() -> [ServiceEffect] {
    change()
    return a.pass(.milliseconds(300))
  }

  @Test mutating func `changes count once, when the last has settled`() {
    a.bringUp(watching())
    change()
    a.pass(.milliseconds(200))
    change()
    #expect(a.pass(.milliseconds(299)) == [])
    a.pass(.milliseconds(1))
    #expect(a.cause == .filesChanged("a.py"))
    #expect(a.end(.signal("TERM")).relaunched == "1.2")
    a.begin()
    #expect(a.machine.deadline == nil)
  }

  @Test mutating func `a restart for files needs no policy and no budget`() {
    a.bringUp(watching { $0.restart.max = 0 })
    _ = changeAndSettle()
    #expect(a.end(.code(1)).relaunched == "1.2")
  }

  @Test mutating func `a signal is sent to main alone`() {
    a.bringUp(watching(.hangUp))
    #expect(changeAndSettle() == [.signalMain(.hangUp)])
    #expect(a.isReady)
  }

  @Test mutating func `nothing is watched that has no watch, or was stopped`() {
    a.bringUp(made("a"))
    change()
    #expect(a.machine.deadline == nil)
    a.bringUp(watching())
    a.stop()
    change()
    #expect(a.machine.deadline == nil)
  }

  @Test mutating func `what failed rests until its files change`() {
    a.bringUp(watching())
    a.end(.code(1))
    #expect(a.ending?.kind == .failed)
    #expect(changeAndSettle().relaunched == "1.2")
  }

  @Test mutating func `a change ends back-off`() {
    a.bringUp(
      watching {
        $0.restart.policy = .always
        $0.restart.backoff = .seconds(10)
      })
    a.end(.code(1))
    #expect(changeAndSettle().relaunched == "1.2")
  }

  @Test mutating func `a change while its remains are ended is followed by a launch`() {
    a.bringUp(watching())
    a.tell(.mainExited(.code(1)))
    #expect(changeAndSettle() == [])
    #expect(a.tell(.treeEmpty).relaunched == "1.2")
  }

  @Test mutating func `a launch that came after the change sees it`() {
    a.bringUp(
      watching {
        $0.restart.policy = .always
        $0.restart.backoff = .zero
      })
    change()
    a.pass(.milliseconds(100))
    #expect(a.end(.code(1)).relaunched == "1.2")
    a.begin()
    #expect(a.pass(.milliseconds(200)) == [])
    #expect(a.isReady)
  }

  @Test mutating func `a stop after the change is the last word`() {
    a.bringUp(watching())
    _ = changeAndSettle()
    a.tell(.stop(timeout: nil, isForced: false))
    #expect(a.end(.signal("TERM")).relaunched == nil)
    #expect(a.ending?.reason == .asked)
  }

  @Test mutating func `ten restarts within a minute are a loop, and the last`() {
    a.bringUp(watching())
    for _ in 0..<10 {
      _ = changeAndSettle()
      #expect(a.end(.signal("TERM")).relaunched != nil)
      a.begin()
    }
    _ = changeAndSettle()
    #expect(a.isReady)
    #expect(a.machine.files.endedBecause?.contains("10 times within a minute") == true)
    #expect(a.machine.watched == nil)
    a.start(watching(), "2")
    a.end(.signal("TERM"))
    a.tell(.permit)
    #expect(a.machine.watched != nil)
  }
}
