import DevstartCore
import TestSupport
import Testing

@Suite struct LogCutTests {
  @Test func `of all line ends, the one with the smallest rest is taken, and the last of those`() {
    var generator = SeededRandom(seed: 23)
    let block = 16
    var withoutRest = 0
    for _ in 0..<5_000 {
      let longest = Int.random(in: 1...40, using: &generator)
      var file: [UInt8] = []
      while file.count < 300 {
        file += [UInt8](repeating: 0x61, count: Int.random(in: 0...longest, using: &generator))
        file.append(0x0a)
      }
      let size = Int.random(in: 40...300, using: &generator)
      let start = Int.random(in: 0...(size / block - 1), using: &generator) * block
      let cut = LogCut.best(in: Array(file[start..<size]), at: start, block: block, size: size)
      let ends = (max(start, block - 1)..<size).filter { file[$0] == 0x0a }.map { $0 + 1 }
        .filter { $0 >= block && $0 / block * block < size }
      let best = ends.min { ($0 % block, -$0) < ($1 % block, -$1) }
      #expect(cut?.end == best)
      if let cut {
        #expect(cut.removed % block == 0 && cut.filler == cut.end % block)
        if cut.filler == 0 { withoutRest += 1 }
      }
    }
    #expect(withoutRest > 1_000)
  }

  @Test func `where no line ends, or nothing would remain, there is no cut`() {
    let letters = [UInt8](repeating: 0x61, count: 64)
    #expect(LogCut.best(in: letters, at: 0, block: 16, size: 64) == nil)
    #expect(LogCut.best(in: [], at: 16, block: 16, size: 16) == nil)
    let oneLine = letters.dropLast() + [0x0a]
    #expect(LogCut.best(in: Array(oneLine), at: 0, block: 16, size: 64) == nil)
    let cut = LogCut.best(in: Array(oneLine), at: 0, block: 16, size: 65)
    #expect(cut.map { [$0.end, $0.removed, $0.filler] } == [64, 64, 0])
    #expect(LogCut.withinLine(before: 64, block: 16)?.end == 48)
    #expect(LogCut.withinLine(before: 16, block: 16) == nil)
  }
}
