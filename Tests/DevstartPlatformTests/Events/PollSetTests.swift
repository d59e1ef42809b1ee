import DevstartCore
import DevstartPlatform
import Glibc
import Testing

@Suite struct PollSetTests {
  private struct Pair: ~Copyable {
    let near: OwnedDescriptor
    let far: OwnedDescriptor
  }

  private func pair() throws -> Pair {
    var ends: [Int32] = [-1, -1]
    try systemCall("socketpair") {
      socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends)
    }
    return Pair(near: OwnedDescriptor(owning: ends[0]), far: OwnedDescriptor(owning: ends[1]))
  }

  private func ready(_ poll: inout PollSet<String>) throws -> [String] {
    try poll.wait(until: Clock.now()).sources.sorted()
  }

  @Test func `a source waits for writing only while it says so`() throws {
    let one = try pair()
    let other = try pair()
    var poll = PollSet<String>()
    poll.add(one.near.number, "one", forWriting: true)
    poll.add(other.near.number, "other")
    #expect(try ready(&poll) == ["one"])
    poll.change(one.near.number, forWriting: false)
    #expect(try ready(&poll) == [])
    poll.change(other.near.number, forWriting: true)
    #expect(try ready(&poll) == ["other"])
    #expect(write(one.far.number, "x", 1) == 1)
    #expect(try ready(&poll) == ["one", "other"])
    poll.remove(other.near.number)
    poll.change(other.near.number, forWriting: true)
    #expect(try ready(&poll) == ["one"])
  }
}
