import CDevstart
import Foundation
import Synchronization

/// Something that blocks, done on a thread of its own: a test's own thread is one of few.
package final class OtherThread<Value: Sendable>: Sendable {
  private let result = Mutex<Value?>(nil)
  private let ends: (read: Int32, write: Int32)

  package init(_ body: @escaping @Sendable () -> Value) {
    var pipe: [Int32] = [-1, -1]
    cd_pipe(&pipe)
    ends = (pipe[0], pipe[1])
    Thread.detachNewThread { [self] in
      let value = body()
      result.withLock { $0 = value }
      close(ends.write)
    }
  }

  deinit { close(ends.read) }

  /// Waits for the end; false where the time passes first.
  package func hasEnded(within time: Duration) -> Bool { Poll.isReadable(ends.read, within: time) }

  /// What came of it; throws where it does not end.
  package func value(within time: Duration = .seconds(15)) throws -> Value {
    guard hasEnded(within: time), let value = result.withLock({ $0 }) else {
      throw TimedOut(description: "the other thread does not end")
    }
    return value
  }
}
