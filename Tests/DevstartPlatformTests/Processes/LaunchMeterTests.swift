import DevstartCore
import Foundation
import TestSupport
import Testing

@testable import DevstartPlatform

@Suite struct LaunchMeterTests {
  /// A fixture whose main stands for a keeper: what is measured is the tree below it.
  private final class Tree {
    let keeper: ProcessIdentity
    let gauge: TreeGauge
    private let main: ChildProcess
    private let records: String

    /// Returns when the words are performed.
    init(_ words: String, until mark: String = "settled") throws {
      records = "/tmp/devstart-meter-\(getpid())-\(UInt32.random(in: 0 ... .max))/records"
      try Files.write("", to: records)
      main = try ChildProcess(
        [Build.fixture] + words.split(separator: " ").map(String.init),
        environment: ["FIXTURE_PIDS=\(records)"])
      keeper = try main.identity()
      gauge = TreeGauge(keeper: keeper)
      let path = records
      try waitForFile(path, within: .seconds(30)) {
        $0.split(separator: "\n").contains { $0.hasPrefix(mark + " ") }
      }
    }

    deinit {
      for process in ProcessTable.descendants(of: keeper.pid) { kill(process, SIGKILL) }
      Files.remove((records as NSString).deletingLastPathComponent)
    }

    func pids(_ kind: String) -> [Int32] {
      Files.lines(records).compactMap { line in
        let fields = line.split(separator: " ")
        return fields.first.map(String.init) == kind ? Int32(fields[1]) : nil
      }
    }

    /// Waits until so many are alive below the keeper.
    func wait(forCount count: Int) {
      eventually("\(count) processes") { ProcessTable.descendants(of: keeper.pid).count == count }
    }
  }

  private let megabyte = 1 << 20

  @Test func `the time of the living, and of what they and the keeper have reaped, counts`() throws
  {
    let tree = try Tree("child { burn 100 child { burn 100 exit 0 } } child { burn 100 exit 0 }")
    tree.wait(forCount: 1)
    let sample = LaunchMeter().sample(tree.gauge, main: nil, memoryLimit: nil)
    #expect(sample.cpuSeconds > 0.25 && sample.cpuSeconds < 0.6)
  }

  @Test func `the time of who ends between two samples is neither lost nor counted twice`() throws {
    let gate = Gate("/tmp/devstart-gate-\(getpid())-\(UInt32.random(in: 0 ... .max))")
    defer { unlink(gate.path) }
    let tree = try Tree(
      "child { burn 200 gate \(gate.path) burn 100 exit 0 }", until: "at-gate")
    let meter = LaunchMeter()
    let first = meter.sample(tree.gauge, main: nil, memoryLimit: nil).cpuSeconds
    #expect(first > 0.15 && first < 0.3)
    gate.open()
    var last = first
    eventually("it is reaped") {
      let next = meter.sample(tree.gauge, main: nil, memoryLimit: nil).cpuSeconds
      #expect(next >= last)
      last = next
      return ProcessTable.descendants(of: tree.keeper.pid).isEmpty
    }
    let end = meter.sample(tree.gauge, main: nil, memoryLimit: nil).cpuSeconds
    #expect(end - first > 0.05 && end - first < 0.25)
  }

  @Test func `main alone is measured from open files, and alike`() throws {
    let tree = try Tree("child { fill 16 burn 50 }")
    let main = try #require(ProcessTable.stat(of: tree.pids("child")[0])).identity
    let quick = LaunchMeter().sample(tree.gauge, main: main, memoryLimit: nil)
    let slow = LaunchMeter().sample(tree.gauge, main: nil, memoryLimit: nil)
    #expect(quick == slow)
    #expect(quick.memoryBytes > 16 * megabyte && quick.cpuSeconds > 0.03)
    #expect(
      LaunchMeter().sample(of: [main.pid, .max], memoryLimit: nil).memoryBytes > 16 * megabyte)
  }

  @Test func `what is shared counts once, but only where the cheap sum passes the limit`() throws {
    let tree = try Tree("child { fill 64 child child }")
    tree.wait(forCount: 3)
    let meter = LaunchMeter()
    let cheap = meter.sample(tree.gauge, main: nil, memoryLimit: 1 << 40)
    #expect(cheap.memoryBytes >= 3 * 64 * megabyte && cheap.largest == nil)
    let exact = meter.sample(tree.gauge, main: nil, memoryLimit: 100 * megabyte)
    #expect(exact.memoryBytes >= 64 * megabyte && exact.memoryBytes < 90 * megabyte)
    let memory = ProcessTable.proportionalMemory(below: tree.keeper.pid)
    #expect(memory.isExact && abs(memory.bytes - exact.memoryBytes) < megabyte)
  }

  @Test func `the process with most memory is named`() throws {
    let tree = try Tree("child { fill 8 } setsid { fill 48 } child { fill 16 }")
    let sample = LaunchMeter().sample(tree.gauge, main: nil, memoryLimit: 60 * megabyte)
    #expect(sample.largest == tree.pids("setsid")[0])
    #expect(sample.memoryBytes > 72 * megabyte && sample.memoryBytes < 100 * megabyte)
  }

  @Test func `zombies have no memory, but their time`() throws {
    let tree = try Tree("child { zombies burn 50 }")
    let sample = LaunchMeter().sample(tree.gauge, main: nil, memoryLimit: 1)
    #expect(sample.largest == tree.pids("child")[0] && sample.cpuSeconds > 0.03)
    #expect(ProcessTable.proportionalMemory(below: tree.keeper.pid).isExact)
  }

  @Test func `a tree that is gone uses nothing more`() throws {
    let gone = ProcessIdentity(pid: .max, startTicks: 1)
    let sample = LaunchMeter().sample(TreeGauge(keeper: gone), main: gone, memoryLimit: 0)
    #expect(sample == Sample(cpuSeconds: 0, memoryBytes: 0, largest: nil))
    #expect(ProcessTable.proportionalMemory(below: .max) == ProportionalMemory())
  }

  @Test func `who may not be looked into counts with its resident size`() throws {
    // The first process is root's, and some systems hide it from root too.
    let stat = try #require(ProcessTable.stat(of: 1))
    let isReadable = Files.bytes("/proc/1/smaps_rollup")?.isEmpty == false
    let memory = ProcessTable.proportionalMemory(of: [stat])
    #expect(memory.isExact == isReadable && memory.largest?.pid == 1)
    #expect(isReadable || memory.bytes >= stat.residentPages * ProcessTable.pageSize)
  }

  @Test func `memory lines are read by their whole names`() {
    func sum(_ names: [StaticString], _ text: String) -> Int {
      Array(text.utf8).withUnsafeBufferPointer { MemoryLines.sum(of: names, in: $0) }
    }
    let rollup = """
      5561842d7000-7ffc15533000 ---p 00000000 00:00 0                          [rollup]
      Rss:                1612 kB
      Pss:                 414 kB
      Pss_Dirty:           116 kB
      Swap:                 99 kB
      SwapPss:              10 kB
      """
    #expect(sum(["Pss:", "SwapPss:"], rollup) == 424 * 1024)
    #expect(
      sum(["VmSwap:"], "Name:\tVmSwap:\nVmSwap:\t      12 kB\nHugetlbPages:\t 0 kB\n") == 12 * 1024)
    #expect(sum(["Pss:"], "") == 0 && sum(["Pss:"], "Pss:") == 0 && sum(["Pss:"], "Ps") == 0)
  }
}
