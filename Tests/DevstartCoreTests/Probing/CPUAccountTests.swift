import DevstartCore
import Testing

@Suite struct CPUAccountTests {
  private func entry(_ pid: Int32, _ own: UInt64, _ reaped: UInt64 = 0) -> CPUAccount.Entry {
    CPUAccount.Entry(ProcessIdentity(pid: pid, startTicks: 1), own: own, reaped: reaped)
  }

  /// The total after each reading.
  private func totals(_ readings: [CPUAccount.Entry]...) -> [UInt64] {
    var account = CPUAccount()
    return readings.map { reading in
      account.take(reading)
      return account.ticks
    }
  }

  @Test func `the living count with what they have reaped`() {
    #expect(totals([entry(1, 10, 5), entry(2, 3)], [entry(1, 12, 5), entry(2, 9)]) == [18, 26])
    #expect(totals([], [entry(1, 7)]) == [0, 7])
  }

  @Test func `who is reaped is counted once`() {
    #expect(totals([entry(1, 0), entry(2, 100)], [entry(1, 0, 104)]) == [100, 104])
    #expect(totals([entry(1, 0)], [entry(1, 0, 50)]) == [0, 50])
    // With all its own reaped children, by whoever adopted it.
    #expect(totals([entry(1, 0), entry(2, 60, 40)], [entry(1, 0, 130)]) == [100, 130])
  }

  @Test func `who ends between two looks at one reading makes no jump at the next`() {
    // 1 was read before it reaped 2.
    #expect(
      totals([entry(1, 5), entry(2, 100)], [entry(1, 6)], [entry(1, 7, 103)], [entry(1, 8, 103)])
        == [105, 106, 110, 111])
  }

  @Test func `the time of those that nobody waits for is not taken from the others`() {
    #expect(
      totals(
        [entry(1, 0), entry(2, 100)], [entry(1, 10), entry(3, 90)], [entry(1, 20), entry(4, 90)])
        == [100, 200, 300])
  }

  @Test func `a debt that is not paid at the next reading is forgotten`() {
    #expect(
      totals([entry(1, 0), entry(2, 100)], [entry(1, 0)], [entry(1, 0)], [entry(1, 0, 70)])
        == [100, 100, 100, 170])
  }

  @Test func `who was overlooked once is not counted again`() {
    #expect(
      totals([entry(1, 0), entry(2, 100)], [entry(1, 1)], [entry(1, 2), entry(2, 105)])
        == [100, 101, 107])
  }

  @Test func `another process with the same number is another process`() {
    var account = CPUAccount()
    account.take([entry(1, 100)])
    account.take([CPUAccount.Entry(ProcessIdentity(pid: 1, startTicks: 2), own: 30, reaped: 0)])
    #expect(account.ticks == 130)
  }

  @Test func `the total never becomes less`() {
    var account = CPUAccount()
    var numbers = SystemRandomNumberGenerator()
    var last: UInt64 = 0
    for _ in 0..<2000 {
      account.take(
        (1...4).filter { _ in Bool.random(using: &numbers) }.map {
          entry($0, .random(in: 0...100, using: &numbers), .random(in: 0...100, using: &numbers))
        })
      #expect(account.ticks >= last)
      last = account.ticks
    }
  }
}
