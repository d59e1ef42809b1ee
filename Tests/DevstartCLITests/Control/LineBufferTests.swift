import DevstartControl
import Testing

@Suite struct LineBufferTests {
  private func lines(of pieces: [[UInt8]], limit: Int = 1000) throws -> [String] {
    var buffer = LineBuffer(limit: limit)
    var lines: [String] = []
    for piece in pieces {
      buffer.append(piece)
      while let line = try buffer.next() { lines.append(String(decoding: line, as: UTF8.self)) }
    }
    return lines
  }

  @Test func `lines come back whole however they arrive`() throws {
    let bytes = Array("one\n\ntwo ü\nrest".utf8)
    #expect(try lines(of: [bytes]) == ["one", "", "two ü"])
    #expect(try lines(of: bytes.map { [$0] }) == ["one", "", "two ü"])
    for cut in 0...bytes.count {
      #expect(try lines(of: [Array(bytes[..<cut]), Array(bytes[cut...])]).count == 3)
    }
  }

  @Test func `what follows the last line's end is known to be unfinished`() throws {
    var buffer = LineBuffer()
    #expect(buffer.rest.isEmpty)
    buffer.append(Array("a\nb".utf8))
    #expect(try buffer.next() == [UInt8(ascii: "a")])
    #expect(!buffer.rest.isEmpty)
    #expect(try buffer.next() == nil)
    buffer.append([UInt8(ascii: "\n")])
    #expect(try buffer.next() == [UInt8(ascii: "b")])
    #expect(buffer.rest.isEmpty)
  }

  @Test func `a line past the limit is an error before and after its end arrives`() throws {
    #expect(try lines(of: [Array("12345\n".utf8)], limit: 5) == ["12345"])
    #expect(throws: LineBuffer.TooLong.self) { try lines(of: [Array("123456\n".utf8)], limit: 5) }
    #expect(throws: LineBuffer.TooLong.self) { try lines(of: [Array("123456".utf8)], limit: 5) }
  }

  @Test func `many long lines are taken in order`() throws {
    var buffer = LineBuffer()
    for number in 0..<50 {
      buffer.append(Array("\(number) \(String(repeating: "x", count: 5000))\n".utf8))
    }
    for number in 0..<50 {
      let line = try #require(try buffer.next())
      #expect(String(decoding: line, as: UTF8.self).hasPrefix("\(number) "))
      buffer.append(Array("again\n".utf8))
    }
    #expect(try buffer.next()?.count == 5)
  }
}
