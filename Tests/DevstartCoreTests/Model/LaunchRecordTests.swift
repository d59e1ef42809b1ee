import DevstartCore
import Testing

@Suite struct LaunchRecordTests {
  private let folder = LaunchRecord.FolderIdentity(device: 2049, inode: 131_072)
  private let world = ProcessWorld(bootID: "07072d62", pidNamespace: 4_026_531_836)

  private var head: String { LaunchRecord.head(launch: "0f3c", folder: folder, world: world) }

  @Test func `a record says what its keeper has written so far`() throws {
    let begun = head + "keeper 4711 123456\nmain 0 0\n"
    let record = try #require(LaunchRecord(parsing: begun))
    #expect(record.launch == "0f3c")
    #expect(record.folder == folder)
    #expect(record.world == world)
    #expect(record.keeper == ProcessIdentity(pid: 4711, startTicks: 123_456))
    #expect(record.main == nil)
    let running = head + "keeper 4711 123456\nmain 4712 123457\n"
    #expect(
      LaunchRecord(parsing: running)?.main == ProcessIdentity(pid: 4712, startTicks: 123_457))
    #expect(LaunchRecord(parsing: running)?.exit == nil)
    #expect(LaunchRecord(parsing: running + "exit code 3\n")?.exit == .code(3))
    #expect(LaunchRecord(parsing: running + "exit signal 9\n")?.exit == .signal(9))
    #expect(LaunchRecord(parsing: running + "exit code 3\n")?.isTreeEmpty == false)
    #expect(LaunchRecord(parsing: running + "exit code 3\nempty\n")?.isTreeEmpty == true)
  }

  @Test func `half a record is none`() {
    let whole = head + "keeper 4711 123456\nmain 4712 123457\n"
    for count in 0..<whole.count - 20 {
      #expect(LaunchRecord(parsing: String(whole.prefix(count))) == nil, "\(count)")
    }
    for text in ["", "\n", "0\n", "4712\n", whole.replacing("4711", with: "-1")] {
      #expect(LaunchRecord(parsing: text) == nil)
    }
  }
}
